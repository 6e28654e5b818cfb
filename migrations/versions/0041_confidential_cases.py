"""Confidential cases: sealed rows with blind indexes, their own log, the right to them, what was published."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
REFUSED = "a line of the log of cases is not altered"
_SAME = ("number", "digest", "prev", "mac")
"""The rest changes with the key of the sealed text."""


def _id() -> Any:
    return sa.Column("id", sa.String(16), nullable=False)


def _text(name: str, length: int, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _millis(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _of(table: str, *, unit: bool = True) -> list[Any]:
    columns = [
        _text("officer_id", 16),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=f"fk_{table}_officer_id"),
    ]
    if unit:
        columns += [
            _text("unit_id", 16),
            sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=f"fk_{table}_unit_id"),
        ]
    return columns


def _sealed() -> list[Any]:
    return [_text("key_id", 16), sa.Column("sealed", sa.Text(), nullable=False)]


def upgrade() -> None:
    op.create_table(
        "case_right",
        _id(),
        *_of("case_right"),
        _text("proposed_by", 16),
        _millis("proposed_at"),
        _text("given_by", 16, nullable=True),
        _millis("given_at", nullable=True),
        _text("ended_by", 16, nullable=True),
        _millis("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_case_right"),
    )
    op.create_table(
        "case_file",
        _id(),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("unit_tag", 64),
        _text("received_tag", 64),
        _text("code_tag", 64),
        *_sealed(),
        sa.PrimaryKeyConstraint("id", name="pk_case_file"),
        sa.UniqueConstraint("code_tag", name="uq_case_file_code_tag"),
    )
    op.create_table(
        "case_count",
        _id(),
        _text("unit_tag", 64),
        *_sealed(),
        sa.PrimaryKeyConstraint("id", name="pk_case_count"),
    )
    op.create_table(
        "case_entry",
        _text("token_hash", 64),
        *_of("case_entry", unit=False),
        _millis("begun_at"),
        _millis("seen_at"),
        *_sealed(),
        sa.PrimaryKeyConstraint("token_hash", name="pk_case_entry"),
    )
    op.create_table(
        "case_log_line",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        *(_text(name, 64) for name in ("digest", "prev", "mac")),
        _text("chain_key", 16),
        _text("key_id", 16),
        _text("body_mac", 64),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_case_log_line"),
    )
    op.create_table(
        "public_figures",
        _id(),
        *_of("public_figures"),
        _millis("at"),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("shown", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_public_figures"),
        sa.UniqueConstraint("unit_id", "first", "last", name="uq_public_figures_unit_id_first_last"),
    )
    for table, columns in {
        "case_right": ("officer_id", "unit_id"),
        "case_file": ("unit_tag", "received_tag", "key_id"),
        "case_count": ("unit_tag", "key_id"),
        "case_entry": ("officer_id", "key_id"),
        "case_log_line": ("key_id",),
        "public_figures": ("officer_id", "unit_id"),
    }.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    _guard()


def _guard() -> None:
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _SAME)
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _SAME)
        for event, when in (("UPDATE", f"WHEN {changed}"), ("DELETE", "")):
            op.execute(
                f"CREATE TRIGGER case_log_line_no_{event.lower()} BEFORE {event} ON case_log_line {when} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
        return

    op.execute(
        "CREATE FUNCTION case_log_line_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF TG_OP = 'DELETE' OR {changed} THEN RAISE EXCEPTION '{REFUSED}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER case_log_line_kept BEFORE UPDATE OR DELETE ON case_log_line "
        "FOR EACH ROW EXECUTE FUNCTION case_log_line_kept()"
    )


def downgrade() -> None:
    for table in ("public_figures", "case_log_line", "case_entry", "case_count", "case_file", "case_right"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION case_log_line_kept()")
