"""What each device last told of the work that is on it alone."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

COLUMNS = {
    "held_writes": sa.Integer(),
    "held_photos": sa.Integer(),
    "held_bytes": sa.BigInteger(),
    "held_at": sa.BigInteger(),
}


def upgrade() -> None:
    for name, type_ in COLUMNS.items():
        op.add_column("device", sa.Column(name, type_, nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("device", name)
