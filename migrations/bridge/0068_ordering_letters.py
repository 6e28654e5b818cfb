"""Letters by which units order reports, each with its original file; the file of a campaign's draft."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ordering_letter",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{other}_id"], [f"{other}.id"], name=f"fk_ordering_letter_{other}_id_{other}")
            for other in ("campaign", "unit", "officer")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ordering_letter"),
        sa.UniqueConstraint("campaign_id", "unit_id", name="uq_ordering_letter_campaign_id_unit_id"),
    )
    for column in ("unit_id", "officer_id", "sha256"):
        op.create_index(f"ix_ordering_letter_{column}", "ordering_letter", [column], unique=False)
    op.add_column("letter_draft", sa.Column("sha256", sa.String(length=64), nullable=True))
    op.add_column("letter_draft", sa.Column("type", sa.String(length=100), nullable=False, server_default=""))
    op.add_column("letter_draft", sa.Column("size_bytes", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_letter_draft_sha256", "letter_draft", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_letter_draft_sha256", table_name="letter_draft")
    for column in ("size_bytes", "type", "sha256"):
        op.drop_column("letter_draft", column)
    op.drop_table("ordering_letter")
