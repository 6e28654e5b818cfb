"""What a record does not say of a yes or no with three answers, for lists (SPEC F-25)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = ("banner", "broadcast", "event", "leaflet", "media", "mobile", "panel")
AT_ONCE = 1_000


def upgrade() -> None:
    op.add_column("listed_record", sa.Column("answer", sa.String(6), nullable=True))
    _fill()
    op.create_index(
        "ix_listed_record_answer",
        "listed_record",
        ["campaign_id", "answer", "day", "record_id"],
        sqlite_where=sa.text("answer IS NOT NULL"),
        postgresql_where=sa.text("answer IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_listed_record_answer", "listed_record")
    op.drop_column("listed_record", "answer")


def _fill() -> None:
    connection, last = op.get_bind(), ""
    listed = sa.table("listed_record", sa.column("record_id"), sa.column("answer"))
    record = sa.table("record", sa.column("id"), sa.column("kind"), sa.column("survivors", JSON))
    write = sa.table("write", sa.column("id"), sa.column("set", JSON))
    every = sa.select(record.c.id, record.c.survivors).join(listed, listed.c.record_id == record.c.id)
    every = every.where(record.c.kind.in_(KINDS)).order_by(record.c.id).limit(AT_ONCE)
    while rows := connection.execute(every.where(record.c.id > last)).all():
        last = rows[-1].id
        ids = {id_ for row in rows for name in ("hotline", "hotline_by") for id_ in row.survivors.get(name, ())}
        found = connection.execute(sa.select(write.c.id, write.c.set).where(write.c.id.in_(sorted(ids))))
        sets = {row.id: row.set for row in found}
        for answer in ("unsaid", "old"):
            those = [row.id for row in rows if _answer(row.survivors, sets) == answer]
            if those:
                connection.execute(sa.update(listed).where(listed.c.record_id.in_(those)).values(answer=answer))


def _answer(survivors: dict[str, list[str]], sets: dict[str, dict[str, Any]]) -> str:
    """What sync.record says of it; empty if it is answered, or in a conflict."""
    said, by = (
        [sets[id_][name] for id_ in survivors.get(name, ()) if id_ in sets] for name in ("hotline", "hotline_by")
    )
    if any(value != said[0] for value in said):
        return ""
    if not said or said[0] is None:
        return "unsaid"
    return "old" if said[0] is True and all(value is None for value in by) else ""
