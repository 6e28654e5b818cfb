"""Rescue files handed in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rescue",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("device_id", sa.String(length=16), nullable=False),
        sa.Column("author_id", sa.String(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        sa.Column("writes", JSON, nullable=False),
        sa.Column("photos", JSON, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name="fk_rescue_author_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_rescue_officer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rescue"),
    )
    op.create_index("ix_rescue_officer_id", "rescue", ["officer_id"], unique=False)


def downgrade() -> None:
    op.drop_table("rescue")
