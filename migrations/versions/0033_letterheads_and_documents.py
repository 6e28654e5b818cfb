"""Letterheads with days of validity; documents that people asked for, and forms to fill."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "letterhead",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("governing", sa.String(length=200), nullable=False),
        sa.Column("issuing", sa.String(length=300), nullable=False),
        sa.Column("called", sa.String(length=200), nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("signing", sa.Text(), nullable=False),
        sa.Column("signer", sa.String(length=100), nullable=False),
        sa.Column("addressees", JSON, nullable=False),
        sa.Column("recipients", JSON, nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_letterhead_officer_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_letterhead_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letterhead"),
    )
    op.create_index("ix_letterhead_officer_id", "letterhead", ["officer_id"], unique=False)
    op.create_index("ix_letterhead_unit_id", "letterhead", ["unit_id"], unique=False)
    op.create_index("ix_letterhead_unit_id_valid_from", "letterhead", ["unit_id", "valid_from"], unique=False)
    op.create_table(
        "asked_document",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("printed", JSON, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_asked_document_campaign_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_asked_document_officer_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_asked_document_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_asked_document"),
    )
    for column in ("job_id", "officer_id", "unit_id"):
        op.create_index(f"ix_asked_document_{column}", "asked_document", [column], unique=False)
    op.create_index(
        "ix_asked_document_campaign_id_unit_id_asked_at",
        "asked_document",
        ["campaign_id", "unit_id", "asked_at"],
        unique=False,
    )
    op.create_table(
        "report_form",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=4), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_report_form_officer_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_report_form_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report_form"),
    )
    for column in ("officer_id", "sha256", "unit_id"):
        op.create_index(f"ix_report_form_{column}", "report_form", [column], unique=False)


def downgrade() -> None:
    op.drop_table("report_form")
    op.drop_table("asked_document")
    op.drop_table("letterhead")
