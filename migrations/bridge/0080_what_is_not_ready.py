"""What is not ready is counted from its index alone, under all that a queue asks of it."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

NAME, APART = "ix_record_readiness", sa.text("readiness IS NOT NULL")
BEFORE = ("stream_id", "readiness")
NOW = (*BEFORE, "state", "conflicted", "kind", "hint")


def upgrade() -> None:
    _made(NOW)


def downgrade() -> None:
    _made(BEFORE)


def _made(columns: tuple[str, ...]) -> None:
    op.drop_index(NAME, "record")
    op.create_index(NAME, "record", list(columns), sqlite_where=APART, postgresql_where=APART)
