"""The envelopes, and formats of single values, as marshmallow schemas: checked and documented in OpenAPI at once.

Writes stay unparsed here, because a nested schema would refuse a whole push for one bad write (SPEC X-2).
"""

from __future__ import annotations

from typing import Any, Final

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from sync import protocol
from sync.errors import CODES
from sync.registry import KINDS
from sync.text import is_well_formed

# In Python a plain `$` also matches before a final line break; OpenAPI patterns have no `\Z`.
HASH: Final = validate.Regexp(r"^[0-9a-f]{64}$(?!\n)")
ID: Final = validate.Regexp(r"^[A-Za-z0-9_-]{16}$(?!\n)")


def is_text(text: str) -> None:
    """Raise ValidationError for text that no database can store."""
    if not is_well_formed(text):
        raise ValidationError("text")


def in_path(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """Return a path parameter; a value of another form is answered 404."""
    return {"in": "path", "name": name, "required": True, "description": description, "schema": schema}


ID_FORM: Final = {"type": "string", "pattern": "^[A-Za-z0-9_-]{16}$"}
HASH_FORM: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def is_boolean(value: object) -> None:
    """Raise ValidationError for anything but true and false; `fields.Boolean` takes 1 for true."""
    if not isinstance(value, bool):
        raise ValidationError("boolean")


_CODE = validate.OneOf(list(CODES))
_RESULT = validate.OneOf(["stored", "later", "refused"])
_NATURAL = validate.Range(0, protocol.INTEGER_MAX)


class OpenSchema(Schema):
    """A schema that lets unknown keys pass."""

    class Meta:
        """Ignore keys of a newer client or a newer server (SPEC V-2)."""

        unknown = EXCLUDE


class CursorIn(OpenSchema):
    """SPEC C-2."""

    unit = fields.String(required=True, validate=ID)
    campaign = fields.String(required=True, validate=ID)
    position = fields.Integer(required=True, strict=True, validate=_NATURAL)
    tag = fields.String(required=True, validate=[validate.Length(max=16), is_text])
    floor = fields.Integer(required=True, strict=True, validate=_NATURAL)


_SIMPLE = {
    "anyOf": [
        {"type": "null"},
        {"type": "boolean"},
        {"type": "integer", "minimum": -protocol.INTEGER_MAX, "maximum": protocol.INTEGER_MAX},
        {"type": "string", "maxLength": 20_000},
    ]
}
_VALUE = {
    "anyOf": [
        *_SIMPLE["anyOf"],
        {"type": "object", "maxProperties": 32, "additionalProperties": _SIMPLE},
    ]
}
"""SPEC W-12."""


class WriteIn(OpenSchema):
    """A write, SPEC W-1, W-2, L-15: documented here, validated by sync/write.py."""

    id = fields.String(required=True, validate=ID)
    at = fields.Integer(required=True, validate=validate.Range(-protocol.INTEGER_MAX, protocol.INTEGER_MAX))
    record = fields.String(validate=ID)
    kind = fields.String(validate=validate.OneOf(list(KINDS)))
    unit = fields.String(validate=ID)
    campaign = fields.String(validate=ID)
    set = fields.Dict(
        required=True,
        metadata={
            "minProperties": 1,
            "maxProperties": 2 * protocol.RECORD_FIELDS,
            "description": f"By field; a name has at most {protocol.FIELD_NAME_LENGTH} characters (SPEC W-8, W-11).",
            "additionalProperties": _VALUE,
        },
    )
    seen = fields.List(fields.String(validate=ID), validate=validate.Length(max=protocol.SEEN_IDS))
    received = fields.Integer(validate=validate.Range(1, protocol.INTEGER_MAX), metadata={"description": "SPEC L-15."})


class KnownIn(OpenSchema):
    """A record the phone knew, SPEC B-3: documented here, read by services/recovery/missing.py."""

    record = fields.String(required=True, validate=ID)
    unit = fields.String(required=True, validate=ID)
    campaign = fields.String(required=True, validate=ID)
    number = fields.String(required=True)
    writes = fields.List(fields.String(validate=ID), required=True, validate=validate.Length(1, protocol.KNOWN_WRITES))


class HeldIn(OpenSchema):
    """What stays on the device alone, SPEC X-45: documented here, read by services/exchange/wire.py."""

    writes = fields.Integer(required=True, strict=True, validate=_NATURAL)
    photos = fields.Integer(required=True, strict=True, validate=_NATURAL)
    bytes = fields.Integer(required=True, strict=True, validate=_NATURAL)


class MessageBodyIn(OpenSchema):
    """A question or an answer about a record, SPEC D-15."""

    record = fields.String(required=True, validate=ID)
    text = fields.String(required=True)
    at = fields.Integer(required=True, strict=True, validate=_NATURAL)


class ReplyBodyIn(MessageBodyIn):
    """An answer to a return, SPEC D-13."""

    decision = fields.String(required=True, validate=ID)


class SealBodyIn(OpenSchema):
    """Figures confirmed and sent, SPEC L-2: `shown` as the preview gave it; `empty`: nothing was submitted."""

    unit = fields.String(required=True, validate=ID)
    campaign = fields.String(required=True, validate=ID)
    shown = fields.Dict(keys=fields.String(validate=ID), values=fields.Integer(validate=_NATURAL), required=True)
    empty = fields.Boolean()
    basis = fields.String(metadata={"description": "As the preview gave it."})
    current = fields.Boolean(metadata={"description": "True: ask again if something was written since (SPEC X-65)."})
    prepared_by = fields.String(metadata={"description": "Who made the figures, SPEC X-65."})
    approved_by = fields.String(metadata={"description": "The leader who approved them."})
    approved_title = fields.String(metadata={"description": "That leader's office."})
    approved_on = fields.String(metadata={"description": "The day of it."})


class EntryIn(OpenSchema):
    """An entry of the outbox that is no write, SPEC X-62: documented here, read by recovery/outbox.py."""

    id = fields.String(required=True, validate=ID)
    received = fields.Integer(validate=validate.Range(1, protocol.INTEGER_MAX), metadata={"description": "SPEC L-15."})


class ReplyEntryIn(EntryIn):
    """An answer to a return as an entry of the outbox."""

    reply = fields.Nested(ReplyBodyIn, required=True)


class MessageEntryIn(EntryIn):
    """A message as an entry of the outbox."""

    message = fields.Nested(MessageBodyIn, required=True)


class SealEntryIn(EntryIn):
    """Figures confirmed, as an entry of the outbox."""

    seal = fields.Nested(SealBodyIn, required=True)


def _judged_alone(words: str, *names: str) -> fields.Raw:
    """Return the field of an item that is validated alone: a bad one never fails the whole request (SPEC X-2)."""
    words += " Another form is refused alone, or passed over; the rest of the request counts."
    forms = [*({"$ref": f"#/components/schemas/{name}"} for name in names), {"type": "null"}]
    return fields.Raw(metadata={"anyOf": forms, "description": words, "x-judged-alone": True}, allow_none=True)


class SyncIn(OpenSchema):
    """SPEC X-1, X-15, X-16: the request."""

    app = fields.Integer(load_default=1, strict=True, validate=validate.Range(0, 10**6))
    cursors = fields.List(
        fields.Nested(CursorIn), load_default=list, validate=validate.Length(max=protocol.STREAMS_ON_A_PHONE)
    )
    writes = fields.List(
        _judged_alone(
            "A write (SPEC W-1, W-2), or another entry of the outbox (X-62).",
            *("WriteIn", "ReplyEntryIn", "MessageEntryIn", "SealEntryIn"),
        ),
        load_default=list,
        validate=validate.Length(max=protocol.WRITES_PER_REQUEST),
    )
    photos = fields.List(
        fields.String(validate=HASH), load_default=list, validate=validate.Length(max=protocol.PHOTOS_PER_REQUEST)
    )
    push = fields.String(load_default=None, validate=ID)
    ask = fields.String(load_default=None, validate=ID)
    restored = fields.Integer(load_default=None, strict=True, validate=_NATURAL)
    known = fields.List(
        _judged_alone("A record the phone knew (SPEC B-3).", "KnownIn"),
        load_default=list,
        validate=validate.Length(max=protocol.KNOWN_PER_REQUEST),
    )
    held = _judged_alone("What stays on the device alone (SPEC X-45).", "HeldIn")
    pull = fields.Raw(
        load_default=True,
        validate=is_boolean,
        metadata={"type": "boolean", "description": "False: no changes and no cursors (SPEC X-60)."},
    )
    mark = fields.Raw(
        load_default=None,
        allow_none=True,
        metadata={"type": "string", "description": "As the server gave it (SPEC B-31); anything else is passed over."},
    )

    @validates_schema
    def _asks_or_writes(self, data: dict[str, Any], **_named: object) -> None:
        if data.get("ask") and data.get("writes"):
            raise ValidationError("ask")


class CursorOut(OpenSchema):
    """SPEC C-2, C-3, L-3."""

    unit = fields.String(required=True)
    campaign = fields.String(required=True)
    position = fields.Integer(required=True)
    tag = fields.String(required=True)
    floor = fields.Integer(required=True)
    reset = fields.Boolean(required=True)
    sealed = fields.Integer(required=True, allow_none=True)
    closed = fields.Integer(required=True, allow_none=True)


class OutcomeOut(OpenSchema):
    """What became of a write, without its id."""

    result = fields.String(required=True, validate=_RESULT)
    unit = fields.String()
    campaign = fields.String()
    position = fields.Integer()
    number = fields.String()
    received = fields.Integer(metadata={"description": "SPEC L-29, milliseconds."})
    code = fields.String(validate=_CODE)
    field = fields.String()
    detail = fields.String()


class ResultOut(OutcomeOut):
    """SPEC X-2."""

    id = fields.String(required=True)


class WriteOut(OpenSchema):
    """SPEC X-8."""

    id = fields.String(required=True)
    at = fields.Integer(required=True)
    by = fields.String(required=True)
    set = fields.Dict(keys=fields.String(), required=True)
    seen = fields.List(fields.String())


class ReplyOut(OpenSchema):
    """SPEC D-13."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.Integer(required=True)


class MessageOut(ReplyOut):
    """SPEC D-15. `above`: by somebody who decides on the record."""

    above = fields.Boolean(required=True)


class DecisionOut(OpenSchema):
    """SPEC X-13."""

    id = fields.String(required=True)
    verdict = fields.String(required=True)
    reason = fields.String(required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    by = fields.String(required=True)
    at = fields.Integer(required=True)
    amended = fields.Boolean(required=True)
    counted = fields.Dict(keys=fields.String(), metadata={"description": "Of an amended record: what counts (D-5)."})
    reply = fields.Nested(ReplyOut, metadata={"description": "Of a return that was answered (D-13)."})


class ChangeOut(OpenSchema):
    """SPEC X-7."""

    record = fields.String(required=True)
    kind = fields.String(required=True)
    unit = fields.String(required=True)
    campaign = fields.String(required=True)
    number = fields.String(required=True)
    whole = fields.Boolean(required=True)
    writes = fields.List(fields.Nested(WriteOut), required=True)
    keep = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    written = fields.Integer()
    received = fields.Integer(metadata={"description": "SPEC L-13, milliseconds."})
    purged = fields.Boolean(metadata={"description": "SPEC L-12."})
    decision = fields.Nested(DecisionOut, required=True, allow_none=True)
    messages = fields.List(
        fields.Nested(MessageOut),
        metadata={"description": "The last 20, the oldest first (D-15)."},
    )


class PhotoState(OpenSchema):
    """SPEC P-8."""

    sha256 = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["verified", "wanted", "refused"]))
    code = fields.String(validate=_CODE)


class RunOut(OutcomeOut):
    """A run of equal results in a row (SPEC X-17)."""

    count = fields.Integer(required=True)
    step = fields.Integer()


class AskedOut(OpenSchema):
    """SPEC X-16."""

    known = fields.Boolean(required=True)
    runs = fields.List(fields.Nested(RunOut), required=True)
    received = fields.Integer(metadata={"description": "SPEC L-29, milliseconds."})


class HeadOut(OpenSchema):
    """First line of a streamed answer (SPEC X-19)."""

    results = fields.List(fields.Nested(ResultOut), required=True)
    asked = fields.Nested(AskedOut)
    photos = fields.List(fields.Nested(PhotoState), required=True)
    catalog = fields.String(required=True)
    server_time = fields.Integer(required=True)
    minimum_app = fields.Integer(required=True)
    restored = fields.Integer(metadata={"description": "SPEC B-2."})
    mark = fields.String(validate=validate.Length(max=protocol.MARK_LENGTH), metadata={"description": "SPEC B-31."})
    replaced = fields.Boolean(metadata={"description": "SPEC X-23."})
    idle = fields.Boolean(metadata={"description": "SPEC X-44."})
    known = fields.List(fields.String(), metadata={"description": "SPEC B-33: the records of `known` that were taken."})


class CursorsOut(OpenSchema):
    """The line that ends a block; the one with `more` ends the answer (SPEC X-19)."""

    cursors = fields.List(fields.Nested(CursorOut), required=True)
    more = fields.Boolean()


class SyncOut(HeadOut, CursorsOut):
    """The answer in one piece (SPEC X-1)."""

    changes = fields.List(fields.Nested(ChangeOut), required=True)
    more = fields.Boolean(required=True)


class EnrolmentIn(OpenSchema):
    """A code, the phone's label for itself, and its random nonce for this enrolment (SPEC ID-4)."""

    code = fields.String(required=True, validate=validate.Length(max=40))
    label = fields.String(load_default="", validate=validate.Length(max=200))
    nonce = fields.String(load_default=None, validate=ID)


class EnrolmentOut(OpenSchema):
    """The token is sent only here; the server stores its hash."""

    token = fields.String(required=True)
    device = fields.String(required=True)
    officer = fields.String(required=True)
    unit = fields.String(required=True)
    rescue_key = fields.String(required=True)


class HealthOut(OpenSchema):
    """The database answered; `demo` where it holds sample data. Only programs of this machine get `version`."""

    status = fields.String(required=True)
    demo = fields.Boolean(required=True)
    version = fields.String()
