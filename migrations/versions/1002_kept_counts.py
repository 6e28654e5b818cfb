"""Of each stream in the kept sums, how many records wait for somebody, and how many are in a figure."""

import sqlalchemy as sa
from alembic import op

revision = "1002"
down_revision = "1001"
branch_labels = None
depends_on = None

COUNTS = ("waiting", "amended", "returned", "in_a_figure")


def upgrade() -> None:
    for name in COUNTS:
        op.add_column("summed_stream", sa.Column(name, sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    for name in COUNTS:
        op.drop_column("summed_stream", name)
