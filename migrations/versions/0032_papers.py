"""Texts of reports that people write, and reports on their way to the signature; what was presented is not altered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KEPT = ("paper_step", "paper_version", "paper_file")
REFUSED = "what was presented is not altered"


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=16), nullable=nullable)


def _fk(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.create_table(
        "paper",
        _id("id"),
        _id("campaign_id"),
        _id("unit_id"),
        sa.Column("kind", sa.String(length=12), nullable=False),
        _id("freeze_id"),
        _id("follows_id", nullable=True),
        _id("made_by"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        _fk("paper", "campaign_id", "campaign"),
        _fk("paper", "unit_id", "unit"),
        _fk("paper", "freeze_id", "frozen"),
        _fk("paper", "follows_id", "paper"),
        _fk("paper", "made_by", "officer"),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
    )
    for column in ("campaign_id", "unit_id", "freeze_id", "follows_id", "made_by"):
        op.create_index(f"ix_paper_{column}", "paper", [column], unique=False)
    op.create_table(
        "paper_version",
        _id("id"),
        _id("paper_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _id("freeze_id"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        _fk("paper_version", "paper_id", "paper"),
        _fk("paper_version", "freeze_id", "frozen"),
        sa.PrimaryKeyConstraint("id", name="pk_paper_version"),
        sa.UniqueConstraint("paper_id", "number", name="uq_paper_version_paper_id_number"),
    )
    op.create_index("ix_paper_version_freeze_id", "paper_version", ["freeze_id"], unique=False)
    op.create_table(
        "paper_step",
        _id("id"),
        _id("paper_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        _id("officer_id"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        _id("freeze_id"),
        _id("version_id", nullable=True),
        sa.Column("doc_number", sa.String(length=60), nullable=False),
        sa.Column("doc_date", sa.Date(), nullable=True),
        _fk("paper_step", "paper_id", "paper"),
        _fk("paper_step", "officer_id", "officer"),
        _fk("paper_step", "freeze_id", "frozen"),
        _fk("paper_step", "version_id", "paper_version"),
        sa.PrimaryKeyConstraint("id", name="pk_paper_step"),
        sa.UniqueConstraint("paper_id", "number", name="uq_paper_step_paper_id_number"),
    )
    op.create_index("ix_paper_step_officer_id", "paper_step", ["officer_id"], unique=False)
    op.create_table(
        "paper_file",
        _id("id"),
        _id("paper_id"),
        _id("officer_id"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("differs", sa.Boolean(), nullable=False),
        _fk("paper_file", "paper_id", "paper"),
        _fk("paper_file", "officer_id", "officer"),
        sa.PrimaryKeyConstraint("id", name="pk_paper_file"),
    )
    for column in ("paper_id", "officer_id", "sha256"):
        op.create_index(f"ix_paper_file_{column}", "paper_file", [column], unique=False)
    _passages()
    _guard()


def _passages() -> None:
    op.create_table(
        "passage",
        _id("id"),
        _id("campaign_id"),
        _id("unit_id"),
        _id("paper_id", nullable=True),
        _id("owner"),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _id("edited_by", nullable=True),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        _id("held_by", nullable=True),
        sa.Column("held_at", sa.BigInteger(), nullable=True),
        sa.Column("sources", JSON, nullable=False),
        _fk("passage", "campaign_id", "campaign"),
        _fk("passage", "unit_id", "unit"),
        _fk("passage", "paper_id", "paper"),
        _fk("passage", "edited_by", "officer"),
        _fk("passage", "held_by", "officer"),
        sa.PrimaryKeyConstraint("id", name="pk_passage"),
        sa.UniqueConstraint("campaign_id", "owner", "section", name="uq_passage_campaign_id_owner_section"),
    )
    for column in ("unit_id", "paper_id"):
        op.create_index(f"ix_passage_{column}", "passage", [column], unique=False)
    op.create_table(
        "passage_aside",
        _id("id"),
        _id("passage_id"),
        _id("officer_id"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        _fk("passage_aside", "passage_id", "passage"),
        _fk("passage_aside", "officer_id", "officer"),
        sa.PrimaryKeyConstraint("id", name="pk_passage_aside"),
    )
    for column in ("passage_id", "officer_id"):
        op.create_index(f"ix_passage_aside_{column}", "passage_aside", [column], unique=False)


def _guard() -> None:
    """Refuse every change, as migration 0028 does for locked figures."""
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT:
            there = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608  # our own tables
            for name, when in (
                ("no_update", f"BEFORE UPDATE ON {table}"),
                ("no_delete", f"BEFORE DELETE ON {table}"),
                ("no_replace", f"BEFORE INSERT ON {table} WHEN {there}"),
            ):
                op.execute(f"CREATE TRIGGER {table}_{name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION paper_refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in KEPT:
        for name, when in (
            ("no_change", f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"),
            ("no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"),
        ):
            op.execute(f"CREATE TRIGGER {table}_{name} {when} EXECUTE FUNCTION paper_refused()")


def downgrade() -> None:
    op.drop_table("passage_aside")
    op.drop_table("passage")
    op.drop_table("paper_file")
    op.drop_table("paper_step")
    op.drop_table("paper_version")
    op.drop_table("paper")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION paper_refused()")
