"""The hints of a record as sentences, each with what it is about, and what officers kept as it was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core import cldr
from server.desk.formats import day, moment
from server.desk.numerals import number
from server.desk.showing import field_label, kept_parts
from server.desk.words import catalogue, label, t, word
from server.models import Campaign, Officer
from server.services.hints import reading
from server.services.hints.reading import ToldHint
from server.services.review.dossier import Dossier
from server.services.units.scope import Scope
from server.serving.every_request import language
from sync import checks
from sync.amount import Amount
from sync.protocol import KEPT_PREFIX
from sync.record import State, agreed
from sync.registry import Check, Kind
from sync.values import Value

SHOWN: Final = 4
"""Most records that are named at one hint."""
_HOUR, _DAY = 60, 24 * 60
_DAYS: Final = ("day", "first", "last", "on")
_AMOUNTS: Final = {"value": "field", "least": "field", "most": "field", "middle": "field", "had": "of"}
"""What a check's sentence says of amounts, and where it names the field of each."""


@dataclass(frozen=True, slots=True)
class HintText:
    """One sentence of a hint. `kept`: that an officer keeps these very values, which silences nothing (SPEC F-29)."""

    text: str
    kept: str = ""


HintLine = dict[str, Any]
"""A hint as shown. `alike`: records of the unit that the same rule hits, this one among them.

`others`: records to open; `hidden`: how many there are outside the reader's scope or beyond those named.
"""


def lines(session: Session, scope: Scope, it: Dossier) -> list[HintLine]:
    """Return the hints of a record, the worst first."""
    hints = reading.of_record(session, scope, it.record.id)
    counts = reading.in_unit(session, it.record.stream_id) if hints else {}
    found = []
    for each in hints:
        named = [other for other in each.others if other.id][:SHOWN]
        hidden = each.hits - len(named) if each.others else 0
        says = _says(session, it, each)
        found.append(
            {
                "rule": each.rule,
                "grade": each.grade,
                "says": says,
                "others": named,
                "hidden": hidden,
                "alike": counts.get(each.rule, 0),
            }
        )
    return found


def kept(kind: Kind | None, campaign: Campaign, state: State) -> list[str]:
    """Return what officers keep of the values that a record has now."""
    values, found = agreed(state.all_sides), list[str]()
    for name in sorted(each for each in state.fields if each.startswith(KEPT_PREFIX)):
        sides = (side for side in state.sides(name) if isinstance(side, dict) and checks.still_said(side, values))
        found += (_kept_text(kind, campaign, side) for side in sides)
    return list(dict.fromkeys(found))


def _says(session: Session, it: Dossier, hint: ToldHint) -> list[HintText]:
    found = []
    for detail in (hint.detail, *hint.detail.get("more", ())):
        check = it.kind.check(str(detail.get("check"))) if it.kind else None
        if check is not None:
            found.append(HintText(check_text(it.kind, check, detail), _kept(it, check, detail["keys"])))
    if found:
        return found
    own = f"hint_says.{hint.rule}"
    if own in catalogue(language()):
        return [HintText(t(own, **_values(session, it.kind, hint.hits, hint.detail)))]
    return [HintText(f"{t(f'hint_name.{hint.rule}')}.")]  # of an earlier version: the next job makes it anew


def check_text(kind: Kind | None, check: Check, detail: Mapping[str, Any]) -> str:
    """Return the sentence of a check, which the phone says in the same words."""
    said: dict[str, str] = {}
    for name, value in detail.items():
        if name in ("field", "of"):
            said[name] = field_label(kind, value)
        elif name in _DAYS:
            said[name] = day(value)
        elif isinstance(value, int):
            field = kind.field(str(detail.get(_AMOUNTS.get(name, "")))) if kind else None
            said[name] = cldr.number(Amount(value, field.scale if field else 0), language())
    return (label(check.says) if check.says else word("checks", check.type)).format(**said)


def _kept(it: Dossier, check: Check, keys: list[str]) -> str:
    values = agreed(it.state.all_sides)
    for side in it.fields.get(checks.kept_field(check), ()):
        if checks.is_kept(keys, values, side.value):
            said = _kept_text(it.kind, it.campaign, checks.said_of(keys, values))
            return f"{said} · {side.stamps[0].by}, {moment(side.stamps[0].at)}"
    return ""


def _kept_text(kind: Kind | None, campaign: Campaign, said: Mapping[str, Value]) -> str:
    """Return that an officer keeps these values: amounts as numbers, anything else as it was recorded."""
    texts = [text for _, text in kept_parts(kind, campaign, said) if text]
    amounts = [field for name in said if kind and (field := kind.field(name)) and field.type == "integer"]
    key = "hints.kept_number" if len(amounts) == len(said) else "hints.kept_values"
    return t(key, values=" / ".join(texts)) if texts else t("hints.kept")


def _values(session: Session, kind: Kind | None, hits: int, detail: dict[str, Any]) -> dict[str, Any]:
    """Return what the sentence is filled in with; `t` formats the numbers."""
    values: dict[str, Any] = {name: value for name, value in detail.items() if isinstance(value, int)}
    values["hits"] = hits
    if "field" in detail:
        values["field"] = field_label(kind, str(detail["field"]))
        measured = kind.field(str(detail["field"])) if kind else None
        for name in ("value", "least", "most", "middle") if measured else ():
            if name in values and measured:
                values[name] = Amount(values[name], measured.scale)
    if "day" in detail:
        values["day"] = day(str(detail["day"]))
    if "officer" in detail:
        officer = session.get(Officer, str(detail["officer"]))
        values["officer"] = officer.name if officer else t("value.none")
    if "minutes" in values:
        values["span"] = _span(values["minutes"])
    if "metres" in values:
        values["km"] = number(max(1, round(values["metres"] / 1000)))
    return values


def _span(minutes: int) -> str:
    """Return a time in the unit that says most: 90 phút, 5 giờ, 12 ngày."""
    if minutes < 2 * _HOUR:
        return t("span.minutes", count=minutes)
    return t("span.hours", count=minutes // _HOUR) if minutes < 2 * _DAY else t("span.days", count=minutes // _DAY)
