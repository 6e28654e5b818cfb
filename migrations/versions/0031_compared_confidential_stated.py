"""Figures of the same period before, the confidential annex, and what units state of money and documents."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SAME = {
    table: " AND ".join(f"NEW.{column} = OLD.{column}" for column in columns)
    for table, columns in {
        "sealed_totals": ("id", "campaign_id", "unit_id", "number", "officer_id", "at"),
        "sealed_annex": ("id", "campaign_id", "unit_id", "number", "officer_id", "at", "sha256"),
    }.items()
}
"""Only the key of a row may change, and with it the sealed text."""
REFUSED = "sealed totals are not altered"


def _campaign_and_unit(table: str) -> list[Any]:
    return [
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=f"fk_{table}_campaign_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=f"fk_{table}_unit_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=f"fk_{table}_officer_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def _heads() -> list[Any]:
    return [
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    ]


def _source() -> list[Any]:
    return [
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("from_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
    ]


def _numbered(table: str) -> list[Any]:
    return [
        sa.Column("number", sa.Integer(), nullable=False),
        sa.UniqueConstraint("campaign_id", "unit_id", "number", name=f"uq_{table}_campaign_id_unit_id_number"),
    ]


def upgrade() -> None:
    _stated()
    _compared()
    _confidential()


def _stated() -> None:
    amounts = ("province", "district", "commune", "combined", "social")
    op.create_table(
        "money_statement",
        *_heads(),
        *_numbered("money_statement"),
        sa.Column("nil", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in amounts),
        *_campaign_and_unit("money_statement"),
    )
    op.create_table(
        "issued_document",
        *_heads(),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_by", sa.String(length=16), nullable=True),
        *_campaign_and_unit("issued_document"),
    )
    op.create_index("ix_issued_document_campaign_id_unit_id", "issued_document", ["campaign_id", "unit_id"])
    _indexes("money_statement", "issued_document")


def _compared() -> None:
    op.create_table(
        "prior_draft",
        *_heads(),
        *_source(),
        sa.Column("sheet", _JSON, nullable=False),
        sa.Column("placed", _JSON, nullable=False),
        *_campaign_and_unit("prior_draft"),
    )
    op.create_table(
        "prior_set",
        *_heads(),
        *_source(),
        sa.Column("rules", _JSON, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=16), nullable=True),
        *_campaign_and_unit("prior_set"),
    )
    op.create_index("ix_prior_set_campaign_id_unit_id", "prior_set", ["campaign_id", "unit_id"])
    op.create_table(
        "prior_value",
        sa.Column("set_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("summed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["prior_set.id"], name="fk_prior_value_set_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_prior_value_unit_id"),
        sa.PrimaryKeyConstraint("set_id", "unit_id", "figure", name="pk_prior_value"),
    )
    _indexes("prior_draft", "prior_set")


def _confidential() -> None:
    for table in ("sealed_totals", "sealed_annex"):
        hash_ = [sa.Column("sha256", sa.String(length=64), nullable=False)] if table == "sealed_annex" else []
        op.create_table(
            table,
            *_heads(),
            *_numbered(table),
            *hash_,
            sa.Column("key_id", sa.String(length=16), nullable=False),
            sa.Column("sealed", sa.Text(), nullable=False),
            *_campaign_and_unit(table),
        )
        _indexes(table)
        op.create_index(f"ix_{table}_key_id", table, ["key_id"], unique=False)
        _guard(table)


def _indexes(*tables: str) -> None:
    for table in tables:
        for column in ("officer_id", "unit_id"):
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        triggers = {
            "no_update": f"BEFORE UPDATE ON {table} WHEN NOT ({SAME[table]})",
            "no_delete": f"BEFORE DELETE ON {table}",
            "no_replace": f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",  # noqa: S608
        }
        for name, when in triggers.items():
            op.execute(f"CREATE TRIGGER {table}_{name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION sealed_refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, when in {
        "no_update": f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NOT ({SAME[table]}))",
        "no_delete": f"BEFORE DELETE ON {table} FOR EACH ROW",
        "no_truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
    }.items():
        op.execute(f"CREATE TRIGGER {table}_{name} {when} EXECUTE FUNCTION sealed_refused()")


def downgrade() -> None:
    for table in (
        "sealed_annex",
        "sealed_totals",
        "prior_value",
        "prior_set",
        "prior_draft",
        "issued_document",
        "money_statement",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION sealed_refused()")
