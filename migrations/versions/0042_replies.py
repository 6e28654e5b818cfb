"""An officer's answer to a return: an entry of its own, with a position."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reply",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("record_id", sa.String(16), sa.ForeignKey("record.id"), nullable=False),
        sa.Column("stream_id", sa.String(16), sa.ForeignKey("stream.id"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(16), nullable=False),
        sa.Column("decision_id", sa.String(16), sa.ForeignKey("decision.id"), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("device_id", sa.String(16), sa.ForeignKey("device.id"), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for columns, unique in ((["stream_id", "position"], True), (["decision_id"], True), (["record_id"], False)):
        name = f"ix_reply_{'_'.join(columns)}"
        op.create_index(name, "reply", columns, unique=unique)
    op.create_index("ix_reply_officer_id", "reply", ["officer_id"])


def downgrade() -> None:
    op.drop_table("reply")
