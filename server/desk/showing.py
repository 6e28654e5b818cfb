"""Values as text, by the kind's file: the only module that formats schedules, places and the like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from server.core.clock import today
from server.desk.formats import day, moment
from server.desk.numerals import number
from server.desk.words import LANGUAGES, catalogue, label, quantity, t, word
from server.models import Campaign, Officer
from server.services.review.dossier import Dossier
from sync.airings import progress
from sync.amount import Amount
from sync.figures import days, usable
from sync.protocol import DOCUMENT_PREFIX, KEPT_PREFIX, PHOTO_PREFIX
from sync.record import MARKS, State, agreed
from sync.registry import FILE, OLD, Field, Kind, answered_by
from sync.values import Value


def field_label(kind: Kind | None, name: str) -> str:
    """Return the field's label; the raw name for a field of a newer kind (SPEC S-11)."""
    if name.partition("/")[0] == "photos":
        return word("fields", "photo")
    if name.startswith(DOCUMENT_PREFIX):
        return word("fields", "document")
    if name.startswith(KEPT_PREFIX):
        return word("fields", "kept")
    field = kind.field(name) if kind else None
    register = kind.registers.get(name.partition("/")[0]) if kind else None
    if register is not None:
        return f"{label(register.label)} {_of(name)}".rstrip()
    return label(field.label) if field else word("fields", name)


def _of(name: str) -> str:
    """Return what is behind a register's slash: a formatted day, or the word itself."""
    part = name.partition("/")[2]
    return day(f"{part[:4]}-{part[4:6]}-{part[6:]}") if part.isdigit() else part


def late_text(marks: Iterable[str]) -> str:
    """Return the marks of lateness as one phrase for use within a sentence."""
    return ", ".join(word("marks", mark).lower() for mark in marks)


def campaign_name(campaign: Campaign) -> str:
    """Return the campaign's name; a practice campaign is marked as such, once."""
    said = any(campaign.name.upper().startswith(str(catalogue(lang)["app.practice"])) for lang in LANGUAGES)
    return campaign.name if said or not campaign.practice else f"{t('app.practice')}: {campaign.name}"


def due_text(campaign: Campaign) -> str:
    """Return the last days in time: the campaign's, and those of levels with their own (SPEC L-13)."""
    own = [
        t("figures.due_level", level=word("levels", level), day=_day_before(date.fromisoformat(before)))
        for level, before in sorted(campaign.due_levels.items(), key=lambda each: each[1])
    ]
    return ", ".join([*own, t("figures.due_day", day=_day_before(campaign.due_before))])


def _day_before(due_before: date) -> str:
    """Return the last day in time: a due date is stored as the first day that is too late."""
    return day(due_before - timedelta(days=1))


def progress_text(kind: Kind | None, state: State) -> str:
    """Return “Đã phát 4 / dự kiến 24 lượt”: plan and done apart (SPEC F-21); empty without a schedule."""
    found = progress(kind, agreed(state.all_sides), today())
    if found is None or not found.planned:
        return ""
    if not found.by_day:
        return t("airings.by_schedule", count=found.planned)
    return t("airings.done", done=number(found.done), planned=number(found.planned))


def field_names(it: Dossier) -> list[str]:
    """Return the fields to show: the kind's own in its order, then those of a newer kind.

    Photos, values confirmed by the day and what was kept are left out, because the page shows them elsewhere.
    """
    known = [field.name for field in it.kind.fields if not field.retired or field.name in it.fields] if it.kind else []
    # Who answered stands beside the answer; how its schedule counts, with what it comes to (SPEC F-20).
    rule = {it.kind.confirm.when} if it.kind and it.kind.confirm else set()
    apart_from = {*MARKS, *(it.kind.answerers if it.kind else ()), *rule}
    known = [name for name in known if name not in apart_from]
    others = [name for name in sorted(it.fields) if name not in known and name not in apart_from]
    files = (PHOTO_PREFIX, DOCUMENT_PREFIX, KEPT_PREFIX)
    apart = [name for name in others if name.startswith(files) or (it.kind and it.kind.register(name))]
    return known + [name for name in others if name not in apart]


def set_names(it: Dossier, set_: Mapping[str, Value]) -> list[str]:
    """Return the fields of one write in the form's order, then photos and marks."""
    order = [field.name for field in it.kind.fields] if it.kind else []
    return sorted(set_, key=lambda name: (order.index(name) if name in order else len(order), name))


def marked(it: Dossier) -> str:
    """Return the labels of the fields that the decision asks to complete."""
    names = it.decision.fields if it.decision else []
    return ", ".join(word("fields", "photo") if name == "photos" else field_label(it.kind, name) for name in names)


def all_values(state: State) -> dict[str, Value]:
    """Return one value of each field, from any side: enough to tell whether there is one."""
    return {name: next((side for side in state.sides(name) if side is not None), None) for name in state.fields}


def lacking(kind: Kind, values: Mapping[str, Value]) -> list[Field]:
    """Return the fields that are expected and empty."""
    wanted = (field for field in kind.fields if field.required and not field.retired)
    return [field for field in wanted if values.get(field.name) in (None, "")]


def missing(kind: Kind, values: Mapping[str, Value], *, photos: bool) -> str:
    """Return the labels of expected values that are missing: a hint, never a refusal (SPEC V-3)."""
    labels = [label(field.label) for field in lacking(kind, values)]
    if kind.photos_required and not photos:
        labels.append(word("fields", "photo"))
    return ", ".join(labels)


