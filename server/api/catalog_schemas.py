"""The catalogue as marshmallow schemas (README.md, Catalog)."""

from __future__ import annotations

from marshmallow import fields, validate

from server.api.schemas import HASH, ID, OpenSchema
from server.services.campaigns.files import USES
from server.services.checklist.regimes import BENEFIT, STEP
from sync.registry import KINDS

_DAY = {"format": "date"}


class OfficerOut(OpenSchema):
    """The officer to whom the phone belongs."""

    id = fields.String(required=True, validate=ID)
    name = fields.String(required=True)
    mark = fields.String(required=True, metadata={"description": "In provisional numbers: `BR-K7.1`."})


class ContactOut(OpenSchema):
    """The person to ask."""

    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)


class UnitOut(OpenSchema):
    """A unit the officer writes for, or one merged into it (SPEC L-6)."""

    id = fields.String(required=True, validate=ID)
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    level = fields.String(required=True)
    parent_name = fields.String(required=True, allow_none=True)
    merged_into = fields.String(required=True, allow_none=True)
    stations = fields.List(fields.String(), required=True)
    hamlets = fields.List(fields.String(), required=True)
    contact = fields.Nested(ContactOut, required=True, allow_none=True)


class SloganOut(OpenSchema):
    """A text allowed on a banner."""

    id = fields.String(required=True)
    text = fields.String(required=True)


class FileOut(OpenSchema):
    """A file of a campaign (SPEC F-7)."""

    id = fields.String(required=True, validate=ID)
    use = fields.String(required=True, validate=validate.OneOf(USES))
    title = fields.String(required=True)
    type = fields.String(required=True)
    size_bytes = fields.Integer(required=True)
    sha256 = fields.String(required=True, validate=HASH)
    hotline = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether it advertises the hotline; null: not said (SPEC F-25)."},
    )


class ExpectedOut(OpenSchema):
    """How much of a figure each commune is asked for."""

    figure = fields.String(required=True)
    amount = fields.Integer(required=True)
    digits = fields.Integer()


class CampaignOut(OpenSchema):
    """A campaign in which one of the units takes part."""

    id = fields.String(required=True, validate=ID)
    name = fields.String(required=True)
    practice = fields.Boolean(required=True)
    closed = fields.Boolean(required=True)
    archived = fields.Boolean(required=True)
    hotline = fields.String(required=True)
    starts_on = fields.String(required=True, metadata=_DAY)
    ends_on = fields.String(required=True, metadata=_DAY)
    due_before = fields.String(required=True, metadata=_DAY)
    due_levels = fields.Dict(
        keys=fields.String(),
        values=fields.String(metadata=_DAY),
        required=True,
        metadata={"description": "The earlier days of some levels of units (SPEC L-13)."},
    )
    slogans = fields.List(fields.Nested(SloganOut), required=True)
    kinds = fields.List(fields.String(validate=validate.OneOf(list(KINDS))), required=True)
    files = fields.List(fields.Nested(FileOut), required=True)
    expected = fields.List(fields.Nested(ExpectedOut), required=True)


class RegimeLineOut(OpenSchema):
    """A line of a law for receptions of some days. A row without categories ends the line."""

    law = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf((BENEFIT, STEP)))
    since = fields.String(required=True, metadata=_DAY)
    until = fields.String(required=True, metadata=_DAY)
    taken = fields.String(required=True, metadata=_DAY | {"description": "The day on which it was taken over."})
    row = fields.Dict(required=True, metadata={"description": "As in `sync/regimes.json`."})


class RegimesOut(OpenSchema):
    """Versions of lines of the table of support, in the order in which they were taken over (SPEC F-15)."""

    version = fields.String(required=True)
    lines = fields.List(fields.Nested(RegimeLineOut), required=True)


class NewDeviceOut(OpenSchema):
    """A device enrolled by a code and not yet confirmed by its officer."""

    id = fields.String(required=True, validate=ID)
    label = fields.String(required=True)
    at = fields.Integer(required=True)
    script = fields.Boolean(required=True)
    by = fields.String(required=True, allow_none=True)
    contact = fields.Nested(ContactOut, required=True, allow_none=True)


class CatalogOut(OpenSchema):
    """Everything a phone needs offline."""

    etag = fields.String(required=True)
    demo = fields.Boolean(required=True)
    server_time = fields.Integer(required=True)
    officer = fields.Nested(OfficerOut, required=True)
    units = fields.List(fields.Nested(UnitOut), required=True)
    campaigns = fields.List(fields.Nested(CampaignOut), required=True)
    kinds = fields.List(fields.Dict(), required=True, metadata={"description": "The files of sync/kinds as they are."})
    new_devices = fields.List(fields.Nested(NewDeviceOut), required=True)
    messages = fields.Boolean(required=True, metadata={"description": "Messages about records are taken (SPEC D-15)."})
    regimes = fields.String(
        required=True,
        metadata={"description": "The newest version of the table of support (SPEC F-15), if any."},
    )
    rescue_key = fields.String(required=True, metadata={"description": "SPEC R-5."})
