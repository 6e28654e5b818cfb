"""The inputs of a campaign's form: read from a request, and shown with their faults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from server.desk.formats import day
from server.services.campaigns.files import USES, BadFile, NewFile
from server.services.campaigns.lifecycle import NewCampaign
from server.services.letters.facts import READ_INTO, Values
from server.services.letters.recognition import found as f
from sync.registry import KINDS, Figure, Kind
from sync.unit_figures import every_figure

_LISTS: Final = ("kinds", "figures", "sure")
_NOT_KEPT: Final = ("csrf_token", "act", "seen")
_ASKED: Final = (
    *(f.NUMBER, f.DATED, f.ISSUER, f.TO, f.BASIS, f.EVENT, f.YEAR, f.SLOGAN, f.HOTLINE, f.DUE),
    *(f.TASK, f.SIGNER_ROLE, f.SIGNER, f.RECIPIENT),
)
"""What a letter usually says; the page names what was not found of it."""
_MARK: Final = ("-", "–", "+", "*", "•")
_ROMAN: Final = re.compile(r"[IVX]{1,5}[.)] ")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure in the form: asked for or not, and how much is expected of each commune (text, as typed)."""

    figure: Figure
    asked: bool
    can_expect: bool
    expected: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a commune's phone will show: its last day in time, kinds, amounts expected; and the figures asked for."""

    last_day: str
    kinds: list[Kind]
    expected: list[tuple[Figure, int]]
    asked: list[Figure]


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
            Row(each, each.code in asked, each.code in codes, str(values.get(f"expected.{each.code}", "")))
            for each in every_figure()
        ],
    }


def missing(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the inputs for which the letter says nothing, with the recognised field that each would have."""
    return {READ_INTO[field]: field for field in _ASKED if READ_INTO[field] not in found}


def new_file(form: Mapping[str, str], name: str | None, path: Path) -> NewFile:
    """Return the file that a form gives; without a title its name is one. Raises BadFile."""
    title = " ".join(form.get("title", "").split()) or Path(name or "").stem
    if form.get("use") not in USES or not path.exists() or not 0 < len(title) <= 300:
        raise BadFile("There is no file.")
    return NewFile(form["use"], title, path)


def headings(text: str) -> tuple[str, list[str]]:
    """Return the sections of an uploaded outline without their numbers, and the lines that are only parts of them.

    "I. Kết quả" is "Kết quả". Below Roman numbers a line that is marked otherwise, and does not count on, is a part.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    has_parts = sum(bool(_ROMAN.match(line)) for line in lines) > 1
    found: list[str] = []
    parts: list[str] = []
    for line in lines:
        mark, rest = _marked(line)
        counts_on = bool(_ROMAN.match(line)) or mark[:-1] == str(len(found) + 1)
        (parts if has_parts and mark and not counts_on else found).append(rest)
    return "\n".join(found), parts


def _marked(line: str) -> tuple[str, str]:
    """Return the mark before a heading, empty without one, and the heading."""
    mark, _, rest = line.partition(" ")
    is_marked = rest and (mark in _MARK or mark[-1:] in (".", ")")) and len(mark) <= 6
    return (mark, rest.strip()) if is_marked else ("", line)


def preview(new: NewCampaign) -> Preview:
    """Return what a commune's phone will show of a campaign."""
    before = date.fromisoformat(new.due_levels.get("commune", new.due_before.isoformat()))
    known = {figure.code: figure for figure in every_figure()}
    return Preview(
        day(before - timedelta(days=1)),
        [kind for kind in KINDS.recorded() if not new.kinds or kind.name in new.kinds],
        [(known[each["figure"]], each["amount"]) for each in new.expected if each["amount"]],
        [known[code] for code in new.figures],
    )
