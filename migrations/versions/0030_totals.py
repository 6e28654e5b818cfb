"""Totals without evidence, which no statement alters; on SQLite, no row of a lock is replaced by another either."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SQLITE = {
    "total_step_no_update": "BEFORE UPDATE ON total_step",
    "total_step_no_delete": "BEFORE DELETE ON total_step",
    "total_step_no_replace": (
        "BEFORE INSERT ON total_step WHEN EXISTS (SELECT 1 FROM total_step WHERE id = NEW.id OR "
        "(stream_id = NEW.stream_id AND figure = NEW.figure AND number = NEW.number))"
    ),
    "lock_step_no_replace": (
        "BEFORE INSERT ON lock_step WHEN EXISTS (SELECT 1 FROM lock_step WHERE id = NEW.id OR "
        "(campaign_id = NEW.campaign_id AND unit_id = NEW.unit_id AND number = NEW.number))"
    ),
}
"""INSERT OR REPLACE deletes without a trigger for it, so an insert over a row is refused too."""
KEPT = (
    "BEFORE INSERT ON frozen_document WHEN NEW.erased_at IS NULL AND EXISTS (SELECT 1 FROM frozen_document "
    "WHERE freeze_id = NEW.freeze_id AND form = NEW.form AND erased_at IS NULL AND id <> NEW.id)"
)
"""Two who ask for a document at once both insert it and expect nothing of the second: it is left out, not refused."""
POSTGRESQL = {
    "total_step_no_change": "BEFORE UPDATE OR DELETE ON total_step FOR EACH ROW",
    "total_step_no_truncate": "BEFORE TRUNCATE ON total_step FOR EACH STATEMENT",
}
REFUSED = "locked figures and totals are not altered"


def upgrade() -> None:
    op.create_table(
        "total_step",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reach", sa.String(length=8), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_total_step_officer_id"),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_total_step_stream_id"),
        sa.PrimaryKeyConstraint("id", name="pk_total_step"),
        sa.UniqueConstraint("stream_id", "figure", "number", name="uq_total_step_stream_id_figure_number"),
    )
    op.create_index("ix_total_step_officer_id", "total_step", ["officer_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for name, when in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        op.execute(f"CREATE TRIGGER frozen_document_kept {KEPT} BEGIN SELECT RAISE(IGNORE); END")
        return
    for name, when in POSTGRESQL.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION frozen_refused()")


def downgrade() -> None:
    op.drop_table("total_step")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER lock_step_no_replace")
        op.execute("DROP TRIGGER frozen_document_kept")
