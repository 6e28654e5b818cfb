"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_subject_at", "attempt", ["subject", "at"], unique=False)

    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "officer",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_officer"),
        sa.UniqueConstraint("username", name="uq_officer_username"),
    )
    op.create_table(
        "photo",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_photo"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.String(length=16), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("stations", JSON, nullable=False),
        sa.Column("hamlets", JSON, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name="fk_unit_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("code", "valid_from", name="uq_unit_code_valid_from"),
    )
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"], unique=False)

    op.create_table(
        "campaign",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("review_rule", sa.String(length=10), nullable=False),
        sa.Column("hotline", sa.String(length=30), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=False),
        sa.Column("slogans", JSON, nullable=False),
        sa.Column("bases", JSON, nullable=False),
        sa.Column("tasks", JSON, nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_campaign_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_index("ix_campaign_unit_id", "campaign", ["unit_id"], unique=False)

    op.create_table(
        "desk_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_desk_session_officer_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_desk_session"),
    )
    op.create_index("ix_desk_session_officer_id", "desk_session", ["officer_id"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("mark", sa.String(length=4), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("script", sa.Boolean(), nullable=False),
        sa.Column("app", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_device_officer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        sa.UniqueConstraint("token_hash", name="uq_device_token_hash"),
    )
    op.create_index("ix_device_officer_id", "device", ["officer_id"], unique=False)

    op.create_table(
        "enrolment_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_enrolment_code_officer_id"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_enrolment_code"),
    )
    op.create_index("ix_enrolment_code_officer_id", "enrolment_code", ["officer_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_membership_officer_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_membership_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.UniqueConstraint("officer_id", "unit_id", "role", name="uq_membership_officer_id_unit_id_role"),
    )
    op.create_index("ix_membership_officer_id", "membership", ["officer_id"], unique=False)
    op.create_index("ix_membership_unit_id", "membership", ["unit_id"], unique=False)

    op.create_table(
        "stream",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_stream_campaign_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_stream_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stream"),
        sa.UniqueConstraint("unit_id", "campaign_id", name="uq_stream_unit_id_campaign_id"),
    )
    op.create_index("ix_stream_campaign_id", "stream", ["campaign_id"], unique=False)
    op.create_index("ix_stream_unit_id", "stream", ["unit_id"], unique=False)

    op.create_table(
        "counter",
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_counter_stream_id"),
        sa.PrimaryKeyConstraint("stream_id", "kind", name="pk_counter"),
    )
    op.create_table(
        "record",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("survivors", JSON, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("conflicted", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("bucket", sa.String(length=10), nullable=True),
        sa.Column("amounts", JSON, nullable=False),
        sa.Column("decision_id", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_record_stream_id"),
        sa.PrimaryKeyConstraint("id", name="pk_record"),
    )
    op.create_index("ix_record_stream_id_last_position", "record", ["stream_id", "last_position"], unique=False)
    op.create_index(
        "ix_record_stream_id_state_last_position", "record", ["stream_id", "state", "last_position"], unique=False
    )

    op.create_table(
        "tally",
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("bucket", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_tally_stream_id"),
        sa.PrimaryKeyConstraint("stream_id", "figure", "bucket", name="pk_tally"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("basis", JSON, nullable=False),
        sa.Column("sides", JSON, nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_decision_officer_id"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_decision_record_id"),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_decision_stream_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_officer_id", "decision", ["officer_id"], unique=False)
    op.create_index("ix_decision_record_id", "decision", ["record_id"], unique=False)
    op.create_index("ix_decision_stream_id_position", "decision", ["stream_id", "position"], unique=True)

    op.create_table(
        "photo_ref",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("thumb_sha256", sa.String(length=64), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_photo_ref_record_id"),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_photo_ref_stream_id"),
        sa.PrimaryKeyConstraint("sha256", "record_id", name="pk_photo_ref"),
    )
    op.create_index("ix_photo_ref_record_id", "photo_ref", ["record_id"], unique=False)
    op.create_index("ix_photo_ref_stream_id_sha256", "photo_ref", ["stream_id", "sha256"], unique=False)

    op.create_table(
        "write",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("stream_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("device_id", sa.String(length=16), nullable=True),
        sa.Column("set", JSON, nullable=False),
        sa.Column("seen", JSON, nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_write_device_id"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_write_officer_id"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_write_record_id"),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_write_stream_id"),
        sa.PrimaryKeyConstraint("id", name="pk_write"),
    )
    op.create_index("ix_write_officer_id", "write", ["officer_id"], unique=False)
    op.create_index("ix_write_record_id", "write", ["record_id"], unique=False)
    op.create_index("ix_write_stream_id_position", "write", ["stream_id", "position"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_write_stream_id_position", "write")
    op.drop_index("ix_write_record_id", "write")
    op.drop_index("ix_write_officer_id", "write")

    op.drop_table("write")
    op.drop_index("ix_photo_ref_stream_id_sha256", "photo_ref")
    op.drop_index("ix_photo_ref_record_id", "photo_ref")

    op.drop_table("photo_ref")
    op.drop_index("ix_decision_stream_id_position", "decision")
    op.drop_index("ix_decision_record_id", "decision")
    op.drop_index("ix_decision_officer_id", "decision")

    op.drop_table("decision")
    op.drop_table("tally")
    op.drop_index("ix_record_stream_id_state_last_position", "record")
    op.drop_index("ix_record_stream_id_last_position", "record")

    op.drop_table("record")
    op.drop_table("counter")
    op.drop_index("ix_stream_unit_id", "stream")
    op.drop_index("ix_stream_campaign_id", "stream")

    op.drop_table("stream")
    op.drop_index("ix_membership_unit_id", "membership")
    op.drop_index("ix_membership_officer_id", "membership")

    op.drop_table("membership")
    op.drop_index("ix_enrolment_code_officer_id", "enrolment_code")

    op.drop_table("enrolment_code")
    op.drop_index("ix_device_officer_id", "device")

    op.drop_table("device")
    op.drop_index("ix_desk_session_officer_id", "desk_session")

    op.drop_table("desk_session")
    op.drop_index("ix_campaign_unit_id", "campaign")

    op.drop_table("campaign")
    op.drop_index("ix_unit_parent_id", "unit")

    op.drop_table("unit")
    op.drop_table("photo")
    op.drop_table("officer")
    op.drop_table("meta")
    op.drop_index("ix_attempt_subject_at", "attempt")

    op.drop_table("attempt")
