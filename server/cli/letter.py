"""A campaign as a JSON file: what a letter says, typed once.

docs/letter.example.json is the letter of June 2021; "practice": true and "review_rule" may be said as well.

`unit` is a unit's code; `due_before` the first day that is too late. `bases`, `tasks`, `practice` and `review_rule` may
be left out.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from server.services.campaigns import REVIEW_RULES, NewCampaign

_TEXT = validate.Length(min=1, max=1000)


class Letter(Schema):
    """The file. Unknown keys are refused: a slip in a name must not be passed over."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=300))
    unit = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    due_before = fields.Date(required=True)
    hotline = fields.String(required=True, validate=validate.Length(min=1, max=30))
    slogans = fields.List(fields.String(validate=_TEXT), required=True, validate=validate.Length(min=1))
    bases = fields.List(fields.String(validate=_TEXT), load_default=list)
    tasks = fields.List(fields.String(validate=_TEXT), load_default=list)
    practice = fields.Boolean(load_default=False)
    review_rule = fields.String(load_default="parent", validate=validate.OneOf(REVIEW_RULES))

    @post_load
    def made(self, data: dict[str, Any], **_: object) -> tuple[str, NewCampaign]:
        """(unit code, campaign)."""
        starts_on: date = data["starts_on"]
        if not starts_on <= data["ends_on"] < data["due_before"]:
            raise ValidationError("starts_on, ends_on and due_before must follow one another", "due_before")
        return data.pop("unit"), NewCampaign(**data)
