"""Whether a file of a campaign in preparation advertises the hotline; null where nobody said so."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter_draft_file", sa.Column("hotline", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("letter_draft_file", "hotline")
