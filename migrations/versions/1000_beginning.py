"""The tables of 1.0 in one step: those to which 79 steps of the development versions came (../bridge has the last).

What it makes is frozen here and is compared with the end of the bridge, name by name (tests/unit/test_bridge.py).
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "1000"
down_revision = None
branch_labels = None
depends_on = None

ID, HASH, TEXT = sa.String(16), sa.String(64), sa.Text()
BY_BYTES = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MS, NUMBER, FLAG = sa.BigInteger(), sa.Integer(), sa.Boolean()
DAY, BYTES = sa.Date(), sa.LargeBinary()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _people()
    _access()
    _installation()
    _campaigns()
    _records()
    _photos()
    _reports()
    _cases()
    for table, columns, unique, where, name in _INDEXES:
        only = sa.text(where) if where else None
        op.create_index(name, table, [*columns], unique=unique, sqlite_where=only, postgresql_where=only)
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _of(kind: Any, *names: str, null: bool = False, default: Any = None) -> list[sa.Column[Any]]:
    """Columns of a type; `default`: what a row has that says nothing."""
    return [sa.Column(name, kind, nullable=null, server_default=default, autoincrement=False) for name in names]


def _table(
    table: str,
    *parts: Any,
    key: tuple[str, ...] = ("id",),
    to: dict[str, str] | None = None,
    index: tuple[str | tuple[str, ...], ...] = (),
) -> None:
    """Make a table. `to`: by column the table whose id it names; `index`: columns of indexes that are not unique."""
    op.create_table(
        table,
        *parts,
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")
            for column, other in (to or {}).items()
        ),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )
    for each in index:
        columns = [each] if isinstance(each, str) else [*each]
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _people() -> None:
    _table(
        "unit",
        *_of(ID, "id", "code"),
        *_of(sa.String(200), "name"),
        *_of(sa.String(100), "short_name"),
        *_of(sa.String(20), "level"),
        *_of(ID, "parent_id", null=True),
        *_of(DAY, "valid_from"),
        *_of(DAY, "valid_to", null=True),
        *_of(JSON, "stations", "hamlets"),
        *_of(MS, "merged_at", null=True),
        *_of(ID, "former_parent_id", null=True),
        *_of(BY_BYTES, "search_key", "sort_key", default=""),
        sa.UniqueConstraint("code", "valid_from", name="uq_unit_code_valid_from"),
        to={"parent_id": "unit"},
        index=("parent_id",),
    )
    _table(
        "officer",
        *_of(ID, "id"),
        *_of(HASH, "username"),
        *_of(sa.String(200), "name"),
        *_of(sa.String(30), "phone"),
        *_of(sa.String(200), "password_hash", null=True),
        *_of(MS, "created_at"),
        *_of(MS, "disabled_at", null=True),
        *_of(BY_BYTES, "search_key", "sort_key", default=""),
        sa.UniqueConstraint("username", name="uq_officer_username"),
    )
    _table(
        "membership",
        *_of(ID, "id", "officer_id", "unit_id"),
        *_of(sa.String(20), "role"),
        *_of(MS, "since"),
        *_of(MS, "ended_at", null=True),
        sa.UniqueConstraint("officer_id", "unit_id", "role", name="uq_membership_officer_id_unit_id_role"),
        to={"officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id"),
    )
    _table(
        "absence",
        *_of(ID, "id", "officer_id", "deputy_id", "by_id", "unit_id"),
        *_of(MS, "begins_at", "ends_at", "at"),
        *_of(MS, "ended_at", null=True),
        to={"by_id": "officer", "deputy_id": "officer", "officer_id": "officer", "unit_id": "unit"},
        index=("by_id", "deputy_id", "officer_id", "unit_id"),
    )
    _table(
        "handover",
        *_of(ID, "id", "from_id", "to_id", "by_id"),
        *_of(MS, "at"),
        *_of(JSON, "told"),
        to={"by_id": "officer", "from_id": "officer", "to_id": "officer"},
        index=("by_id", "from_id", "to_id"),
    )
    _table(
        "unit_split",
        *_of(ID, "id", "unit_id"),
        *_of(DAY, "first_day"),
        *_of(MS, "at"),
        *_of(ID, "heir_id", null=True),
        *_of(JSON, "parts", "moves", "added"),
        *_of(MS, "taken_back_at", null=True),
        to={"heir_id": "unit", "unit_id": "unit"},
        index=("unit_id",),
    )
    _table(
        "unit_population",
        *_of(ID, "unit_id"),
        *_of(NUMBER, "people"),
        key=("unit_id",),
        to={"unit_id": "unit"},
    )
    _table(
        "roster",
        *_of(ID, "id"),
        *_of(sa.String(10), "kind"),
        *_of(ID, "officer_id"),
        *_of(MS, "at"),
        *_of(sa.String(300), "name"),
        *_of(DAY, "starts_on", null=True),
        *_of(JSON, "columns", "rows"),
        *_of(MS, "taken_at", null=True),
        *_of(JSON, "made"),
        to={"officer_id": "officer"},
        index=("officer_id",),
    )


def _access() -> None:
    _table(
        "device",
        *_of(ID, "id", "officer_id"),
        *_of(sa.String(200), "label"),
        *_of(sa.String(4), "mark"),
        *_of(HASH, "token_hash"),
        *_of(FLAG, "script"),
        *_of(NUMBER, "app", null=True),
        *_of(MS, "created_at", "seen_at"),
        *_of(MS, "replaced_at", "revoked_at", null=True),
        *_of(ID, "code_by", null=True),
        *_of(MS, "confirmed_at", null=True),
        *_of(NUMBER, "quota_minute", "quota_pushes", "quota_day", default="0"),
        *_of(MS, "quota_bytes", default="0"),
        *_of(NUMBER, "held_writes", "held_photos", null=True),
        *_of(MS, "held_bytes", "held_at", null=True),
        *_of(MS, "quota_writes_until", "quota_work_until", "quota_pushing_until", default="0"),
        sa.UniqueConstraint("token_hash", name="uq_device_token_hash"),
        to={"officer_id": "officer"},
        index=("code_by", "officer_id"),
    )
    _table(
        "person_quota",
        *_of(ID, "officer_id"),
        *_of(MS, "writes_until", "work_until"),
        key=("officer_id",),
        to={"officer_id": "officer"},
    )
    _table(
        "enrolment_code",
        *_of(HASH, "code_hash"),
        *_of(ID, "officer_id"),
        *_of(ID, "made_by", null=True),
        *_of(MS, "made_at", "expires_at"),
        *_of(MS, "used_at", null=True),
        *_of(ID, "device_id", null=True),
        *_of(HASH, "nonce_hash", null=True),
        *_of(NUMBER, "digits", default="8"),
        key=("code_hash",),
        to={"officer_id": "officer"},
        index=("officer_id",),
    )
    _table(
        "desk_session",
        *_of(HASH, "token_hash"),
        *_of(ID, "officer_id"),
        *_of(MS, "created_at"),
        *_of(MS, "ended_at", null=True),
        *_of(MS, "seen_at", "proved_at", default="0"),
        *_of(MS, "second_at", null=True),
        *_of(HASH, "address", default=""),
        *_of(sa.String(60), "browser", default=""),
        key=("token_hash",),
        to={"officer_id": "officer"},
        index=("officer_id",),
    )
    _table(
        "second_factor",
        *_of(ID, "id", "officer_id", "key_id"),
        *_of(sa.String(200), "sealed"),
        *_of(MS, "made_at"),
        *_of(MS, "confirmed_at", "ended_at", null=True),
        *_of(MS, "last_step"),
        to={"officer_id": "officer"},
        index=("officer_id",),
    )
    _table(
        "recovery_code",
        *_of(HASH, "code_hash"),
        *_of(ID, "factor_id"),
        *_of(MS, "made_at"),
        *_of(MS, "used_at", null=True),
        key=("code_hash",),
        to={"factor_id": "second_factor"},
        index=("factor_id",),
    )
    _table(
        "required_factor",
        *_of(sa.String(20), "role"),
        *_of(MS, "since"),
        *_of(ID, "by_id", null=True),
        key=("role",),
    )
    _table(
        "failed_tries",
        *_of(HASH, "key"),
        *_of(MS, "since"),
        *_of(NUMBER, "count"),
        key=("key",),
        index=("since",),
    )
    _table(
        "wrong_codes",
        *_of(NUMBER, "hour"),
        *_of(MS, "count"),
        key=("hour",),
    )
    _table(
        "welcome_link",
        *_of(HASH, "token_hash"),
        *_of(ID, "officer_id"),
        *_of(MS, "made_at", "expires_at"),
        *_of(MS, "used_at", null=True),
        key=("token_hash",),
        to={"officer_id": "officer"},
        index=("officer_id",),
    )
    _table(
        "training_day",
        *_of(ID, "id", "unit_id", "officer_id"),
        *_of(MS, "at", "ends_at"),
        *_of(MS, "ended_at", null=True),
        to={"officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id"),
    )
    _table(
        "training_request",
        *_of(ID, "id", "training_id", "officer_id"),
        *_of(HASH, "secret_hash"),
        *_of(sa.String(4), "mark"),
        *_of(sa.String(60), "browser"),
        *_of(MS, "at"),
        *_of(MS, "confirmed_at", null=True),
        *_of(ID, "confirmed_by", null=True),
        *_of(MS, "refused_at", null=True),
        *_of(HASH, "code_hash", null=True),
        *_of(ID, "origin", default=""),
        sa.UniqueConstraint("secret_hash", name="uq_training_request_secret_hash"),
        to={"officer_id": "officer", "training_id": "training_day"},
        index=("officer_id", ("training_id", "officer_id")),
    )
    _table(
        "taken_back",
        *_of(ID, "id", "device_id", "officer_id"),
        *_of(MS, "since", "at"),
        *_of(sa.String(4), "outcome"),
        *_of(sa.String(2000), "reason"),
        *_of(NUMBER, "done"),
        *_of(MS, "through_at", "undone_at", null=True),
        *_of(ID, "undone_by", null=True),
        *_of(NUMBER, "undone"),
        to={"device_id": "device", "officer_id": "officer"},
        index=("device_id", "officer_id", "through_at"),
    )


def _installation() -> None:
    _table(
        "audit_line",
        *_of(MS, "number", "at"),
        *_of(sa.String(10), "day", "actor_kind"),
        *_of(HASH, "actor_id", "address"),
        *_of(sa.String(40), "act"),
        *_of(ID, "about_kind"),
        *_of(HASH, "about_id"),
        *_of(ID, "unit_id"),
        *_of(TEXT, "old", "new"),
        *_of(MS, "times"),
        *_of(ID, "key_id"),
        *_of(HASH, "prev", "mac"),
        key=("number",),
        index=(
            ("about_id", "act", "number"),
            ("act", "number"),
            ("actor_id", "act", "number"),
            ("at", "number"),
            "day",
            ("unit_id", "act", "number"),
        ),
    )
    _table(
        "audit_day",
        *_of(sa.String(10), "day"),
        *_of(MS, "first", "last"),
        *_of(HASH, "head"),
        *_of(ID, "key_id"),
        *_of(HASH, "mac"),
        key=("day",),
    )
    _table(
        "audit_head",
        *_of(ID, "of"),
        *_of(sa.String(40), "file"),
        *_of(MS, "nth"),
        *_of(HASH, "tag"),
        *_of(ID, "key_id"),
        *_of(HASH, "mac"),
        key=("of", "file"),
    )
    _table(
        "wrong_try",
        *_of(MS, "minute"),
        *_of(sa.String(40), "act"),
        *_of(ID, "subject"),
        *_of(HASH, "address"),
        *_of(NUMBER, "times"),
        key=("minute", "act", "subject"),
    )
    _table(
        "meta",
        *_of(sa.String(40), "key"),
        *_of(sa.String(200), "value"),
        key=("key",),
    )
    _table(
        "mark",
        *_of(ID, "value"),
        *_of(MS, "at"),
        key=("value",),
        index=("at",),
    )
    _table(
        "restoration",
        *_of(MS, "at"),
        *_of(MS, "taken_at", "holds_until", null=True),
        *_of(ID, "noticed_by", null=True),
        *_of(MS, "confirmed_at", null=True),
        *_of(ID, "confirmed_by", null=True),
        key=("at",),
    )
    _table(
        "job",
        *_of(ID, "id"),
        *_of(sa.String(60), "kind"),
        *_of(JSON, "ids"),
        *_of(sa.String(120), "once", null=True),
        *_of(ID, "asked_by", null=True),
        *_of(MS, "asked_at", "not_before"),
        *_of(sa.String(8), "state"),
        *_of(NUMBER, "progress", "attempts"),
        *_of(ID, "lease", null=True),
        *_of(MS, "lease_until", "begun_at", "ended_at", null=True),
        *_of(sa.String(80), "result_key", null=True),
        *_of(sa.String(40), "code", null=True),
        sa.UniqueConstraint("once", name="uq_job_once"),
        to={"asked_by": "officer"},
        index=("asked_at", "asked_by", ("state", "not_before")),
    )


def _campaigns() -> None:
    _table(
        "regime_version",
        *_of(ID, "id"),
        *_of(NUMBER, "number", null=True),
        *_of(ID, "officer_id"),
        *_of(MS, "at"),
        *_of(MS, "taken_at", null=True),
        *_of(HASH, "sha256"),
        *_of(JSON, "lines"),
        sa.UniqueConstraint("number", name="uq_regime_version_number"),
        to={"officer_id": "officer"},
        index=("officer_id",),
    )
    _table(
        "rest_day",
        *_of(DAY, "day"),
        *_of(FLAG, "works"),
        *_of(ID, "officer_id"),
        *_of(MS, "at"),
        key=("day",),
        to={"officer_id": "officer"},
        index=("officer_id",),
    )
    _table(
        "campaign",
        *_of(ID, "id", "unit_id"),
        *_of(sa.String(300), "name"),
        *_of(FLAG, "practice"),
        *_of(sa.String(10), "status", "review_rule"),
        *_of(sa.String(30), "hotline"),
        *_of(DAY, "starts_on", "ends_on", "due_before"),
        *_of(JSON, "slogans", "bases", "tasks", "kinds"),
        *_of(MS, "opened_at"),
        *_of(MS, "closed_at", null=True),
        *_of(JSON, "expected", default="[]"),
        *_of(JSON, "due_levels", default="{}"),
        *_of(JSON, "figures", default="[]"),
        to={"unit_id": "unit"},
        index=("unit_id",),
    )
    _table(
        "campaign_file",
        *_of(ID, "id", "campaign_id"),
        *_of(sa.String(10), "use"),
        *_of(sa.String(300), "title"),
        *_of(sa.String(40), "type"),
        *_of(NUMBER, "size_bytes"),
        *_of(HASH, "sha256"),
        *_of(MS, "added_at"),
        *_of(FLAG, "hotline", null=True),
        to={"campaign_id": "campaign"},
        index=("campaign_id",),
    )
    _table(
        "campaign_letter",
        *_of(ID, "campaign_id"),
        *_of(TEXT, "text"),
        *_of(JSON, "facts", "due_bases", "outline"),
        *_of(MS, "cutoff_at", null=True),
        key=("campaign_id",),
        to={"campaign_id": "campaign"},
    )
    _table(
        "letter_draft",
        *_of(ID, "id", "officer_id", "unit_id"),
        *_of(sa.String(300), "file_name"),
        *_of(TEXT, "text"),
        *_of(JSON, "values"),
        *_of(MS, "saved_at"),
        *_of(MS, "made_at", default="0"),
        *_of(HASH, "sha256", null=True),
        *_of(sa.String(100), "type", default=""),
        *_of(NUMBER, "size_bytes", default="0"),
        to={"officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "sha256", "unit_id"),
    )
    _table(
        "letter_draft_file",
        *_of(ID, "id", "draft_id"),
        *_of(sa.String(10), "use"),
        *_of(sa.String(300), "title"),
        *_of(sa.String(40), "type"),
        *_of(NUMBER, "size_bytes"),
        *_of(HASH, "sha256"),
        *_of(FLAG, "hotline", null=True),
        to={"draft_id": "letter_draft"},
        index=("draft_id", "sha256"),
    )
    _table(
        "ordering_letter",
        *_of(ID, "id", "campaign_id", "unit_id", "officer_id"),
        *_of(MS, "at"),
        *_of(sa.String(60), "form", "number"),
        *_of(DAY, "dated", null=True),
        *_of(sa.String(300), "issuer"),
        *_of(sa.String(500), "subject"),
        *_of(HASH, "sha256", null=True),
        *_of(sa.String(300), "file_name"),
        *_of(sa.String(100), "type"),
        *_of(NUMBER, "size_bytes"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_ordering_letter_campaign_id_campaign"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_ordering_letter_officer_id_officer"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_ordering_letter_unit_id_unit"),
        sa.UniqueConstraint("campaign_id", "unit_id", name="uq_ordering_letter_campaign_id_unit_id"),
        index=("officer_id", "sha256", "unit_id"),
    )
    _table(
        "face_rule",
        *_of(ID, "campaign_id"),
        *_of(sa.String(8), "rule"),
        *_of(ID, "by_id"),
        *_of(MS, "at"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_face_rule_campaign_id", ondelete="CASCADE"),
        key=("campaign_id",),
        to={"by_id": "officer"},
    )
    _table(
        "sample_rule",
        *_of(ID, "campaign_id"),
        *_of(NUMBER, "percent", "least"),
        *_of(sa.String(32), "seed"),
        *_of(ID, "by_id"),
        *_of(MS, "at"),
        key=("campaign_id",),
        to={"by_id": "officer", "campaign_id": "campaign"},
    )
    _table(
        "bulk_act",
        *_of(ID, "id", "campaign_id", "officer_id"),
        *_of(sa.String(10), "which"),
        *_of(MS, "at"),
        *_of(NUMBER, "done", "changed", "arrived"),
        *_of(MS, "undone_at", null=True),
        *_of(NUMBER, "undone"),
        to={"campaign_id": "campaign", "officer_id": "officer"},
        index=("campaign_id", "officer_id"),
    )
    _table(
        "reviewer_text",
        *_of(ID, "officer_id"),
        *_of(sa.String(40), "template"),
        *_of(sa.String(2000), "text"),
        *_of(MS, "at"),
        key=("officer_id", "template"),
        to={"officer_id": "officer"},
    )
    _table(
        "hint_grade",
        *_of(ID, "campaign_id"),
        *_of(sa.String(20), "rule"),
        *_of(sa.String(4), "grade"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_hint_grade_campaign_id", ondelete="CASCADE"),
        key=("campaign_id", "rule"),
    )
    _table(
        "export_link",
        *_of(ID, "id"),
        *_of(HASH, "token_hash"),
        *_of(ID, "officer_id", "campaign_id", "unit_id"),
        *_of(JSON, "filter"),
        *_of(MS, "made_at", "expires_at"),
        *_of(MS, "ended_at", "used_at", null=True),
        *_of(NUMBER, "used_count", "told_day", "told_count", "minute", "minute_count"),
        sa.UniqueConstraint("token_hash", name="uq_export_link_token_hash"),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id"),
    )


def _records() -> None:
    _table(
        "stream",
        *_of(ID, "id", "unit_id", "campaign_id"),
        *_of(MS, "position"),
        *_of(MS, "sealed", "closed", null=True),
        *_of(MS, "written", "received_at", default="0"),
        sa.UniqueConstraint("unit_id", "campaign_id", name="uq_stream_unit_id_campaign_id"),
        to={"campaign_id": "campaign", "unit_id": "unit"},
        index=("campaign_id", "unit_id"),
    )
    _table(
        "counter",
        *_of(ID, "stream_id"),
        *_of(sa.String(40), "kind"),
        *_of(NUMBER, "last"),
        key=("stream_id", "kind"),
        to={"stream_id": "stream"},
    )
    _table(
        "push",
        *_of(ID, "device_id", "push"),
        *_of(JSON, "runs", "new"),
        *_of(MS, "at"),
        key=("device_id",),
        to={"device_id": "device"},
    )
    _table(
        "record",
        *_of(ID, "id", "stream_id"),
        *_of(sa.String(40), "kind"),
        *_of(NUMBER, "number"),
        *_of(MS, "created_at", "changed_at", "first_position", "last_position"),
        *_of(JSON, "survivors"),
        *_of(sa.String(12), "state"),
        *_of(FLAG, "conflicted", "hidden"),
        *_of(sa.String(10), "bucket", null=True),
        *_of(JSON, "amounts"),
        *_of(ID, "decision_id", null=True),
        *_of(JSON, "keys", null=True),
        *_of(NUMBER, "writes", "early", default="0"),
        *_of(MS, "received_at", default="0"),
        *_of(NUMBER, "rank", default="7"),
        *_of(sa.String(4), "hint", null=True),
        *_of(NUMBER, "lacks", default="0"),
        *_of(FLAG, "checked", default=sa.false()),
        *_of(sa.String(8), "readiness", null=True),
        to={"stream_id": "stream"},
        index=(
            ("stream_id", "last_position"),
            ("stream_id", "rank", "created_at", "id"),
            ("stream_id", "received_at", "state", "kind", "hint"),
            ("stream_id", "state", "last_position"),
        ),
    )
    _table(
        "write",
        *_of(ID, "id", "record_id", "stream_id"),
        *_of(MS, "position"),
        *_of(ID, "tag"),
        *_of(MS, "at", "received_at"),
        *_of(ID, "officer_id"),
        *_of(ID, "device_id", null=True),
        *_of(JSON, "set", "seen"),
        *_of(FLAG, "chosen", default=sa.false()),
        to={"device_id": "device", "officer_id": "officer", "record_id": "record", "stream_id": "stream"},
        index=("officer_id", "record_id"),
    )
    _table(
        "early_seen",
        *_of(ID, "record_id", "write_id", "by"),
        key=("record_id", "write_id", "by"),
        to={"by": "write", "record_id": "record"},
    )
    _table(
        "decision",
        *_of(ID, "id", "record_id", "stream_id"),
        *_of(MS, "position"),
        *_of(ID, "tag"),
        *_of(sa.String(12), "verdict"),
        *_of(sa.String(2000), "reason"),
        *_of(JSON, "fields", "basis", "sides"),
        *_of(ID, "officer_id"),
        *_of(MS, "at"),
        *_of(ID, "bulk_id", "restates", "taken_back", null=True),
        *_of(JSON, "hints", default="[]"),
        *_of(sa.String(8), "despite", null=True),
        to={"officer_id": "officer", "record_id": "record", "stream_id": "stream"},
        index=("bulk_id", "officer_id", "record_id", "taken_back"),
    )
    _table(
        "reply",
        *_of(ID, "id", "record_id", "stream_id"),
        *_of(MS, "position"),
        *_of(ID, "tag", "decision_id"),
        *_of(sa.String(2000), "text"),
        *_of(ID, "officer_id"),
        *_of(ID, "device_id", null=True),
        *_of(MS, "at", "received_at"),
        to={
            "decision_id": "decision",
            "device_id": "device",
            "officer_id": "officer",
            "record_id": "record",
            "stream_id": "stream",
        },
        index=("officer_id", "record_id"),
    )
    _table(
        "message",
        *_of(ID, "id", "record_id", "stream_id"),
        *_of(MS, "position"),
        *_of(ID, "tag"),
        *_of(sa.String(2000), "text"),
        *_of(FLAG, "above"),
        *_of(ID, "officer_id"),
        *_of(ID, "device_id", null=True),
        *_of(MS, "at", "received_at"),
        to={"device_id": "device", "officer_id": "officer", "record_id": "record", "stream_id": "stream"},
        index=("officer_id", "record_id"),
    )
    _table(
        "missing_write",
        *_of(ID, "id", "record_id", "unit_id", "campaign_id"),
        *_of(sa.String(60), "number"),
        *_of(ID, "told_by"),
        *_of(MS, "told_at"),
        to={"unit_id": "unit"},
        index=("unit_id",),
    )
    _table(
        "rescue",
        *_of(ID, "id", "officer_id", "device_id"),
        *_of(ID, "author_id", null=True),
        *_of(MS, "at", "made_at"),
        *_of(FLAG, "held", "damaged"),
        *_of(JSON, "writes", "photos"),
        to={"author_id": "officer", "officer_id": "officer"},
        index=("officer_id",),
    )
    _table(
        "listed_record",
        *_of(ID, "record_id", "stream_id", "campaign_id"),
        *_of(sa.String(40), "kind"),
        *_of(NUMBER, "number"),
        *_of(sa.String(10), "day"),
        *_of(HASH, "slogan"),
        *_of(FLAG, "photos"),
        *_of(NUMBER, "lat_e6", "lon_e6", null=True),
        *_of(BY_BYTES, "words"),
        *_of(sa.String(4), "hint", null=True),
        *_of(sa.String(6), "answer", null=True),
        key=("record_id",),
        to={"record_id": "record", "stream_id": "stream"},
        index=(
            ("campaign_id", "day", "record_id"),
            ("campaign_id", "kind", "day", "record_id"),
            ("campaign_id", "kind", "number"),
            ("stream_id", "day", "record_id"),
        ),
    )
    _table(
        "stream_word",
        *_of(ID, "stream_id"),
        *_of(BY_BYTES, "word"),
        *_of(ID, "campaign_id"),
        key=("stream_id", "word"),
        to={"stream_id": "stream"},
        index=(("campaign_id", "word", "stream_id"),),
    )
    _table(
        "seal",
        *_of(ID, "id", "stream_id"),
        *_of(MS, "position"),
        *_of(ID, "officer_id"),
        *_of(FLAG, "on_behalf"),
        *_of(MS, "at"),
        *_of(MS, "taken_back_at", null=True),
        *_of(ID, "taken_back_by", null=True),
        *_of(sa.String(2000), "reason", default=""),
        *_of(sa.String(100), "prepared_by", "approved_by", "approved_title", default=""),
        *_of(sa.String(10), "approved_on", default=""),
        to={"officer_id": "officer", "stream_id": "stream"},
        index=("officer_id",),
    )
    _table(
        "tally",
        *_of(ID, "stream_id"),
        *_of(sa.String(40), "figure"),
        *_of(sa.String(10), "bucket"),
        *_of(MS, "amount"),
        *_of(NUMBER, "records"),
        *_of(NUMBER, "amended", "conflicted", "amended_conflicted", "said", default="0"),
        key=("stream_id", "figure", "bucket"),
        to={"stream_id": "stream"},
    )
    _table(
        "tally_key",
        *_of(ID, "stream_id"),
        *_of(sa.String(40), "figure"),
        *_of(sa.String(10), "bucket"),
        *_of(sa.String(32), "key"),
        *_of(NUMBER, "records"),
        key=("stream_id", "figure", "bucket", "key"),
        to={"stream_id": "stream"},
    )
    _table(
        "census",
        *_of(ID, "stream_id"),
        *_of(sa.String(40), "kind"),
        *_of(sa.String(12), "state"),
        *_of(sa.String(10), "bucket"),
        *_of(FLAG, "conflicted"),
        *_of(sa.String(4), "hint"),
        *_of(NUMBER, "records"),
        key=("stream_id", "kind", "state", "bucket", "conflicted", "hint"),
        to={"stream_id": "stream"},
    )
    _table(
        "total_step",
        *_of(ID, "id", "stream_id"),
        *_of(sa.String(40), "figure"),
        *_of(NUMBER, "number"),
        *_of(sa.String(8), "act"),
        *_of(MS, "amount"),
        *_of(sa.String(8), "reach"),
        *_of(MS, "base"),
        *_of(sa.String(8), "source"),
        *_of(sa.String(2000), "note", "reason"),
        *_of(ID, "officer_id"),
        *_of(FLAG, "on_behalf", "reported"),
        *_of(MS, "at"),
        sa.UniqueConstraint("stream_id", "figure", "number", name="uq_total_step_stream_id_figure_number"),
        to={"officer_id": "officer", "stream_id": "stream"},
        index=("officer_id",),
    )


def _photos() -> None:
    _table(
        "photo",
        *_of(HASH, "sha256"),
        *_of(sa.String(10), "state"),
        *_of(sa.String(40), "code", null=True),
        *_of(sa.String(20), "type"),
        *_of(NUMBER, "size_bytes", "width", "height"),
        *_of(MS, "judged_at"),
        key=("sha256",),
    )
    _table(
        "photo_ref",
        *_of(HASH, "sha256"),
        *_of(ID, "record_id", "stream_id"),
        *_of(sa.String(8), "role"),
        *_of(HASH, "thumb_sha256", null=True),
        *_of(FLAG, "held"),
        *_of(FLAG, "gone", default=sa.false()),
        key=("sha256", "record_id"),
        to={"record_id": "record", "stream_id": "stream"},
        index=("record_id", ("stream_id", "sha256")),
    )
    _table(
        "photo_mark",
        *_of(ID, "record_id"),
        *_of(HASH, "sha256"),
        *_of(NUMBER, "number"),
        *_of(FLAG, "face", null=True),
        *_of(FLAG, "unused"),
        *_of(JSON, "parts"),
        *_of(ID, "officer_id"),
        *_of(MS, "at"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_photo_mark_record_id", ondelete="CASCADE"),
        key=("record_id", "sha256", "number"),
        to={"officer_id": "officer"},
        index=("officer_id",),
    )
    _table(
        "photo_windows",
        *_of(HASH, "sha256"),
        *_of(ID, "province_id"),
        *_of(NUMBER, "year"),
        *_of(BYTES, "hashes"),
        *_of(BYTES, "parts", "spots", default=""),
        sa.ForeignKeyConstraint(["sha256"], ["photo.sha256"], name="fk_photo_windows_sha256", ondelete="CASCADE"),
        key=("sha256", "province_id", "year"),
        index=(("province_id", "year"),),
    )
    _table(
        "photo_match",
        *_of(HASH, "sha256", "other"),
        *_of(FLAG, "sure"),
        *_of(NUMBER, "share"),
        *_of(MS, "found_at"),
        *_of(JSON, "laid", default="[]"),
        sa.ForeignKeyConstraint(["other"], ["photo.sha256"], name="fk_photo_match_other", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sha256"], ["photo.sha256"], name="fk_photo_match_sha256", ondelete="CASCADE"),
        key=("sha256", "other"),
        index=("other",),
    )
    _table(
        "likeness_pending",
        *_of(HASH, "sha256"),
        *_of(MS, "at"),
        sa.ForeignKeyConstraint(["sha256"], ["photo.sha256"], name="fk_likeness_pending_sha256", ondelete="CASCADE"),
        key=("sha256",),
    )
    _table(
        "hint",
        *_of(ID, "record_id"),
        *_of(sa.String(20), "rule"),
        *_of(ID, "stream_id"),
        *_of(sa.String(4), "grade"),
        *_of(NUMBER, "hits"),
        *_of(JSON, "detail"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_hint_record_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_hint_stream_id", ondelete="CASCADE"),
        key=("record_id", "rule"),
        index=(("stream_id", "grade"), ("stream_id", "rule")),
    )
    _table(
        "hint_mark",
        *_of(sa.String(32), "mark"),
        *_of(ID, "record_id", "stream_id"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_hint_mark_record_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_hint_mark_stream_id", ondelete="CASCADE"),
        key=("mark", "record_id"),
        index=("stream_id",),
    )
    _table(
        "hinted_stream",
        *_of(ID, "stream_id"),
        *_of(MS, "written"),
        *_of(DAY, "starts_on", "ends_on"),
        *_of(MS, "changes", default="0"),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name="fk_hinted_stream_stream_id", ondelete="CASCADE"),
        key=("stream_id",),
    )
    _table(
        "hint_change",
        *_of(ID, "stream_id"),
        *_of(MS, "changes"),
        key=("stream_id",),
    )


def _reports() -> None:
    _table(
        "letterhead",
        *_of(ID, "id", "unit_id"),
        *_of(DAY, "valid_from"),
        *_of(sa.String(200), "governing"),
        *_of(sa.String(300), "issuing"),
        *_of(sa.String(200), "called"),
        *_of(sa.String(40), "symbol"),
        *_of(sa.String(100), "place"),
        *_of(TEXT, "signing"),
        *_of(sa.String(100), "signer"),
        *_of(JSON, "addressees", "recipients"),
        *_of(ID, "officer_id"),
        *_of(MS, "saved_at"),
        *_of(DAY, "valid_to", null=True),
        *_of(sa.String(300), "mandate", default=""),
        to={"officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id", ("unit_id", "valid_from")),
    )
    _table(
        "report_form",
        *_of(ID, "id", "unit_id"),
        *_of(sa.String(200), "name"),
        *_of(sa.String(4), "type"),
        *_of(NUMBER, "size_bytes"),
        *_of(HASH, "sha256"),
        *_of(ID, "officer_id"),
        *_of(MS, "added_at"),
        *_of(MS, "removed_at", null=True),
        *_of(JSON, "tags", null=True),
        to={"officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "sha256", "unit_id"),
    )
    _table(
        "asked_document",
        *_of(ID, "id", "campaign_id", "unit_id"),
        *_of(sa.String(20), "kind"),
        *_of(JSON, "choices"),
        *_of(ID, "officer_id"),
        *_of(MS, "asked_at"),
        *_of(ID, "job_id"),
        *_of(sa.String(200), "file_name"),
        *_of(HASH, "sha256"),
        *_of(MS, "size_bytes"),
        *_of(JSON, "printed", null=True),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=(("campaign_id", "unit_id", "asked_at"), "job_id", "officer_id", "unit_id"),
    )
    _table(
        "money_statement",
        *_of(ID, "id", "campaign_id", "unit_id", "officer_id"),
        *_of(MS, "at"),
        *_of(NUMBER, "number"),
        *_of(FLAG, "nil"),
        *_of(MS, "province", "district", "commune", "combined", "social"),
        *_of(sa.String(8), "act", default="state"),
        *_of(sa.String(2000), "reason", default=""),
        sa.UniqueConstraint("campaign_id", "unit_id", "number", name="uq_money_statement_campaign_id_unit_id_number"),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id"),
    )
    _table(
        "issued_document",
        *_of(ID, "id", "campaign_id", "unit_id", "officer_id"),
        *_of(MS, "at"),
        *_of(sa.String(20), "type"),
        *_of(sa.String(60), "symbol"),
        *_of(DAY, "issued_on"),
        *_of(sa.String(500), "subject"),
        *_of(MS, "removed_at", null=True),
        *_of(ID, "removed_by", null=True),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=(("campaign_id", "unit_id"), "officer_id", "unit_id"),
    )
    _table(
        "frozen",
        *_of(ID, "id", "campaign_id", "unit_id", "officer_id"),
        *_of(MS, "at"),
        *_of(HASH, "sha256"),
        *_of(TEXT, "head"),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=("campaign_id", "officer_id", "unit_id"),
    )
    _table(
        "frozen_line",
        *_of(ID, "freeze_id", "record_id"),
        *_of(HASH, "sha256"),
        *_of(TEXT, "content"),
        *_of(MS, "erased_at", null=True),
        key=("freeze_id", "record_id"),
        to={"freeze_id": "frozen", "record_id": "record"},
        index=("record_id",),
    )
    _table(
        "frozen_document",
        *_of(ID, "id", "freeze_id"),
        *_of(sa.String(40), "form"),
        *_of(HASH, "sha256"),
        *_of(MS, "made_at"),
        *_of(MS, "erased_at", null=True),
        to={"freeze_id": "frozen"},
        index=("sha256",),
    )
    _table(
        "lock_step",
        *_of(ID, "id", "campaign_id", "unit_id"),
        *_of(NUMBER, "number"),
        *_of(sa.String(8), "act"),
        *_of(ID, "officer_id"),
        *_of(MS, "at"),
        *_of(sa.String(2000), "reason"),
        *_of(ID, "freeze_id", null=True),
        *_of(MS, "until", null=True),
        *_of(sa.String(200), "person", default=""),
        sa.UniqueConstraint("campaign_id", "unit_id", "number", name="uq_lock_step_campaign_id_unit_id_number"),
        to={"campaign_id": "campaign", "freeze_id": "frozen", "officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id"),
    )
    _table(
        "paper",
        *_of(ID, "id", "campaign_id", "unit_id"),
        *_of(sa.String(12), "kind"),
        *_of(ID, "freeze_id"),
        *_of(ID, "follows_id", null=True),
        *_of(ID, "made_by"),
        *_of(MS, "made_at"),
        to={
            "campaign_id": "campaign",
            "follows_id": "paper",
            "freeze_id": "frozen",
            "made_by": "officer",
            "unit_id": "unit",
        },
        index=("campaign_id", "follows_id", "freeze_id", "made_by", "unit_id"),
    )
    _table(
        "paper_version",
        *_of(ID, "id", "paper_id"),
        *_of(NUMBER, "number"),
        *_of(ID, "freeze_id"),
        *_of(MS, "at"),
        *_of(HASH, "sha256"),
        *_of(TEXT, "content"),
        sa.UniqueConstraint("paper_id", "number", name="uq_paper_version_paper_id_number"),
        to={"freeze_id": "frozen", "paper_id": "paper"},
        index=("freeze_id",),
    )
    _table(
        "paper_step",
        *_of(ID, "id", "paper_id"),
        *_of(NUMBER, "number"),
        *_of(ID, "act"),
        *_of(sa.String(12), "state"),
        *_of(ID, "officer_id"),
        *_of(MS, "at"),
        *_of(sa.String(200), "person"),
        *_of(sa.String(2000), "reason"),
        *_of(ID, "freeze_id"),
        *_of(ID, "version_id", null=True),
        *_of(sa.String(60), "doc_number"),
        *_of(DAY, "doc_date", null=True),
        sa.UniqueConstraint("paper_id", "number", name="uq_paper_step_paper_id_number"),
        to={"freeze_id": "frozen", "officer_id": "officer", "paper_id": "paper", "version_id": "paper_version"},
        index=("officer_id",),
    )
    _table(
        "paper_file",
        *_of(ID, "id", "paper_id", "officer_id"),
        *_of(MS, "at"),
        *_of(HASH, "sha256"),
        *_of(NUMBER, "size_bytes"),
        *_of(FLAG, "encrypted", "differs"),
        *_of(NUMBER, "written", "pictures", null=True),
        *_of(JSON, "unfit", default="[]"),
        to={"officer_id": "officer", "paper_id": "paper"},
        index=("officer_id", "paper_id", "sha256"),
    )
    _table(
        "passage",
        *_of(ID, "id", "campaign_id", "unit_id"),
        *_of(ID, "paper_id", null=True),
        *_of(ID, "owner"),
        *_of(sa.String(40), "section"),
        *_of(TEXT, "text"),
        *_of(NUMBER, "version"),
        *_of(ID, "edited_by", null=True),
        *_of(MS, "edited_at", null=True),
        *_of(ID, "held_by", null=True),
        *_of(MS, "held_at", null=True),
        *_of(JSON, "sources"),
        sa.UniqueConstraint("campaign_id", "owner", "section", name="uq_passage_campaign_id_owner_section"),
        to={
            "campaign_id": "campaign",
            "edited_by": "officer",
            "held_by": "officer",
            "paper_id": "paper",
            "unit_id": "unit",
        },
        index=("paper_id", "unit_id"),
    )
    _table(
        "passage_aside",
        *_of(ID, "id", "passage_id", "officer_id"),
        *_of(TEXT, "text"),
        *_of(MS, "at"),
        *_of(MS, "settled_at", null=True),
        to={"officer_id": "officer", "passage_id": "passage"},
        index=("officer_id", "passage_id"),
    )
    _table(
        "prior_draft",
        *_of(ID, "id", "campaign_id", "unit_id", "officer_id"),
        *_of(MS, "at"),
        *_of(sa.String(10), "source"),
        *_of(ID, "from_id"),
        *_of(sa.String(300), "name"),
        *_of(DAY, "as_of"),
        *_of(JSON, "sheet", "placed"),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id"),
    )
    _table(
        "prior_set",
        *_of(ID, "id", "campaign_id", "unit_id", "officer_id"),
        *_of(MS, "at"),
        *_of(sa.String(10), "source"),
        *_of(ID, "from_id"),
        *_of(sa.String(300), "name"),
        *_of(DAY, "as_of"),
        *_of(JSON, "rules"),
        *_of(NUMBER, "units"),
        *_of(MS, "ended_at", null=True),
        *_of(ID, "ended_by", null=True),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=(("campaign_id", "unit_id"), "officer_id", "unit_id"),
    )
    _table(
        "prior_value",
        *_of(ID, "set_id", "unit_id"),
        *_of(sa.String(40), "figure"),
        *_of(MS, "amount", null=True),
        *_of(FLAG, "summed"),
        key=("set_id", "unit_id", "figure"),
        to={"set_id": "prior_set", "unit_id": "unit"},
    )
    _table(
        "sealed_totals",
        *_of(ID, "id", "campaign_id", "unit_id", "officer_id"),
        *_of(MS, "at"),
        *_of(NUMBER, "number"),
        *_of(ID, "key_id"),
        *_of(TEXT, "sealed"),
        sa.UniqueConstraint("campaign_id", "unit_id", "number", name="uq_sealed_totals_campaign_id_unit_id_number"),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=("key_id", "officer_id", "unit_id"),
    )
    _table(
        "sealed_annex",
        *_of(ID, "id", "campaign_id", "unit_id", "officer_id"),
        *_of(MS, "at"),
        *_of(NUMBER, "number"),
        *_of(HASH, "sha256"),
        *_of(ID, "key_id"),
        *_of(TEXT, "sealed"),
        sa.UniqueConstraint("campaign_id", "unit_id", "number", name="uq_sealed_annex_campaign_id_unit_id_number"),
        to={"campaign_id": "campaign", "officer_id": "officer", "unit_id": "unit"},
        index=("key_id", "officer_id", "unit_id"),
    )


def _cases() -> None:
    _table(
        "case_key",
        *_of(ID, "id"),
        *_of(HASH, "public"),
        *_of(ID, "made_by"),
        *_of(MS, "made_at"),
        *_of(TEXT, "recovery"),
        *_of(MS, "recovery_at", null=True),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name="fk_case_key_made_by_officer"),
        index=("made_by",),
    )
    _table(
        "key_holder",
        *_of(ID, "officer_id"),
        *_of(HASH, "public"),
        *_of(sa.String(32), "salt"),
        *_of(TEXT, "private"),
        *_of(MS, "made_at"),
        *_of(TEXT, "wrapped"),
        *_of(ID, "admitted_by"),
        *_of(MS, "admitted_at", "lost_at", null=True),
        *_of(ID, "lost_why"),
        *_of(MS, "seen"),
        *_of(TEXT, "look"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_key_holder_officer_id_officer"),
        key=("officer_id",),
    )
    _table(
        "key_opening",
        *_of(HASH, "name"),
        *_of(ID, "officer_id"),
        *_of(MS, "begun_at", "seen_at"),
        *_of(TEXT, "sealed"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_key_opening_officer_id_officer"),
        key=("name",),
        index=("officer_id",),
    )
    _table(
        "case_right",
        *_of(ID, "id", "officer_id", "unit_id", "proposed_by"),
        *_of(MS, "proposed_at"),
        *_of(ID, "given_by", null=True),
        *_of(MS, "given_at", null=True),
        *_of(ID, "ended_by", null=True),
        *_of(MS, "ended_at", null=True),
        to={"officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id"),
    )
    _table(
        "case_file",
        *_of(ID, "id"),
        *_of(NUMBER, "number"),
        *_of(HASH, "unit_tag", "received_tag", "code_tag"),
        *_of(ID, "key_id"),
        *_of(TEXT, "sealed"),
        *_of(TEXT, "remains", "rest", "recoded", default=""),
        sa.UniqueConstraint("code_tag", name="uq_case_file_code_tag"),
        index=("key_id", "received_tag", "unit_tag"),
    )
    _table(
        "case_count",
        *_of(ID, "id"),
        *_of(HASH, "unit_tag"),
        *_of(ID, "key_id"),
        *_of(TEXT, "sealed"),
        index=("key_id", "unit_tag"),
    )
    _table(
        "case_entry",
        *_of(HASH, "token_hash"),
        *_of(ID, "officer_id"),
        *_of(MS, "begun_at", "seen_at"),
        *_of(ID, "key_id"),
        *_of(TEXT, "sealed"),
        key=("token_hash",),
        to={"officer_id": "officer"},
        index=("key_id", "officer_id"),
    )
    _table(
        "case_log_line",
        *_of(MS, "number"),
        *_of(HASH, "digest", "prev", "mac"),
        *_of(ID, "chain_key", "key_id"),
        *_of(HASH, "body_mac"),
        *_of(TEXT, "sealed"),
        *_of(TEXT, "remains", default=""),
        *_of(HASH, "case_tag", default=""),
        key=("number",),
        index=("case_tag", "key_id"),
    )
    _table(
        "case_try",
        *_of(MS, "minute"),
        *_of(sa.String(20), "act"),
        *_of(ID, "officer_id"),
        *_of(sa.String(40), "what"),
        *_of(NUMBER, "times"),
        key=("minute", "act", "officer_id"),
    )
    _table(
        "public_figures",
        *_of(ID, "id", "officer_id", "unit_id"),
        *_of(MS, "at"),
        *_of(DAY, "first", "last"),
        *_of(JSON, "shown"),
        sa.UniqueConstraint("unit_id", "first", "last", name="uq_public_figures_unit_id_first_last"),
        to={"officer_id": "officer", "unit_id": "unit"},
        index=("officer_id", "unit_id"),
    )


_INDEXES = (  # (table, columns, unique, of which rows, name)
    ("decision", ("stream_id", "position"), True, "", "ix_decision_stream_id_position"),
    ("frozen_document", ("freeze_id", "form"), True, "erased_at IS NULL", "ix_frozen_document_freeze_id_form"),
    (
        "listed_record",
        ("campaign_id", "answer", "day", "record_id"),
        False,
        "answer IS NOT NULL",
        "ix_listed_record_answer",
    ),
    (
        "listed_record",
        ("campaign_id", "hint", "day", "record_id"),
        False,
        "hint IS NOT NULL",
        "ix_listed_record_hinted",
    ),
    ("message", ("stream_id", "position"), True, "", "ix_message_stream_id_position"),
    (
        "record",
        ("stream_id", "readiness", "state", "conflicted", "kind", "hint"),
        False,
        "readiness IS NOT NULL",
        "ix_record_readiness",
    ),
    ("reply", ("decision_id",), True, "", "ix_reply_decision_id"),
    ("reply", ("stream_id", "position"), True, "", "ix_reply_stream_id_position"),
    ("seal", ("stream_id", "position"), True, "taken_back_at IS NULL", "ix_seal_stream_id_position"),
    ("write", ("stream_id", "position"), True, "", "ix_write_stream_id_position"),
)
_TABLES = """
unit officer membership absence handover unit_split unit_population roster device person_quota enrolment_code
desk_session second_factor recovery_code required_factor failed_tries wrong_codes welcome_link training_day
training_request taken_back audit_line audit_day audit_head wrong_try meta mark restoration job regime_version
rest_day campaign campaign_file campaign_letter letter_draft letter_draft_file ordering_letter face_rule sample_rule
bulk_act reviewer_text hint_grade export_link stream counter push record write early_seen decision reply message
missing_write rescue listed_record stream_word seal tally tally_key census total_step photo photo_ref photo_mark
photo_windows photo_match likeness_pending hint hint_mark hinted_stream hint_change letterhead report_form
asked_document money_statement issued_document frozen frozen_line frozen_document lock_step paper paper_version
paper_step paper_file passage passage_aside prior_draft prior_set prior_value sealed_totals sealed_annex case_key
key_holder key_opening case_right case_file case_count case_entry case_log_line case_try public_figures
"""
"""In the order in which they are made."""
_ONCE = "OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL"
_REMOVED = "EXISTS (SELECT 1 FROM audit_day WHERE OLD.number BETWEEN audit_day.first AND audit_day.last)"
_LINE = (
    f"{_ONCE} AND NEW.content = '' AND NEW.freeze_id = OLD.freeze_id AND NEW.record_id = OLD.record_id "
    "AND NEW.sha256 = OLD.sha256"
)
_DOCUMENT = (
    f"{_ONCE} AND NEW.id = OLD.id AND NEW.freeze_id = OLD.freeze_id AND NEW.form = OLD.form "
    "AND NEW.sha256 = OLD.sha256 AND NEW.made_at = OLD.made_at"
)
_TOTALS = (
    "NEW.id = OLD.id AND NEW.campaign_id = OLD.campaign_id AND NEW.unit_id = OLD.unit_id AND NEW.number = OLD.number "
    "AND NEW.officer_id = OLD.officer_id AND NEW.at = OLD.at"
)
_MAY_CHANGE = {
    "frozen_line": _LINE,
    "frozen_document": _DOCUMENT,
    "sealed_totals": _TOTALS,
    "sealed_annex": f"{_TOTALS} AND NEW.sha256 = OLD.sha256",
}
"""What may become of a row: a line or a document is emptied, once; a sealed text is sealed with another key."""
_LOG, _CASES = "the audit log is append-only", "a line of the log of cases is not altered"
_FIGURES, _AND_TOTALS = "locked figures are not altered", "locked figures and totals are not altered"
_SEALED, _PAPER = "sealed totals are not altered", "what was presented is not altered"
_STATED = "what a unit stated is not altered"
_STEP = "(campaign_id = NEW.campaign_id AND unit_id = NEW.unit_id AND number = NEW.number)"
_SQLITE = (  # (table, a row that is there already, what is said); an insert over a row deletes it without a trigger
    ("audit_line", "number = NEW.number", _LOG),
    ("audit_day", "day = NEW.day", _LOG),
    ("lock_step", "", _FIGURES),
    ("frozen", "id = NEW.id", _FIGURES),
    ("frozen_line", "freeze_id = NEW.freeze_id AND record_id = NEW.record_id", _FIGURES),
    ("frozen_document", "id = NEW.id", _FIGURES),
    (
        "total_step",
        "id = NEW.id OR (stream_id = NEW.stream_id AND figure = NEW.figure AND number = NEW.number)",
        _AND_TOTALS,
    ),
    ("sealed_totals", "id = NEW.id", _SEALED),
    ("sealed_annex", "id = NEW.id", _SEALED),
    ("paper_step", "id = NEW.id", _PAPER),
    ("paper_version", "id = NEW.id", _PAPER),
    ("paper_file", "id = NEW.id", _PAPER),
    ("money_statement", f"id = NEW.id OR {_STEP}", _STATED),
)
_POSTGRESQL = {  # by table: the function of its triggers
    "audit_day": "audit_refused",
    **dict.fromkeys(
        ("lock_step", "frozen", "frozen_line", "frozen_document", "total_step", "money_statement"), "frozen_refused"
    ),
    **dict.fromkeys(("sealed_totals", "sealed_annex"), "sealed_refused"),
    **dict.fromkeys(("paper_step", "paper_version", "paper_file"), "paper_refused"),
}
_CATALOGUE = {  # by table: the statements after which clients need another catalogue
    "unit": ("INSERT", "UPDATE", "DELETE"),
    "campaign": ("INSERT", "UPDATE", "DELETE"),
    "campaign_file": ("INSERT", "UPDATE", "DELETE"),
    "membership": ("INSERT", "UPDATE", "DELETE"),
    "officer": ("INSERT", "UPDATE OF name, phone, disabled_at", "DELETE"),
    "stream": ("INSERT", "DELETE"),
}
_CATALOGUE_ROWS = (  # one row each: only those that a catalogue names
    ("regime_version", "INSERT", "NEW.number IS NOT NULL"),
    ("regime_version", "UPDATE", "NEW.number IS NOT NULL"),
    ("meta", "INSERT", "NEW.key = 'demo'"),
    ("meta", "DELETE", "OLD.key = 'demo'"),
)
_LINES_OF_CASES = ("number", "digest", "prev", "mac")


def _guard_sqlite() -> None:
    for table, there, said in _SQLITE:
        rows = {"update": "BEFORE UPDATE", "delete": "BEFORE DELETE"}
        whens = {"update": f" WHEN NOT ({_MAY_CHANGE[table]})" if table in _MAY_CHANGE else "", "delete": ""}
        if table == "audit_line":
            whens["delete"] = f" WHEN NOT {_REMOVED}"
        for name, when in rows.items():
            _refuse(f"{table}_no_{name}", f"{when} ON {table}{whens[name]}", said)
        if there:
            _refuse(f"{table}_no_replace", f"BEFORE INSERT ON {table} WHEN {_exists(table, there)}", said)
    _refuse(
        "lock_step_no_replace",
        f"BEFORE INSERT ON lock_step WHEN {_exists('lock_step', f'id = NEW.id OR {_STEP}')}",
        _AND_TOTALS,
    )
    # Two who ask for a document at once both insert it and expect nothing of the second: it is left out, not refused.
    same = "freeze_id = NEW.freeze_id AND form = NEW.form AND erased_at IS NULL AND id <> NEW.id"
    op.execute(
        "CREATE TRIGGER frozen_document_kept BEFORE INSERT ON frozen_document WHEN NEW.erased_at IS NULL AND "
        f"{_exists('frozen_document', same)} BEGIN SELECT RAISE(IGNORE); END"
    )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _LINES_OF_CASES)
    _refuse("case_log_line_no_update", f"BEFORE UPDATE ON case_log_line WHEN {changed}", _CASES)
    _refuse("case_log_line_no_delete", "BEFORE DELETE ON case_log_line ", _CASES)
    op.execute("INSERT INTO meta (key, value) VALUES ('catalog_version', lower(hex(randomblob(12))))")
    change = "UPDATE meta SET value = lower(hex(randomblob(12))) WHERE key = 'catalog_version'"
    for name, event, table, when in _catalogue():
        only = f"WHEN {when} " if when else ""
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} {only}BEGIN {change}; END")


def _refuse(name: str, when: str, said: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{said}'); END")


def _exists(table: str, row: str) -> str:
    return f"EXISTS (SELECT 1 FROM {table} WHERE {row})"  # noqa: S608  # names of this file


def _guard_postgresql() -> None:
    for name, said in {"audit": _LOG, "frozen": _FIGURES, "sealed": _SEALED, "paper": _PAPER}.items():
        _function(f"{name}_refused", f"{_raise(said)};")
    _function("audit_removed", f"IF NOT {_REMOVED} THEN {_raise(_LOG)}; END IF; RETURN OLD;")
    _trigger("audit_line_no_change", "BEFORE UPDATE ON audit_line FOR EACH ROW", "audit_refused")
    _trigger("audit_line_no_delete", "BEFORE DELETE ON audit_line FOR EACH ROW", "audit_removed")
    _trigger("audit_line_no_truncate", "BEFORE TRUNCATE ON audit_line FOR EACH STATEMENT", "audit_refused")
    for table, function in _POSTGRESQL.items():
        if table in _MAY_CHANGE:
            when = f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NOT ({_MAY_CHANGE[table]}))"
            _trigger(f"{table}_no_update", when, function)
            _trigger(f"{table}_no_delete", f"BEFORE DELETE ON {table} FOR EACH ROW", function)
        else:
            _trigger(f"{table}_no_change", f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW", function)
        _trigger(f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT", function)
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _LINES_OF_CASES)
    refused = f"IF TG_OP = 'DELETE' OR {changed} THEN RAISE EXCEPTION '{_CASES}'; END IF; RETURN NEW;"
    _function("case_log_line_kept", refused)
    _trigger("case_log_line_kept", "BEFORE UPDATE OR DELETE ON case_log_line FOR EACH ROW", "case_log_line_kept")
    op.execute("INSERT INTO meta (key, value) VALUES ('catalog_version', gen_random_uuid()::text)")
    change = "UPDATE meta SET value = gen_random_uuid()::text WHERE key = 'catalog_version'"
    _function("catalogue_changed", f"{change}; RETURN NULL;")
    for name, event, table, when in _catalogue():
        each = f"FOR EACH ROW WHEN ({when})" if when else "FOR EACH STATEMENT"
        _trigger(name, f"AFTER {event} ON {table} {each}", "catalogue_changed")


def _raise(said: str) -> str:
    return f"RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'"


def _function(name: str, does: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does} END $$")


def _trigger(name: str, when: str, function: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")


def _catalogue() -> Iterator[tuple[str, str, str, str]]:
    """Yield name, event, table and condition of the triggers that give the catalogue another version."""
    rows = [(table, event, "") for table, events in _CATALOGUE.items() for event in events]
    for table, event, when in (*rows, *_CATALOGUE_ROWS):
        yield f"catalogue_{table}_{event.split(maxsplit=1)[0].lower()}", event, table, when


def downgrade() -> None:
    for table in reversed(_TABLES.split()):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in (*sorted({*_POSTGRESQL.values()}), "audit_removed", "case_log_line_kept", "catalogue_changed"):
            op.execute(f"DROP FUNCTION {name}()")
