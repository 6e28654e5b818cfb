"""Acts that take back all that a device wrote since a moment, and the decisions of each."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taken_back",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("device_id", sa.String(16), nullable=False),
        sa.Column("officer_id", sa.String(16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(4), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("through_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.String(16), nullable=True),
        sa.Column("undone", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_taken_back_device_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_taken_back_officer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_taken_back"),
    )
    for column in ("device_id", "officer_id", "through_at"):
        op.create_index(f"ix_taken_back_{column}", "taken_back", [column])
    op.add_column("decision", sa.Column("taken_back", sa.String(16), nullable=True))
    op.create_index("ix_decision_taken_back", "decision", ["taken_back"])


def downgrade() -> None:
    op.drop_index("ix_decision_taken_back", "decision")
    op.drop_column("decision", "taken_back")
    op.drop_table("taken_back")
