"""Parts of photos that may be photos by themselves, and how like photos lie over each other. All are compared anew."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("photo_windows", sa.Column("parts", sa.LargeBinary(), nullable=False, server_default=""))
    op.add_column("photo_match", sa.Column("laid", JSON, nullable=False, server_default="[]"))
    # At 0: nobody waits for these. Their records were judged with what was known.
    op.execute(
        "INSERT INTO likeness_pending (sha256, at) SELECT DISTINCT sha256, 0 FROM photo_windows "
        "WHERE sha256 NOT IN (SELECT sha256 FROM likeness_pending)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM likeness_pending WHERE at = 0")
    op.drop_column("photo_match", "laid")
    op.drop_column("photo_windows", "parts")
