"""The last day of a letterhead, for a deputy who signs for a time, and by which paper somebody signs."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letterhead", sa.Column("valid_to", sa.Date(), nullable=True))
    op.add_column("letterhead", sa.Column("mandate", sa.String(length=300), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("mandate", "valid_to"):
        op.drop_column("letterhead", name)
