"""Refused tries at confidential cases, summed by minute and officer before they become lines of their log."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_try",
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("officer_id", sa.String(16), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "act", "officer_id", name="pk_case_try"),
    )


def downgrade() -> None:
    op.drop_table("case_try")
