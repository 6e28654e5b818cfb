"""How many records say something of a figure, with 0 among them: a unit's 0 needs one (SPEC F-33, F-34)."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tally", sa.Column("said", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("tally", "said")
