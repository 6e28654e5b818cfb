"""Decisions of one bulk act, and the rule of a campaign that is reviewed by sample."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("campaign_id", sa.String(16), nullable=False),
        sa.Column("officer_id", sa.String(16), nullable=False),
        sa.Column("which", sa.String(10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_bulk_act_campaign_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_bulk_act_officer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_act"),
    )
    for column in ("campaign_id", "officer_id"):
        op.create_index(f"ix_bulk_act_{column}", "bulk_act", [column], unique=False)
    op.create_table(
        "sample_rule",
        sa.Column("campaign_id", sa.String(16), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(32), nullable=False),
        sa.Column("by_id", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_sample_rule_campaign_id"),
        sa.ForeignKeyConstraint(["by_id"], ["officer.id"], name="fk_sample_rule_by_id"),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_sample_rule"),
    )
    op.add_column("decision", sa.Column("bulk_id", sa.String(16), nullable=True))
    op.create_index("ix_decision_bulk_id", "decision", ["bulk_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_decision_bulk_id", "decision")
    op.drop_column("decision", "bulk_id")
    op.drop_table("sample_rule")
    op.drop_table("bulk_act")
