"""Possible but unusual values: a form asks once whether they are right, and says what is wrong with a text.

A range in a kind's file is a hint, never a refusal (SPEC V-3): 9.999 banners are stored if the person confirms them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from server.desk.formats import day, quantity, why_unread
from server.desk.numerals import number
from server.desk.words import error, label, t
from server.models import Campaign
from sync.amount import Amount
from sync.registry import Field, Kind
from sync.values import Value, is_date


def doubts(kind: Kind, campaign: Campaign, changed: Mapping[str, Value], today: date) -> dict[str, str]:
    """Return, by field, the sentence to confirm for each changed value that is unusual."""
    found = {}
    for name, value in changed.items():
        field = kind.field(name)
        sentence = _doubt(field, campaign, value, today) if field else ""
        if sentence:
            found[name] = sentence
    return found


def _doubt(field: Field, campaign: Campaign, value: Value, today: date) -> str:
    if field.type == "integer" and isinstance(value, int):
        return _unusual_number(field, value)
    if field.type == "date" and is_date(value):
        return _unusual_day(campaign, str(value), today)
    if field.type == "schedule" and isinstance(value, dict):
        first, last = str(value.get("from", "")), str(value.get("to", ""))
        if is_date(first) and is_date(last):
            if last < first:
                return t("form.sure_order", first=day(first), last=day(last))
            return _unusual_day(campaign, first, today) or _unusual_day(campaign, last, today)
    return ""


def _unusual_number(field: Field, value: int) -> str:
    if (field.min is None or value >= field.min) and (field.max is None or value <= field.max):
        return ""
    amount = Amount(value, field.scale)
    said = quantity(amount, field.unit) if field.unit else number(amount)
    return t("form.sure_number", value=said, usual=_usual(field))


def _usual(field: Field) -> str:
    least = Amount(field.min or 0, field.scale)
    if field.max is None:
        return t("form.usual_from", least=least)
    return t("form.usual", least=least, most=Amount(field.max, field.scale))


def _unusual_day(campaign: Campaign, value: str, today: date) -> str:
    """Return a sentence for a day before the campaign began, or after both its end and today."""
    said = date.fromisoformat(value)
    if campaign.starts_on <= said <= max(campaign.ends_on, today):
        return ""
    return t("form.sure_day", value=day(value), first=day(campaign.starts_on), last=day(campaign.ends_on))


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
