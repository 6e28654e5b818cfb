"""Units that were split, and who went where."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "unit_split",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("heir_id", sa.String(length=16), nullable=True),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("moves", JSON, nullable=False),
        sa.Column("added", JSON, nullable=False),
        sa.Column("taken_back_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_unit_split_unit_id"),
        sa.ForeignKeyConstraint(["heir_id"], ["unit.id"], name="fk_unit_split_heir_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit_split"),
    )
    op.create_index("ix_unit_split_unit_id", "unit_split", ["unit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("unit_split")
