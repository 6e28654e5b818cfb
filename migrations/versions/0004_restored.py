"""Restores, and what is known to exist and did not come back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restoration",
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("holds_until", sa.BigInteger(), nullable=True),
        sa.Column("noticed_by", sa.String(length=16), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("at", name="pk_restoration"),
    )
    op.create_table(
        "missing_write",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("told_by", sa.String(length=16), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_missing_write_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_missing_write"),
    )
    op.create_index("ix_missing_write_unit_id", "missing_write", ["unit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("missing_write")
    op.drop_table("restoration")
