"""Indexes by which lists of a million records are counted and shown."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

APART = sa.text("conflicted OR state = 'amended'")
SQLITE_APART = sa.text("conflicted = 1 OR state = 'amended'")
"""SQLite uses the index only for a query that says the condition in these words."""


def upgrade() -> None:
    op.drop_index("ix_record_stream_id_received_at", "record")
    late = ["stream_id", "received_at", "state", "kind"]
    op.create_index("ix_record_stream_id_received_at_state_kind", "record", late)
    op.create_index("ix_record_apart", "record", ["stream_id"], sqlite_where=SQLITE_APART, postgresql_where=APART)
    days = ["campaign_id", "kind", "day", "record_id"]
    op.create_index("ix_listed_record_campaign_id_kind_day_record_id", "listed_record", days)


def downgrade() -> None:
    op.drop_index("ix_listed_record_campaign_id_kind_day_record_id", "listed_record")
    op.drop_index("ix_record_apart", "record")
    op.drop_index("ix_record_stream_id_received_at_state_kind", "record")
    op.create_index("ix_record_stream_id_received_at", "record", ["stream_id", "received_at"])
