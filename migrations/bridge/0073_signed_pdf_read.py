"""What was read of a signed PDF: pages with text, pages that are pictures, and what of its text is not the paper's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("paper_file", sa.Column("written", sa.Integer(), nullable=True))
    op.add_column("paper_file", sa.Column("pictures", sa.Integer(), nullable=True))
    op.add_column("paper_file", sa.Column("unfit", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    for name in ("unfit", "pictures", "written"):
        op.drop_column("paper_file", name)
