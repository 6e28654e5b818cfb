"""Until when a unit's figures were opened again, and the leader who allowed it."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lock_step", sa.Column("until", sa.BigInteger(), nullable=True))
    op.add_column("lock_step", sa.Column("person", sa.String(length=200), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("person", "until"):
        op.drop_column("lock_step", name)
