"""What each device sent of late, beside when it was last seen: a push updates that row anyway."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS = {"quota_minute": sa.Integer(), "quota_pushes": sa.Integer(), "quota_day": sa.Integer()}


def upgrade() -> None:
    for name, type_ in COLUMNS.items():
        op.add_column("device", sa.Column(name, type_, nullable=False, server_default="0"))
    op.add_column("device", sa.Column("quota_bytes", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    for name in ("quota_bytes", *reversed(COLUMNS)):
        op.drop_column("device", name)
