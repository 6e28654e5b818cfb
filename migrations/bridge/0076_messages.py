"""Questions and answers about a record: entries of their own, with a position."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("record_id", sa.String(16), sa.ForeignKey("record.id"), nullable=False),
        sa.Column("stream_id", sa.String(16), sa.ForeignKey("stream.id"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(16), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("above", sa.Boolean(), nullable=False),
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("device_id", sa.String(16), sa.ForeignKey("device.id"), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for columns, unique in ((["stream_id", "position"], True), (["record_id"], False)):
        name = f"ix_message_{'_'.join(columns)}"
        op.create_index(name, "message", columns, unique=unique)
    op.create_index("ix_message_officer_id", "message", ["officer_id"])


def downgrade() -> None:
    op.drop_table("message")
