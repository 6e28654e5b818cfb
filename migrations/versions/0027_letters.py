"""Letters of campaigns, and drafts of campaigns made from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "campaign_letter",
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("due_bases", JSON, nullable=False),
        sa.Column("outline", JSON, nullable=False),
        sa.Column("cutoff_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_letter_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_campaign_letter"),
    )
    op.create_table(
        "letter_draft",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_letter_draft_officer_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_letter_draft_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letter_draft"),
    )
    op.create_index("ix_letter_draft_officer_id", "letter_draft", ["officer_id"], unique=False)
    op.create_index("ix_letter_draft_unit_id", "letter_draft", ["unit_id"], unique=False)
    op.create_table(
        "letter_draft_file",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("draft_id", sa.String(length=16), nullable=False),
        sa.Column("use", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["letter_draft.id"], name="fk_letter_draft_file_draft_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letter_draft_file"),
    )
    op.create_index("ix_letter_draft_file_draft_id", "letter_draft_file", ["draft_id"], unique=False)
    op.create_index("ix_letter_draft_file_sha256", "letter_draft_file", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_table("letter_draft_file")
    op.drop_table("letter_draft")
    op.drop_table("campaign_letter")
