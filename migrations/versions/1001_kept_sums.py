"""Sums of figures kept by unit and by part of the tree; an index of the few that say that there is nothing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "1001"
down_revision = "1000"
branch_labels = None
depends_on = None

ID = sa.String(16)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "summed_campaign",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("rules", sa.String(64), nullable=False),
        sa.Column("catalogue", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_summed_campaign"),
    )
    op.create_table(
        "summed_stream",
        sa.Column("stream_id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("part_id", ID, nullable=False),
        sa.Column("mark", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", name="pk_summed_stream"),
    )
    op.create_index("ix_summed_stream_campaign_id", "summed_stream", ["campaign_id"])
    for table, key in (("summed_unit", "unit_id"), ("summed_part", "part_id")):
        op.create_table(
            table,
            sa.Column("campaign_id", ID, nullable=False),
            sa.Column(key, ID, nullable=False),
            sa.Column("sums", JSON, nullable=False),
            sa.PrimaryKeyConstraint("campaign_id", key, name=f"pk_{table}"),
        )

    nil = sa.text("bucket = 'nil'")
    op.create_index("ix_tally_nil", "tally", ["stream_id", "figure"], sqlite_where=nil, postgresql_where=nil)


def downgrade() -> None:
    op.drop_index("ix_tally_nil", "tally")
    for table in ("summed_part", "summed_unit", "summed_stream", "summed_campaign"):
        op.drop_table(table)
