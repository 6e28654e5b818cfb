"""What lists and searches read of each record: its day, place, slogan and words (sync/record.py)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from sync.record import State, findable
from sync.registry import KINDS
from sync.write import Write

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
AT_ONCE = 500
KEEP = """
INSERT INTO stream_word (stream_id, word, campaign_id) VALUES (:stream_id, :word, :campaign_id) ON CONFLICT DO NOTHING
"""
LISTED_BY = (
    ["campaign_id", "day", "record_id"],
    ["stream_id", "day", "record_id"],
    ["campaign_id", "kind", "number"],
)
RECORD = sa.table(
    "record",
    *map(sa.column, ("id", "stream_id", "kind", "number", "created_at", "state")),
    sa.column("survivors", JSON),
)
STREAM = sa.table("stream", sa.column("id"), sa.column("campaign_id"))
WRITE = sa.table("write", *map(sa.column, ("id", "record_id", "at")), sa.column("set", JSON))


def upgrade() -> None:
    listed = op.create_table(
        "listed_record",
        sa.Column("record_id", sa.String(16), sa.ForeignKey("record.id"), nullable=False),
        sa.Column("stream_id", sa.String(16), sa.ForeignKey("stream.id"), nullable=False),
        sa.Column("campaign_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("slogan", sa.String(64), nullable=False),
        sa.Column("photos", sa.Boolean(), nullable=False),
        sa.Column("lat_e6", sa.Integer(), nullable=True),
        sa.Column("lon_e6", sa.Integer(), nullable=True),
        sa.Column("words", WORD, nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_table(
        "stream_word",
        sa.Column("stream_id", sa.String(16), sa.ForeignKey("stream.id"), nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.Column("campaign_id", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "word"),
    )
    for rows, words in _batches():
        op.get_bind().execute(listed.insert(), rows)
        if words:
            op.get_bind().execute(sa.text(KEEP), words)
    for columns in LISTED_BY:
        op.create_index(f"ix_listed_record_{'_'.join(columns)}", "listed_record", columns, unique=False)
    columns = ["campaign_id", "word", "stream_id"]
    op.create_index(f"ix_stream_word_{'_'.join(columns)}", "stream_word", columns, unique=False)


def downgrade() -> None:
    op.drop_table("stream_word")
    op.drop_table("listed_record")


def _batches() -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """The rows of what is there, some hundred records at a time."""
    every = sa.select(RECORD, STREAM.c.campaign_id).join(STREAM, STREAM.c.id == RECORD.c.stream_id)
    every = every.where(RECORD.c.state != "purged", RECORD.c.kind.not_in(KINDS.acts())).order_by(RECORD.c.id)
    last = ""
    while records := op.get_bind().execute(every.where(RECORD.c.id > last).limit(AT_ONCE)).all():
        last = records[-1].id
        ids = {id_ for record in records for alive in record.survivors.values() for id_ in alive}
        held = _held(sorted(ids))
        rows, words = [], set[tuple[str, str, str]]()
        for record in records:
            fields = {name: tuple(held[id_] for id_ in alive) for name, alive in record.survivors.items()}
            found = findable(KINDS.get(record.kind), State(fields))
            lat, lon = found.place or (None, None)
            kept = {name: getattr(record, name) for name in ("stream_id", "campaign_id", "kind", "number")}
            day = found.day or _day(record.created_at)
            more = {"day": day, "slogan": found.slogan, "photos": found.photos, "lat_e6": lat, "lon_e6": lon}
            more["words"] = f" {' '.join(found.words)} "
            rows.append({"record_id": record.id, **kept, **more})
            words |= {(record.stream_id, word, record.campaign_id) for word in found.words}
        names = ("stream_id", "word", "campaign_id")
        yield rows, [dict(zip(names, each, strict=True)) for each in sorted(words)]


def _held(ids: list[str]) -> dict[str, Write]:
    found = {}
    for at in range(0, len(ids), 5_000):
        query = sa.select(WRITE.c.id, WRITE.c.record_id, WRITE.c.at, WRITE.c.set.label("fields"))
        query = query.where(WRITE.c.id.in_(ids[at : at + 5_000]))
        for row in op.get_bind().execute(query):
            found[row.id] = Write(id=row.id, at=row.at, record=row.record_id, set=row.fields)
    return found


def _day(at: int) -> str:
    """The day of a moment in Việt Nam, which keeps UTC+7 all year."""
    return (datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=7)).date().isoformat()
