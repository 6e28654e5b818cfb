"""When a record's latest write was first received, due dates by level, and seals that are taken back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STANDS = sa.text("taken_back_at IS NULL")


def upgrade() -> None:
    for table in ("record", "stream"):
        op.add_column(table, sa.Column("received_at", sa.BigInteger(), nullable=False, server_default="0"))
    # Backfill from the writes. A purged record keeps its writes' rows, so it is covered too.
    for table, key in (("record", "record_id"), ("stream", "stream_id")):
        latest = f"SELECT max(received_at) FROM write WHERE write.{key} = {table}.id"  # noqa: S608  # names of ours
        op.execute(f"UPDATE {table} SET received_at = coalesce(({latest}), 0)")  # noqa: S608  # names of ours
    op.create_index("ix_record_stream_id_received_at", "record", ["stream_id", "received_at"], unique=False)
    op.add_column("campaign", sa.Column("due_levels", JSON, nullable=False, server_default="{}"))
    op.add_column("seal", sa.Column("taken_back_at", sa.BigInteger(), nullable=True))
    op.add_column("seal", sa.Column("taken_back_by", sa.String(length=16), nullable=True))
    op.add_column("seal", sa.Column("reason", sa.String(length=2000), nullable=False, server_default=""))
    op.drop_index("ix_seal_stream_id_position", "seal")
    op.create_index(
        "ix_seal_stream_id_position",
        "seal",
        ["stream_id", "position"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def downgrade() -> None:
    op.execute("DELETE FROM seal WHERE taken_back_at IS NOT NULL")
    op.drop_index("ix_seal_stream_id_position", "seal")
    op.create_index("ix_seal_stream_id_position", "seal", ["stream_id", "position"], unique=True)
    for column in ("reason", "taken_back_by", "taken_back_at"):
        op.drop_column("seal", column)
    op.drop_column("campaign", "due_levels")
    op.drop_index("ix_record_stream_id_received_at", "record")
    for table in ("stream", "record"):
        op.drop_column(table, "received_at")
