"""A role that ended lets writes in for 30 days, whatever the device knows (SPEC L-8)."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("device", "scope_seen_at")


def downgrade() -> None:
    op.add_column("device", sa.Column("scope_seen_at", sa.BigInteger(), nullable=True))
