"""When a draft of a campaign was made: an older one may have been published before a restore (SPEC B-14)."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter_draft", sa.Column("made_at", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("letter_draft", "made_at")
