"""A reviewer's own wording of the ready reasons."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reviewer_text",
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("template", sa.String(40), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("officer_id", "template"),
    )


def downgrade() -> None:
    op.drop_table("reviewer_text")
