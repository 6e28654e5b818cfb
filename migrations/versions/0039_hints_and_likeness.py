"""Hints for reviewers, and photos that look alike. Photos that are here already are to be compared."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _to(column: str, target: str, table: str, ondelete: str | None = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "likeness_pending",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _to("sha256", "photo.sha256", "likeness_pending"),
        sa.PrimaryKeyConstraint("sha256", name="pk_likeness_pending"),
    )
    op.create_table(
        "photo_windows",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("province_id", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(368), nullable=False),
        _to("sha256", "photo.sha256", "photo_windows"),
        sa.PrimaryKeyConstraint("sha256", "province_id", "year", name="pk_photo_windows"),
    )
    op.create_index("ix_photo_windows_province_id_year", "photo_windows", ["province_id", "year"])
    op.create_table(
        "photo_match",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("other", sa.String(64), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        _to("sha256", "photo.sha256", "photo_match"),
        _to("other", "photo.sha256", "photo_match"),
        sa.PrimaryKeyConstraint("sha256", "other", name="pk_photo_match"),
    )
    op.create_index("ix_photo_match_other", "photo_match", ["other"])
    op.create_table(
        "hint",
        sa.Column("record_id", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("stream_id", sa.String(16), nullable=False),
        sa.Column("grade", sa.String(4), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        _to("record_id", "record.id", "hint"),
        _to("stream_id", "stream.id", "hint"),
        sa.PrimaryKeyConstraint("record_id", "rule", name="pk_hint"),
    )
    op.create_index("ix_hint_stream_id_grade", "hint", ["stream_id", "grade"])
    op.create_index("ix_hint_stream_id_rule", "hint", ["stream_id", "rule"])
    op.create_table(
        "hint_mark",
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("record_id", sa.String(16), nullable=False),
        sa.Column("stream_id", sa.String(16), nullable=False),
        _to("record_id", "record.id", "hint_mark"),
        _to("stream_id", "stream.id", "hint_mark"),
        sa.PrimaryKeyConstraint("mark", "record_id", name="pk_hint_mark"),
    )
    op.create_index("ix_hint_mark_stream_id", "hint_mark", ["stream_id"])
    op.create_table(
        "hinted_stream",
        sa.Column("stream_id", sa.String(16), nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        _to("stream_id", "stream.id", "hinted_stream"),
        sa.PrimaryKeyConstraint("stream_id", name="pk_hinted_stream"),
    )
    op.create_table(
        "hint_grade",
        sa.Column("campaign_id", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("grade", sa.String(4), nullable=False),
        _to("campaign_id", "campaign.id", "hint_grade"),
        sa.PrimaryKeyConstraint("campaign_id", "rule", name="pk_hint_grade"),
    )
    op.create_table(
        "unit_population",
        sa.Column("unit_id", sa.String(16), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        _to("unit_id", "unit.id", "unit_population", None),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_population"),
    )
    op.execute("INSERT INTO likeness_pending (sha256, at) SELECT sha256, judged_at FROM photo WHERE state = 'verified'")


def downgrade() -> None:
    for table in (
        "unit_population", "hint_grade", "hinted_stream", "hint_mark", "hint", "photo_match", "photo_windows",
        "likeness_pending",
    ):  # fmt: skip
        op.drop_table(table)
