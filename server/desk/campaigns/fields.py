"""The inputs of a campaign's form: read from a request, and shown with their faults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from server.desk.formats import day
from server.services.campaigns.files import USES, BadFile, NewFile, type_of
from server.services.campaigns.lifecycle import NewCampaign
from server.services.letters.facts import READ_INTO, Values
from server.services.letters.recognition import found as f
from sync.figures import every_figure
from sync.registry import KINDS

_LISTS: Final = ("kinds", "figures", "sure")
_NOT_KEPT: Final = ("csrf_token", "act", "seen")
_ASKED: Final = (
    *(f.NUMBER, f.DATED, f.ISSUER, f.TO, f.BASIS, f.EVENT, f.YEAR, f.SLOGAN, f.HOTLINE, f.DUE),
    *(f.TASK, f.SIGNER_ROLE, f.SIGNER, f.RECIPIENT),
)
"""What a letter usually says; the page names what was not found of it."""
_WAYS: Final = {
    "bullet": re.compile(r"[-–+*•]"),
    "roman": re.compile(r"[IVX]{1,5}[.)/]"),
    "letter": re.compile(r"[A-ZĐ][.)/]"),
    "number": re.compile(r"\d{1,2}[./]"),
    "number)": re.compile(r"\d{1,2}\)"),
    "small": re.compile(r"[a-zđ][.)/]"),
    "deeper": re.compile(r"\d{1,2}(\.\d{1,2}){1,3}[.)]?"),
}
"""How lines of an outline are marked. "I." is Roman: a ninth letter is rare."""


Row = dict[str, Any]
"""A figure in the form: asked for or not, and how much is expected of each commune (text, as typed)."""


Preview = dict[str, Any]
"""What a commune's phone will show: its last day in time, kinds, amounts expected; and the figures asked for."""


def typed(form: MultiDict[str, str]) -> Values:
    """Return the inputs of a form as they were typed."""
    values: Values = {name: text for name, text in form.items() if name not in (*_LISTS, *_NOT_KEPT)}
    return values | {name: form.getlist(name) for name in _LISTS}


def shown(values: Mapping[str, Any], faults: Mapping[str, str], levels: Iterable[str]) -> dict[str, Any]:
    """Return what the templates of a form need."""
    codes = {figure.code for figure in KINDS.figures()}
    asked = values.get("figures", [])
    return {
        "values": values,
        "faults": faults,
        "levels": list(levels),
        "kinds": KINDS.recorded(),
        "rows": [
            {
                "figure": each,
                "asked": each.code in asked,
                "can_expect": each.code in codes,
                "expected": str(values.get(f"expected.{each.code}", "")),
            }
            for each in every_figure()
        ],
    }


def missing(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the inputs for which the letter says nothing, with the recognised field that each would have."""
    return {READ_INTO[field]: field for field in _ASKED if READ_INTO[field] not in found}


def new_file(form: Mapping[str, str], name: str | None, path: Path) -> NewFile:
    """Return the file that a form gives; without a title its name is one. Raises BadFile, Unfit."""
    title = " ".join(form.get("title", "").split()) or Path(name or "").stem
    if form.get("use") not in USES or not path.exists() or not 0 < len(title) <= 300:
        raise BadFile("There is no file.")
    return NewFile(form["use"], title, path, hotline(form), type_of(path))


def hotline(form: Mapping[str, str]) -> bool | None:
    """Return whether the form says of a file that it advertises the hotline; None: not said (SPEC F-25)."""
    return {"yes": True, "no": False}.get(form.get("hotline", ""))


def headings(text: str) -> tuple[str, list[str]]:
    """Return the sections of an uploaded outline without their marks, and the lines that are only parts of them.

    "I. Kết quả" is "Kết quả". The first mark says how sections are marked. A line that is marked otherwise is a part,
    unless it goes on with the number after the sections so far and no part here is marked like it: "I.", "II.", "3)".
    """
    lines = [_marked(line.strip()) for line in text.splitlines() if line.strip()]
    ways = [_way(mark) for mark, _ in lines if mark]
    top = next((way for way in ways if way != "bullet"), "bullet")
    found: list[str] = []
    parts: list[str] = []
    sections, below = 0, set[str]()
    for mark, rest in lines:
        way = _way(mark)
        goes_on = mark[:-1] == str(sections + 1) and way not in below
        if mark and way != top and not goes_on:
            parts.append(rest)
            below.add(way)
            continue
        found.append(rest)
        if mark:
            sections, below = sections + 1, set()
    return "\n".join(found), parts


def _way(mark: str) -> str:
    """Return how a line is marked; empty for what is no mark."""
    return next((way for way, form in _WAYS.items() if form.fullmatch(mark)), "")


def _marked(line: str) -> tuple[str, str]:
    """Return the mark before a heading, empty without one, and the heading."""
    mark, _, rest = line.partition(" ")
    return (mark, rest.strip()) if rest and _way(mark) else ("", line)


def preview(new: NewCampaign) -> Preview:
    """Return what a commune's phone will show of a campaign."""
    before = date.fromisoformat(new.due_levels.get("commune", new.due_before.isoformat()))
    known = {figure.code: figure for figure in every_figure()}
    return {
        "last_day": day(before - timedelta(days=1)),
        "kinds": [kind for kind in KINDS.recorded() if not new.kinds or kind.name in new.kinds],
        "expected": [
            (known[each["figure"]], known[each["figure"]].amount(each["amount"]))
            for each in new.expected
            if each["amount"]
        ],
        "asked": [known[code] for code in new.figures],
    }
