"""Counts of each stream's records, and where its last write is, so that a desk's pages cost what its streams do."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNT = """
INSERT INTO census (stream_id, kind, state, bucket, conflicted, records)
SELECT stream_id, kind, state, COALESCE(bucket, ''), conflicted, count(*) FROM record
GROUP BY stream_id, kind, state, COALESCE(bucket, ''), conflicted
"""
LAST = """
UPDATE stream SET written = COALESCE((SELECT max(position) FROM write WHERE stream_id = stream.id), 0)
"""


def upgrade() -> None:
    op.create_table(
        "census",
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("bucket", sa.String(length=10), nullable=False),
        sa.Column("conflicted", sa.Boolean(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_census_stream_id"),
        sa.PrimaryKeyConstraint("stream_id", "kind", "state", "bucket", "conflicted", name="pk_census"),
    )
    op.add_column("stream", sa.Column("written", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(COUNT)
    op.execute(LAST)


def downgrade() -> None:
    op.drop_column("stream", "written")
    op.drop_table("census")
