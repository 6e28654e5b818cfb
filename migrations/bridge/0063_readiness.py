"""Whether a record's evidence is there and was checked; what was to be looked at when it was decided on.

Hints are made anew, because rules changed. A record whose hints were up to date stays checked meanwhile. What a record
lacks is counted by `loa db recount`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
APART = sa.text("readiness IS NOT NULL")


def upgrade() -> None:
    op.add_column("record", sa.Column("lacks", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("record", sa.Column("checked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("record", sa.Column("readiness", sa.String(8)))
    op.add_column("decision", sa.Column("hints", JSON, nullable=False, server_default="[]"))
    op.add_column("decision", sa.Column("despite", sa.String(8)))
    columns = ["stream_id", "readiness"]
    op.create_index("ix_record_readiness", "record", columns, sqlite_where=APART, postgresql_where=APART)
    _check()
    _know()
    op.execute("UPDATE hinted_stream SET written = -1")
    op.execute(  # one that is still to be done stays as it is: a downgrade must not take it away
        "INSERT INTO meta (key, value) SELECT 'must_recount', '0063' WHERE EXISTS (SELECT 1 FROM record)"
        " AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'must_recount')"
    )


def _check() -> None:
    """Records of streams whose hints were made after their last write, but those with a photo still to be compared."""
    op.execute(
        sa.text(
            "UPDATE record SET checked = :yes WHERE stream_id IN (SELECT stream.id FROM stream JOIN hinted_stream"
            " ON hinted_stream.stream_id = stream.id WHERE hinted_stream.written = stream.written)"
            " AND id NOT IN (SELECT record_id FROM photo_ref JOIN likeness_pending"
            " ON likeness_pending.sha256 = photo_ref.sha256)"
        ).bindparams(sa.bindparam("yes", True, sa.Boolean()))
    )


def _know() -> None:
    """What is to be looked at now counts as known to whoever has decided: nobody is asked again about years."""
    bind = op.get_bind()
    hint = sa.table("hint", sa.column("record_id"), sa.column("rule"), sa.column("grade"), sa.column("detail", JSON))
    record = sa.table("record", sa.column("id"), sa.column("decision_id"))
    decision = sa.table("decision", sa.column("id"), sa.column("hints", JSON))
    found = sa.select(record.c.decision_id, hint.c.rule, hint.c.detail).join_from(
        hint, record, record.c.id == hint.c.record_id
    )
    known: dict[str, set[str]] = {}
    for id_, rule, detail in bind.execute(found.where(hint.c.grade == "look", record.c.decision_id.is_not(None))).all():
        others = detail.get("others", []) if rule == "photo_same" else []
        known.setdefault(id_, set()).update([f"{rule}:{other}" for other in others] or [rule])
    change = (
        decision.update().where(decision.c.id == sa.bindparam("of")).values(hints=sa.bindparam("found", type_=JSON))
    )
    if known:
        bind.execute(change, [{"of": id_, "found": sorted(names)} for id_, names in sorted(known.items())])


def downgrade() -> None:
    op.execute("DELETE FROM meta WHERE key = 'must_recount' AND value = '0063'")
    op.drop_index("ix_record_readiness", "record")
    op.drop_column("decision", "despite")
    op.drop_column("decision", "hints")
    op.drop_column("record", "readiness")
    op.drop_column("record", "checked")
    op.drop_column("record", "lacks")
