"""Versions of the table of regimes, and days on which offices rest or work."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "regime_version",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("lines", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", name="uq_regime_version_number"),
    )
    op.create_index("ix_regime_version_officer_id", "regime_version", ["officer_id"])
    op.create_table(
        "rest_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_index("ix_rest_day_officer_id", "rest_day", ["officer_id"])


def downgrade() -> None:
    op.drop_table("rest_day")
    op.drop_table("regime_version")
