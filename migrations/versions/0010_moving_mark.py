"""A mark for each minute in which something was stored: an older copy of the database lacks the last one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mark",
        sa.Column("value", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_mark")),
    )
    op.create_index(op.f("ix_mark_at"), "mark", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_mark_at"), table_name="mark")
    op.drop_table("mark")
