"""Which figures a campaign's letter asks for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("campaign", sa.Column("figures", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("campaign", "figures")
