"""Whether a script or a design advertises the hotline, for the records that use it; null where nobody said so."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign_file", sa.Column("hotline", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("campaign_file", "hotline")
