"""A unit's own Word template of a report is a form with the names that it uses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("report_form", sa.Column("tags", JSON, nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM report_form WHERE tags IS NOT NULL")
    op.drop_column("report_form", "tags")