def missing_of(it: Dossier) -> str:
    """Return the labels of what a stored record is missing."""
    return missing(it.kind, all_values(it.state), photos=bool(it.photos)) if it.kind else ""


def people_text(people: Iterable[Officer]) -> str:
    """Return people with their telephone numbers, for someone who is to call one of them."""
    return "; ".join(f"{each.name} ({each.phone})" if each.phone else each.name for each in people)


def not_added(it: Dossier, name: str) -> str:
    """Return the remark at a retired field that another one stands for: it adds nothing (SPEC F-19); else nothing."""
    replaced = any(name in each.replaces and it.fields.get(each.name) for each in it.kind.fields) if it.kind else False
    return f" ({t('value.not_added')})" if replaced else ""


def side_texts(it: Dossier, name: str) -> str:
    """Return the sides of a conflict in one line."""
    sides = it.fields.get(name, [])
    return " / ".join(value_text(it.kind, it.campaign, name, side.value) for side in sides)


def no_value(kind: Kind | None, name: str) -> str:
    """Return what stands for a field without a value: of three answers the one that nobody gave (SPEC F-25)."""
    field = kind.field(name) if kind else None
    return t("value.unsaid" if field and field.said_by else "value.none")


def answer_note(kind: Kind | None, state: State, name: str) -> str:
    """Return what is to be known of an answer: it is the file's, or an old default that nobody gave. Else empty."""
    field = kind.field(name) if kind else None
    if field is None or field.said_by is None:
        return ""
    by = answered_by(field, {each: state.value(each) for each in (name, field.said_by)})
    return t({FILE: "value.by_file", OLD: "value.old_default"}[by]) if by else ""


def value_text(kind: Kind | None, campaign: Campaign, name: str, value: Value) -> str:
    """Return the value of a field as text."""
    if name.startswith((PHOTO_PREFIX, DOCUMENT_PREFIX)):
        return _file(name, value)
    if value is None:
        return no_value(kind, name)
    field = kind.field(name) if kind else None
    if isinstance(value, dict):
        return _object(field, value) if not name.startswith(KEPT_PREFIX) else _kept(kind, campaign, value)
    if isinstance(value, bool):
        return t("value.yes") if value else t("value.no")
    known = field or (kind.register(name) if kind else None)
    if known and isinstance(value, int):
        scale = field.scale if field else 0
        amount = Amount(value, scale)
        said = quantity(amount, known.unit) if known.unit else number(amount)
        return said if usable(value, scale) == value else f"{said} ({t('value.not_added')})"  # D-8
    return _text(field, campaign, str(value))


def kept_parts(kind: Kind | None, campaign: Campaign, said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what an officer keeps as (label, text) of each value (SPEC F-28). A photo has no text."""
    found = []
    for key, value in said.items():
        if key.startswith(PHOTO_PREFIX):
            found.append((word("fields", "photo"), ""))
        elif "/" in key and not (kind and kind.register(key)):
            found.append((field_label(kind, key.partition("/")[0]), day(str(value))))
        else:
            found.append((field_label(kind, key), value_text(kind, campaign, key, value)))
    return found


def _kept(kind: Kind | None, campaign: Campaign, said: Mapping[str, Any]) -> str:
    return "; ".join(f"{of}: {text}" if text else of for of, text in kept_parts(kind, campaign, said))


def _file(name: str, value: Value) -> str:
    if name.startswith(DOCUMENT_PREFIX):
        return str(value.get("name")) if isinstance(value, dict) else t("value.document_removed")
    return t("value.photo_removed") if value is None else t("value.photo", mark=name.removeprefix(PHOTO_PREFIX)[:6])


def _text(field: Field | None, campaign: Campaign, value: str) -> str:
    if field and field.type == "date":
        return day(value)
    if field and field.type == "choice":
        return next((label(choice["label"]) for choice in field.choices if choice["value"] == value), value)
    if field and field.type == "slogan":
        return slogan(campaign, value)
    if field and field.type == "file":
        return next((file.title for file in campaign.files if file.id == value), value)
    return value


def slogan(campaign: Campaign, id_: str) -> str:
    """Return the text of a slogan; the id itself if it is of another version of the campaign."""
    return next((str(row["text"]) for row in campaign.slogans if row["id"] == id_), id_)


def _object(field: Field | None, value: Mapping[str, Any]) -> str:
    kind_of = field.type if field else ""
    if field and kind_of == "ticks":
        labels = {str(choice["value"]): label(choice["label"]) for choice in field.choices}
        known = [text for choice, text in labels.items() if choice in value]
        return ", ".join([*known, *sorted(set(value) - set(labels))])
    if kind_of == "schedule":
        times, count = value["times_a_day"], days(value)
        if count == 1:
            return t("value.schedule_day", day=day(value["from"]), times=number(times))
        return t(
            "value.schedule",
            first=day(value["from"]),
            last=day(value["to"]),
            times=number(times),
            airings=number(times * count),
        )
    if kind_of == "place":
        return place(value)
    return "; ".join(f"{key}: {part}" for key, part in sorted(value.items()))


def place(value: Mapping[str, Any]) -> str:
    """Return degrees that can be typed into any map, with the accuracy the phone gave."""
    text = f"{value['lat_e6'] / 1e6:.6f}, {value['lon_e6'] / 1e6:.6f}"
    text += t("value.accuracy", metres=number(value["accuracy_m"]))
    fixed = value.get("fixed_at")
    return text + (t("value.fixed", at=moment(fixed)) if isinstance(fixed, int) else "")
