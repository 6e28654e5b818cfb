"""Draw a kind's file as a form, and read which fields a person changed (SPEC W-5).

A hidden input carries each field's value as drawn; only a field that differs from it is set.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from server.core.clock import today
from server.desk.recording import widgets
from server.desk.recording.doubts import fault
from server.desk.words import label, t
from server.models import Campaign, Unit
from sync.errors import Refused
from sync.record import State, canonical
from sync.registry import OLD, Field, Giving, Kind, answered_by, follows
from sync.values import Value

Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Input:
    """One field as drawn. `options` are (value, text); `conflict`: the field has several surviving values."""

    field: Field
    texts: widgets.Texts
    original: str
    options: Sequence[tuple[str, str]] = ()
    suggestions: Sequence[str] = ()
    conflict: bool = False
    code: str = ""
    focus: bool = False

    @property
    def fault(self) -> str:
        """Return what is wrong with the text; empty if nothing is."""
        return fault(self.field, self.code, self.texts) if self.code else ""

    def name(self, part: str = "") -> str:
        """Return the name of an input in the form."""
        return _name(self.field.name, part)


@dataclass(slots=True)
class SentForm:
    """A form as sent back: the changed fields, and the error codes of fields that could not be read."""

    changed: dict[str, Value] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)


def draw(kind: Kind, campaign: Campaign, unit: Unit, state: State, *, new: bool = False) -> list[Input]:
    """Return the form with the record's values; a new record's with the kind's defaults."""
    return [
        _input(each, campaign, unit, state, new=new)
        for each in kind.fields
        if _shown(kind, each, state) and each.name not in kind.answerers
    ]


def draw_again(
    inputs: Sequence[Input],
    form: Form,
    codes: Mapping[str, str],
    wanted: Collection[str] = (),
) -> list[Input]:
    """Return the form with the typed texts and errors; the browser focuses the first of these, or what is wanted."""
    wanted = {*codes, *wanted}
    first = next((each.field.name for each in inputs if each.field.name in wanted), None)
    return [
        Input(
            field=each.field,
            texts={part: form.get(each.name(part), "") for part in widgets.parts(each.field)},
            original=form.get(_original(each.field.name), "null"),
            options=each.options,
            suggestions=each.suggestions,
            conflict=each.conflict,
            code=codes.get(each.field.name, ""),
            focus=each.field.name == first,
        )
        for each in inputs
    ]


def read(kind: Kind, form: Form, campaign: Campaign, state: State) -> SentForm:
    """Return the fields that differ from what was drawn, and what follows from them."""
    answer = SentForm()
    for each in kind.fields:
        name = each.name
        if _original(name) not in form:
            continue
        try:
            original = _value(form[_original(name)])
            texts = {part: form.get(_name(name, part), "") for part in widgets.parts(each)}
            value = widgets.from_texts(each, texts, original)
        except Refused as refused:
            answer.codes[name] = refused.code
            continue
        confirmed = _is_old(each, state) and texts[""] == "yes"  # a person says now what nobody had said
        if confirmed or canonical(value) != canonical(original):
            answer.changed[name] = value
            answer.changed |= {old: None for old in each.replaces if _original(old) not in form}
    now = {name: state.value(name) for name in state.fields} | answer.changed
    for each in kind.fields:
        if each.name in answer.changed:
            file = next((file for file in campaign.files if file.id == answer.changed[each.name]), None)
            giving = Giving(file.title, file.hotline) if file else None
            found = follows(kind, each, answer.changed[each.name], now, giving)
            answer.changed |= {name: value for name, value in found.items() if name not in answer.changed}
            now |= answer.changed
    return answer


def _shown(kind: Kind, each: Field, state: State) -> bool:
    return not each.retired or (bool(state.sides(each.name)) and not _stands_for(kind, each.name, state))


def _stands_for(kind: Kind, old: str, state: State) -> bool:
    """True if the form shows the value of a retired field in the one that stands for it (SPEC F-19)."""
    value = state.value(old)
    return isinstance(value, int) and any(old in each.replaces and not state.sides(each.name) for each in kind.fields)


def _held(each: Field, state: State) -> Value:
    """Return the value of a field; where it has none, that of the retired field that it stands for (SPEC F-19)."""
    if state.sides(each.name):
        return state.value(each.name)
    old = ((state.value(name), factor) for name, factor in each.replaces.items())
    return next((value * factor for value, factor in old if isinstance(value, int)), None)


def _input(each: Field, campaign: Campaign, unit: Unit, state: State, *, new: bool) -> Input:
    value = _held(each, state)
    drawn = _default(each, campaign) if new else value
    return Input(
        field=each,
        texts={"": widgets.OLD} if _is_old(each, state) else widgets.to_texts(each, drawn),
        original=json.dumps(value),
        options=_answers(each, state) if each.said_by else _options(each, campaign, value),
        suggestions=_suggestions(each, unit),
        conflict=each.name in state.conflicts,
    )


def _default(each: Field, campaign: Campaign) -> Value:
    default = each.default
    if each.type == "date" and default == "today":
        return today().isoformat()
    if each.type == "slogan" and len(campaign.slogans) == 1:
        return str(campaign.slogans[0]["id"])
    return None if default == "last" else default


def _is_old(each: Field, state: State) -> bool:
    return answered_by(each, {name: state.value(name) for name in (each.name, each.said_by or "")}) == OLD


def _answers(each: Field, state: State) -> list[tuple[str, str]]:
    found = [("yes", t("value.yes")), ("no", t("value.no")), ("", t("value.unsaid"))]
    return [*found, (widgets.OLD, t("form.keep_old"))] if _is_old(each, state) else found


def _options(each: Field, campaign: Campaign, value: Value) -> list[tuple[str, str]]:
    found = [(str(choice["value"]), label(choice["label"])) for choice in each.choices]
    if each.type == "slogan":
        found = [(str(slogan["id"]), str(slogan["text"])) for slogan in campaign.slogans]
    if each.type == "file":
        found = [(file.id, file.title) for file in campaign.files if file.use == each.files]
    if found and isinstance(value, str) and value not in dict(found):
        found.append((value, value))  # from another version of the kind or campaign: kept, and shown as it is
    return found


def _suggestions(each: Field, unit: Unit) -> list[str]:
    lists = {"hamlets": unit.hamlets, "stations": unit.stations}
    return [str(row) for row in lists.get(each.suggest or "", [])]


def _name(name: str, part: str) -> str:
    return f"f.{name}.{part}" if part else f"f.{name}"


def _original(name: str) -> str:
    return f"o.{name}"


def _value(text: str) -> Value:
    try:
        value: Value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("bad_request") from error
    return value
