"""Files and expected items of a campaign; figures that count different values; kinds that come later take part."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
campaign = sa.table("campaign", sa.column("kinds", JSON))

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_file",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("use", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_file_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_file"),
    )
    op.create_index("ix_campaign_file_campaign_id", "campaign_file", ["campaign_id"], unique=False)
    op.create_table(
        "tally_key",
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("bucket", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_tally_key_stream_id"),
        sa.PrimaryKeyConstraint("stream_id", "figure", "bucket", "key", name="pk_tally_key"),
    )
    op.add_column("record", sa.Column("keys", JSON, nullable=True))
    op.add_column("campaign", sa.Column("expected", JSON, nullable=False, server_default="[]"))
    op.execute(campaign.update().values(kinds=[]))  # each was opened with every kind there was


def downgrade() -> None:
    op.execute(campaign.update().values(kinds=["banner", "broadcast"]))
    op.drop_column("campaign", "expected")
    op.drop_column("record", "keys")
    op.drop_table("tally_key")
    op.drop_table("campaign_file")
