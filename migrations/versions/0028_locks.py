"""Locked figures: the steps of locking, what was frozen, the documents made from it; no statement alters them."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ONCE = "OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL"
ERASES = (
    f"{_ONCE} AND NEW.content = '' AND NEW.freeze_id = OLD.freeze_id AND NEW.record_id = OLD.record_id "
    "AND NEW.sha256 = OLD.sha256"
)
ERASES_DOCUMENT = (
    f"{_ONCE} AND NEW.id = OLD.id AND NEW.freeze_id = OLD.freeze_id AND NEW.form = OLD.form "
    "AND NEW.sha256 = OLD.sha256 AND NEW.made_at = OLD.made_at"
)
SQLITE = {
    "lock_step_no_update": "BEFORE UPDATE ON lock_step",
    "lock_step_no_delete": "BEFORE DELETE ON lock_step",
    "frozen_no_update": "BEFORE UPDATE ON frozen",
    "frozen_no_delete": "BEFORE DELETE ON frozen",
    "frozen_no_replace": "BEFORE INSERT ON frozen WHEN EXISTS (SELECT 1 FROM frozen WHERE id = NEW.id)",
    "frozen_line_no_update": f"BEFORE UPDATE ON frozen_line WHEN NOT ({ERASES})",
    "frozen_line_no_delete": "BEFORE DELETE ON frozen_line",
    "frozen_line_no_replace": (
        "BEFORE INSERT ON frozen_line WHEN EXISTS "
        "(SELECT 1 FROM frozen_line WHERE freeze_id = NEW.freeze_id AND record_id = NEW.record_id)"
    ),
    "frozen_document_no_update": f"BEFORE UPDATE ON frozen_document WHEN NOT ({ERASES_DOCUMENT})",
    "frozen_document_no_delete": "BEFORE DELETE ON frozen_document",
    "frozen_document_no_replace": (
        "BEFORE INSERT ON frozen_document WHEN EXISTS (SELECT 1 FROM frozen_document WHERE id = NEW.id)"
    ),
}
"""INSERT OR REPLACE deletes without a trigger for it, so an insert over a row is refused too."""
POSTGRESQL = {
    "lock_step_no_change": ("BEFORE UPDATE OR DELETE ON lock_step FOR EACH ROW", "frozen_refused"),
    "lock_step_no_truncate": ("BEFORE TRUNCATE ON lock_step FOR EACH STATEMENT", "frozen_refused"),
    "frozen_no_change": ("BEFORE UPDATE OR DELETE ON frozen FOR EACH ROW", "frozen_refused"),
    "frozen_no_truncate": ("BEFORE TRUNCATE ON frozen FOR EACH STATEMENT", "frozen_refused"),
    "frozen_line_no_update": (
        f"BEFORE UPDATE ON frozen_line FOR EACH ROW WHEN (NOT ({ERASES}))",
        "frozen_refused",
    ),
    "frozen_line_no_delete": ("BEFORE DELETE ON frozen_line FOR EACH ROW", "frozen_refused"),
    "frozen_line_no_truncate": ("BEFORE TRUNCATE ON frozen_line FOR EACH STATEMENT", "frozen_refused"),
    "frozen_document_no_update": (
        f"BEFORE UPDATE ON frozen_document FOR EACH ROW WHEN (NOT ({ERASES_DOCUMENT}))",
        "frozen_refused",
    ),
    "frozen_document_no_delete": ("BEFORE DELETE ON frozen_document FOR EACH ROW", "frozen_refused"),
    "frozen_document_no_truncate": ("BEFORE TRUNCATE ON frozen_document FOR EACH STATEMENT", "frozen_refused"),
}
REFUSED = "locked figures are not altered"


def upgrade() -> None:
    op.create_table(
        "frozen",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_frozen_campaign_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_frozen_officer_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_frozen_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_frozen"),
    )
    for column in ("campaign_id", "officer_id", "unit_id"):
        op.create_index(f"ix_frozen_{column}", "frozen", [column], unique=False)
    op.create_table(
        "lock_step",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("freeze_id", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_lock_step_campaign_id"),
        sa.ForeignKeyConstraint(["freeze_id"], ["frozen.id"], name="fk_lock_step_freeze_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_lock_step_officer_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_lock_step_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lock_step"),
        sa.UniqueConstraint("campaign_id", "unit_id", "number", name="uq_lock_step_campaign_id_unit_id_number"),
    )
    for column in ("officer_id", "unit_id"):
        op.create_index(f"ix_lock_step_{column}", "lock_step", [column], unique=False)
    op.create_table(
        "frozen_line",
        sa.Column("freeze_id", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["freeze_id"], ["frozen.id"], name="fk_frozen_line_freeze_id"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_frozen_line_record_id"),
        sa.PrimaryKeyConstraint("freeze_id", "record_id", name="pk_frozen_line"),
    )
    op.create_index("ix_frozen_line_record_id", "frozen_line", ["record_id"], unique=False)
    op.create_table(
        "frozen_document",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("freeze_id", sa.String(length=16), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["freeze_id"], ["frozen.id"], name="fk_frozen_document_freeze_id"),
        sa.PrimaryKeyConstraint("id", name="pk_frozen_document"),
    )
    op.create_index(
        "ix_frozen_document_freeze_id_form",
        "frozen_document",
        ["freeze_id", "form"],
        unique=True,
        sqlite_where=sa.text("erased_at IS NULL"),
        postgresql_where=sa.text("erased_at IS NULL"),
    )
    op.create_index("ix_frozen_document_sha256", "frozen_document", ["sha256"], unique=False)
    _guard()


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, when in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION frozen_refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, (when, function) in POSTGRESQL.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    op.drop_table("frozen_document")
    op.drop_table("frozen_line")
    op.drop_table("lock_step")
    op.drop_table("frozen")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION frozen_refused()")
