"""The audit log: chained lines that no statement changes, heads of removed days, wrong tries."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

REMOVED = "EXISTS (SELECT 1 FROM audit_day WHERE OLD.number BETWEEN audit_day.first AND audit_day.last)"
SQLITE = {
    "audit_line_no_update": "BEFORE UPDATE ON audit_line",
    "audit_line_no_replace": (
        "BEFORE INSERT ON audit_line WHEN EXISTS (SELECT 1 FROM audit_line WHERE number = NEW.number)"
    ),
    "audit_line_no_delete": f"BEFORE DELETE ON audit_line WHEN NOT {REMOVED}",
    "audit_day_no_update": "BEFORE UPDATE ON audit_day",
    "audit_day_no_replace": "BEFORE INSERT ON audit_day WHEN EXISTS (SELECT 1 FROM audit_day WHERE day = NEW.day)",
    "audit_day_no_delete": "BEFORE DELETE ON audit_day",
}
"""INSERT OR REPLACE deletes without a trigger for it, so an insert over a row is refused too."""
POSTGRESQL = {
    "audit_line_no_change": ("BEFORE UPDATE ON audit_line FOR EACH ROW", "audit_refused"),
    "audit_line_no_delete": ("BEFORE DELETE ON audit_line FOR EACH ROW", "audit_removed"),
    "audit_line_no_truncate": ("BEFORE TRUNCATE ON audit_line FOR EACH STATEMENT", "audit_refused"),
    "audit_day_no_change": ("BEFORE UPDATE OR DELETE ON audit_day FOR EACH ROW", "audit_refused"),
    "audit_day_no_truncate": ("BEFORE TRUNCATE ON audit_day FOR EACH STATEMENT", "audit_refused"),
}
REFUSE = "RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation'"


def upgrade() -> None:
    op.create_table(
        "audit_line",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("about_kind", sa.String(length=16), nullable=False),
        sa.Column("about_id", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_line"),
    )
    for column in ("at", "day", "actor_id", "act", "about_id", "unit_id"):
        op.create_index(f"ix_audit_line_{column}", "audit_line", [column], unique=False)
    op.create_table(
        "audit_day",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_audit_day"),
    )
    op.create_table(
        "wrong_try",
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "act", "subject", name="pk_wrong_try"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for name, when in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END")
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION audit_refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {REFUSE}; END $$"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION audit_removed() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF NOT {REMOVED} THEN {REFUSE}; END IF; RETURN OLD; END $$"
    )
    for name, (when, function) in POSTGRESQL.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    op.drop_table("wrong_try")
    op.drop_table("audit_day")
    op.drop_table("audit_line")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_refused()")
        op.execute("DROP FUNCTION audit_removed()")
