"""Spots of photos, by which a copy is found that was covered or is small within something. All are compared anew."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo_windows", sa.Column("spots", sa.LargeBinary(), nullable=False, server_default=""))
    # At 0: nobody waits for these. Their records were judged with what was known.
    op.execute(
        "INSERT INTO likeness_pending (sha256, at) SELECT DISTINCT sha256, 0 FROM photo_windows "
        "WHERE sha256 NOT IN (SELECT sha256 FROM likeness_pending)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM likeness_pending WHERE at = 0")
    op.drop_column("photo_windows", "spots")
