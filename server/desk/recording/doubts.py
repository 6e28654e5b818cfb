"""What a form asks about once before it is saved, and what is wrong with a text.

The form finds what the phone finds in its own (SPEC F-26 to F-28), and blocks nothing: the values are mended, or kept
as they are, which goes with the record. 9.999 banners are stored if the person says so.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from server.core.problem_details import Problem
from server.desk.formats import day, why_unread
from server.desk.hints.sentences import check_text
from server.desk.words import error, label, t
from server.models import Campaign, Unit
from server.services.hints import check_rules, reading
from server.services.units.scope import Scope
from sync import checks
from sync.amount import Amount
from sync.checks import CheckFinding
from sync.record import State, agreed
from sync.registry import Field, Kind
from sync.values import Scalar, Value, is_date

KEEP: Final = "keep"
"""The button by which what the page asks about stays as it is."""
_ASKED, _KEPT, _TURNED = "asked", "kept", "turned"
NAMED: Final = 3
"""Most other records that are named at one sentence."""

Kept = dict[str, dict[str, Scalar]]
"""By field `kept/<check>`, the values that stay as they are."""


@dataclass(frozen=True, slots=True)
class FormRecord:
    """A record as a form would save it. `state`: what is stored of it; `changed`: what the form sets."""

    id: str
    kind: Kind
    unit: Unit
    campaign: Campaign
    state: State
    changed: Mapping[str, Value]

    @property
    def values(self) -> dict[str, Value]:
        """Return its values without conflicts, as they would be."""
        return agreed(self.state.all_sides) | dict(self.changed)

    def is_changed(self, keys: Collection[str]) -> bool:
        """True if the form sets one of the fields that these keys of a finding name, or hands the record in."""
        return "submitted" in self.changed or any(key.partition("/")[0] in self.changed for key in keys)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One sentence, the field that it is about first, and the other records that it names, by id and title."""

    text: str
    field: str
    others: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Doubts:
    """What a form asks about. `open`: what nobody has answered; `asked`: what keeping that would say.

    `kept`: what was answered in this form before. `write`: what of that goes with the record.
    """

    open: Sequence[Doubt]
    asked: Kept
    kept: Kept
    write: Mapping[str, Value]
    are_numbers: bool

    @property
    def hidden(self) -> Mapping[str, str]:
        """Return the form's hidden inputs. They hold values, so that another value is asked about again."""
        return {name: json.dumps(kept) for name, kept in ((_ASKED, self.asked), (_KEPT, self.kept)) if kept}


def doubts(session: Session, scope: Scope, it: FormRecord, form: MultiDict[str, str]) -> Doubts:
    """Return what the form asks about. Raises Problem `bad_request` for a form that the desk did not make."""
    kept = _read(form.get(_KEPT)) | (_read(form.get(_ASKED)) if KEEP in form else {})
    values = it.values
    found = check_rules.in_form(session, it.campaign, it.unit, it.kind, it.id, values, scope.officer_id)
    open_ = [one for one in found if it.is_changed(one.keys) and not _is_answered(it, one, values, kept)]
    titles = reading.titles(session, scope, {id_ for one in open_ for id_ in one.others[:NAMED]})
    asking = [
        Doubt(
            check_text(it.kind, one.check, check_rules.detail_of(one)),
            one.keys[0].partition("/")[0],
            [(id_, titles[id_]) for id_ in one.others[:NAMED] if id_ in titles],
        )
        for one in open_
    ]
    asked = _keeping([one for one in found if one.check.id in {each.check.id for each in open_}], values)
    turned = _turned(it)
    if turned and not checks.is_kept(turned, values, kept.get(_TURNED)):
        first, last = turned.values()
        asking.insert(0, Doubt(t("form.turned", first=day(str(first)), last=day(str(last))), next(iter(turned))))
        asked[_TURNED] = turned
    names = {name for one in open_ for name in one.keys}
    are_numbers = _TURNED not in asked and all(
        (field := it.kind.field(name)) and field.type == "integer" for name in names
    )
    written = _keeping([one for one in found if checks.kept_field(one.check) in kept], values)
    return Doubts(asking, asked, kept, {name: dict(said) for name, said in written.items()}, are_numbers)


def _is_answered(it: FormRecord, one: CheckFinding, values: Mapping[str, Value], kept: Kept) -> bool:
    name = checks.kept_field(one.check)
    return any(checks.is_kept(one.keys, values, side) for side in (kept.get(name), *it.state.sides(name)))


def _keeping(found: Sequence[CheckFinding], values: Mapping[str, Value]) -> Kept:
    """Return the fields by which these values stay as they are: one for each check, of all that it found (F-28)."""
    kept: Kept = {}
    for one in found:
        kept.setdefault(checks.kept_field(one.check), {}).update(checks.said_of(one.keys, values))
    return kept


def _turned(it: FormRecord) -> dict[str, Scalar]:
    """Return the days of a schedule that the form sets and that ends before it begins, which plans nothing (F-10)."""
    for name, value in it.changed.items():
        field = it.kind.field(name)
        if field and field.type == "schedule" and isinstance(value, dict):
            first, last = value.get("from"), value.get("to")
            if is_date(first) and is_date(last) and str(last) < str(first):
                return {f"{name}/from": first, f"{name}/to": last}
    return {}


def _read(text: str | None) -> Kept:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise Problem("bad_request") from error
    if not isinstance(found, dict) or not all(isinstance(said, dict) for said in found.values()):
        raise Problem("bad_request")
    return found


def _usual(field: Field) -> str:
    least = Amount(field.min or 0, field.scale)
    if field.max is None:
        return t("form.usual_from", least=least)
    return t("form.usual", least=least, most=Amount(field.max, field.scale))


def fault(field: Field | None, code: str, texts: Mapping[str, str] | None = None) -> str:
    """Return what is wrong with the texts of a field, and what to type instead."""
    if field is None:
        return error(code)
    name = label(field.label)
    if code in ("wrong_type", "bad_number"):
        if field.type in ("date", "schedule"):
            return t("form.fault_date", field=name)
        if field.type == "place":
            return t("form.fault_place", field=name)
        if field.type == "integer":
            why = why_unread((texts or {}).get("", ""), field.scale)
            return f"{name}: {why}" if why else t("form.fault_number", field=name, usual=_usual(field))
    return error(code)
