"""Seals, the end of a campaign in each stream, merged units, and which scope a device knows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_seal_officer_id"),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_seal_stream_id"),
        sa.PrimaryKeyConstraint("id", name="pk_seal"),
    )
    op.create_index("ix_seal_officer_id", "seal", ["officer_id"], unique=False)
    op.create_index("ix_seal_stream_id_position", "seal", ["stream_id", "position"], unique=True)
    op.add_column("stream", sa.Column("sealed", sa.BigInteger(), nullable=True))
    op.add_column("stream", sa.Column("closed", sa.BigInteger(), nullable=True))
    op.add_column("campaign", sa.Column("closed_at", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("scope_seen_at", sa.BigInteger(), nullable=True))
    op.add_column("unit", sa.Column("merged_at", sa.BigInteger(), nullable=True))
    op.add_column("unit", sa.Column("former_parent_id", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("unit", "former_parent_id")
    op.drop_column("unit", "merged_at")
    op.drop_column("device", "scope_seen_at")
    op.drop_column("campaign", "closed_at")
    op.drop_column("stream", "closed")
    op.drop_column("stream", "sealed")
    op.drop_table("seal")
