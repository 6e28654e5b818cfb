"""What lists of a million are counted by: the worst grade of hints, amended records behind a figure, an order."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

HINTED = sa.text("hint IS NOT NULL")
LAST = 7
"""The rank of most records: not in conflict, and nothing to do."""
# Each row is written once. `look`, the worse of the two grades, comes before `note`.
RANKED = """
UPDATE record SET hint = (SELECT MIN(h.grade) FROM hint h WHERE h.record_id = record.id),
  rank = CASE WHEN conflicted THEN 0 ELSE 4 END
    + CASE state WHEN 'amended' THEN 0 WHEN 'waiting' THEN 1 WHEN 'returned' THEN 2 ELSE 3 END
WHERE conflicted OR state IN ('amended', 'waiting', 'returned') OR id IN (SELECT record_id FROM hint)
"""
LISTED = """
UPDATE listed_record SET hint = (SELECT MIN(h.grade) FROM hint h WHERE h.record_id = listed_record.record_id)
WHERE record_id IN (SELECT record_id FROM hint)
"""
LIKE = "stream_id, kind, state, bucket, conflicted"
OF_RECORD = "stream_id, kind, state, COALESCE(bucket, ''), conflicted"
MOVED = f"""
CREATE TEMPORARY TABLE moved AS SELECT {LIKE}, hint, SUM(records) AS records FROM (
  SELECT {LIKE}, '' AS hint, records FROM census
  UNION ALL SELECT {OF_RECORD}, '', -COUNT(*) FROM record WHERE hint IS NOT NULL GROUP BY {OF_RECORD}
  UNION ALL SELECT {OF_RECORD}, hint, COUNT(*) FROM record WHERE hint IS NOT NULL GROUP BY {OF_RECORD}, hint
) AS each_one GROUP BY {LIKE}, hint
"""  # noqa: S608  # columns of ours
"""The counts, with each hinted record moved from those without a hint to those of its grade."""
SUMMED = f"""
CREATE TEMPORARY TABLE moved AS
SELECT {LIKE}, SUM(records) AS records FROM census GROUP BY {LIKE}
"""  # noqa: S608
FILLED = "INSERT INTO census ({names}) SELECT {names} FROM moved"
LATE = ["stream_id", "received_at", "state", "kind"]
_APART = """
UPDATE tally SET
  amended = sums.amended, conflicted = sums.conflicted, amended_conflicted = sums.amended_conflicted
FROM (
  SELECT r.stream_id, r.bucket, each_one.key AS figure,
    SUM(CASE WHEN r.state = 'amended' AND NOT r.conflicted THEN 1 ELSE 0 END) AS amended,
    SUM(CASE WHEN r.state <> 'amended' AND r.conflicted THEN 1 ELSE 0 END) AS conflicted,
    SUM(CASE WHEN r.state = 'amended' AND r.conflicted THEN 1 ELSE 0 END) AS amended_conflicted
  FROM record r CROSS JOIN {figures} AS each_one
  WHERE (r.conflicted OR r.state = 'amended') AND r.bucket IS NOT NULL AND r.bucket <> 'nil' AND {amount} <> 0
  GROUP BY r.stream_id, r.bucket, each_one.key
) AS sums WHERE sums.stream_id = tally.stream_id AND sums.bucket = tally.bucket AND sums.figure = tally.figure
"""
APART = {
    "postgresql": _APART.format(figures="jsonb_each_text(r.amounts)", amount="CAST(each_one.value AS numeric)"),
    "sqlite": _APART.format(figures="json_each(r.amounts)", amount="each_one.value"),
}
"""Of the records behind each total: how many are amended, in conflict, or both."""


def upgrade() -> None:
    op.add_column("record", sa.Column("rank", sa.Integer(), nullable=False, server_default=str(LAST)))
    for table in ("record", "listed_record"):
        op.add_column(table, sa.Column("hint", sa.String(4), nullable=True))
    op.execute(RANKED)
    op.execute(LISTED)
    for name in ("amended", "conflicted", "amended_conflicted"):
        op.add_column("tally", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute(APART[op.get_bind().dialect.name])
    op.drop_index("ix_record_apart", "record")
    op.drop_index("ix_record_stream_id_received_at_state_kind", "record")
    op.create_index("ix_record_stream_id_received_at_state_kind_hint", "record", [*LATE, "hint"])
    op.create_index("ix_record_stream_id_rank_created_at_id", "record", ["stream_id", "rank", "created_at", "id"])
    columns = ["campaign_id", "hint", "day", "record_id"]
    op.create_index("ix_listed_record_hinted", "listed_record", columns, sqlite_where=HINTED, postgresql_where=HINTED)
    _count_by(MOVED, sa.Column("hint", sa.String(4), nullable=False))


def downgrade() -> None:
    _count_by(SUMMED)
    op.drop_index("ix_listed_record_hinted", "listed_record")
    op.drop_index("ix_record_stream_id_rank_created_at_id", "record")
    op.drop_index("ix_record_stream_id_received_at_state_kind_hint", "record")
    op.create_index("ix_record_stream_id_received_at_state_kind", "record", LATE)
    apart = {"sqlite_where": sa.text("conflicted = 1 OR state = 'amended'")}
    apart |= {"postgresql_where": sa.text("conflicted OR state = 'amended'")}
    op.create_index("ix_record_apart", "record", ["stream_id"], **apart)
    for name in ("amended_conflicted", "conflicted", "amended"):
        op.drop_column("tally", name)
    for table in ("listed_record", "record"):
        op.drop_column(table, "hint")
    op.drop_column("record", "rank")


def _count_by(moved: str, *more: "sa.Column[str]") -> None:
    """Make the table of counts anew, because its key is another."""
    op.execute(moved)
    op.drop_table("census")
    op.create_table(
        "census",
        sa.Column("stream_id", sa.String(16), sa.ForeignKey("stream.id"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("bucket", sa.String(10), nullable=False),
        sa.Column("conflicted", sa.Boolean(), nullable=False),
        *more,
        sa.Column("records", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*LIKE.split(", "), *(column.name for column in more)),
    )
    names = ", ".join([LIKE, *(column.name for column in more), "records"])
    op.execute(FILLED.format(names=names))
    op.execute("DROP TABLE moved")
