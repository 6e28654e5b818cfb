"""A campaign as a JSON file: the content of a letter, typed once.

docs/letter.example.json is the letter of June 2021. "practice": true, "review_rule" and "kinds" are also allowed.

`unit` is a unit's code. `due_before` is the first day that is too late; `due_levels` are such days of some levels of
units (`{"commune": "2021-07-30"}`), earlier ones but for the level of `unit`.

`files` are scripts to read out and designs of banners (text, JPEG, PNG
or PDF); their paths are relative to the JSON file, and `"hotline": true` or `false` says whether a file advertises the
hotline (SPEC F-25). `expected` is the amount asked of each commune; `expected_own` says otherwise for a class of them
or for one unit, in the lines of the desk's form: "Phường; Băng rôn; 3". `kinds` are the kinds of activity to record
(default: all), `figures` are the figures the letter asks for. Only the first half, up to `slogans`, is required. What
the desk keeps of a letter may stand under `letter` (number, dated, issuer, to, …), `due_bases` (by level), `outline`
(headings of the report) and `cutoff` ("2021-07-31T17:00").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate

from server.core.clock import ZONE
from server.core.shell_words import later, t
from server.services.campaigns.expected import MOST_LINES
from server.services.campaigns.files import USES, NewFile
from server.services.campaigns.lifecycle import REVIEW_RULES, NewCampaign, faults
from server.services.letters.facts import LINE, LetterFacts
from sync.figures import every_figure
from sync.protocol import FIGURE_MAX
from sync.registry import KINDS

_TEXT = validate.Length(min=1, max=1000)


@dataclass(frozen=True, slots=True)
class Read:
    """The parsed file: the campaign, its unit's code, and its files."""

    unit: str
    campaign: NewCampaign
    files: list[NewFile]
    letter: LetterFacts
    own: str
    """The plan of some communes, in lines that are read when the units are known (campaigns/expected.py)."""


class FileIn(Schema):
    """One file. `path` is relative to the JSON file's folder."""

    use = fields.String(required=True, validate=validate.OneOf(USES))
    title = fields.String(required=True, validate=validate.Length(min=1, max=300))
    path = fields.String(required=True, validate=validate.Length(min=1))
    hotline = fields.Boolean(load_default=None, allow_none=True)


class ExpectedIn(Schema):
    """How much of a figure is expected from each commune."""

    figure = fields.String(required=True, validate=validate.OneOf([figure.code for figure in KINDS.figures()]))
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(1, FIGURE_MAX))


class FactsIn(Schema):
    """What the letter says of itself."""

    class Meta:
        """Every fact in one line has its longest text."""

        include: ClassVar = {name: fields.String(validate=validate.Length(1, most)) for name, most in LINE.items()}

    dated = fields.Date()
    to = fields.List(fields.String(validate=_TEXT))
    recipients = fields.List(fields.String(validate=_TEXT))


WRONG_LEVELS = later("each of due_levels lies after starts_on and, but for the unit's own level, not after due_before")


class Letter(Schema):
    """The file's schema. Unknown keys are refused, because they may be typing errors."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=300))
    unit = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    due_before = fields.Date(required=True)
    due_levels = fields.Dict(
        fields.String(validate=validate.Length(min=1, max=20)), fields.Date(), load_default=dict[str, date]
    )
    hotline = fields.String(load_default="", validate=validate.Length(max=30))
    slogans = fields.List(fields.String(validate=_TEXT), load_default=list)
    bases = fields.List(fields.String(validate=_TEXT), load_default=list)
    tasks = fields.List(fields.String(validate=_TEXT), load_default=list)
    kinds = fields.List(
        fields.String(validate=validate.OneOf([kind.name for kind in KINDS.recorded()])), load_default=list
    )
    files = fields.List(fields.Nested(FileIn), load_default=list)
    expected = fields.List(fields.Nested(ExpectedIn), load_default=list)
    expected_own = fields.List(
        fields.String(validate=_TEXT), load_default=list, validate=validate.Length(max=MOST_LINES)
    )
    figures = fields.List(
        fields.String(validate=validate.OneOf([figure.code for figure in every_figure()])), load_default=list
    )
    letter = fields.Nested(FactsIn, load_default=dict[str, Any])
    due_bases = fields.Dict(
        fields.String(validate=validate.Length(min=1, max=20)),
        fields.String(validate=_TEXT),
        load_default=dict[str, str],
    )
    outline = fields.List(fields.String(validate=_TEXT), load_default=list)
    cutoff = fields.NaiveDateTime(load_default=None, allow_none=True)
    practice = fields.Boolean(load_default=False)
    review_rule = fields.String(load_default="parent", validate=validate.OneOf(REVIEW_RULES))

    @post_load
    def made(self, data: dict[str, Any], **_: object) -> Read:
        """Check the dates and return the campaign; file paths stay as written."""
        levels: dict[str, date] = data["due_levels"]
        data["due_levels"] = {level: day.isoformat() for level, day in levels.items()}
        given = data.pop("files")
        files = [NewFile(each["use"], each["title"], Path(each["path"]), each["hotline"]) for each in given]
        letter, own = _facts(data), "\n".join(" ".join(line.splitlines()) for line in data.pop("expected_own"))
        unit, new = data.pop("unit"), NewCampaign(**data)
        last = next((level for level, day in new.due_levels.items() if day > new.due_before.isoformat()), "")
        for name in faults(new, last):  # whether that is the level of the unit is seen when it is opened
            if name.startswith("due."):
                raise ValidationError(t(WRONG_LEVELS), "due_levels")
            raise ValidationError(t("starts_on, ends_on and due_before must follow one another"), "due_before")
        return Read(unit, new, files, letter, own)


def _facts(data: dict[str, Any]) -> LetterFacts:
    """Take out of the file's content what is kept apart from the campaign."""
    facts, cutoff = data.pop("letter"), data.pop("cutoff")
    return LetterFacts(
        facts={name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()},
        due_bases=data.pop("due_bases"),
        outline=tuple(data.pop("outline")),
        cutoff_at=None if cutoff is None else int(cutoff.replace(tzinfo=ZONE).timestamp() * 1000),
    )
