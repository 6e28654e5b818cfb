"""Spreadsheets of units and people in their dry run; training days and who waits in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "roster",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("starts_on", sa.Date()),
        sa.Column("columns", _JSON, nullable=False),
        sa.Column("rows", _JSON, nullable=False),
        sa.Column("taken_at", sa.BigInteger()),
        sa.Column("made", _JSON, nullable=False),
    )
    op.create_index("ix_roster_officer_id", "roster", ["officer_id"])
    op.create_table(
        "training_day",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("unit_id", sa.String(16), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_index("ix_training_day_unit_id", "training_day", ["unit_id"])
    op.create_index("ix_training_day_officer_id", "training_day", ["officer_id"])
    op.create_table(
        "training_request",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("training_id", sa.String(16), sa.ForeignKey("training_day.id"), nullable=False),
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("mark", sa.String(4), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.Column("confirmed_by", sa.String(16)),
        sa.Column("refused_at", sa.BigInteger()),
        sa.Column("code_hash", sa.String(64)),
    )
    op.create_index("ix_training_request_officer_id", "training_request", ["officer_id"])
    op.create_index("ix_training_request_training_id_officer_id", "training_request", ["training_id", "officer_id"])


def downgrade() -> None:
    op.drop_table("training_request")
    op.drop_table("training_day")
    op.drop_table("roster")
