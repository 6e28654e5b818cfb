"""A polite text for one unit on what is missing, and the ways to its people. No unit reads of another's lateness."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from server.core.clock import now_ms, today
from server.desk.formats import amid, day, megabytes, near_moment
from server.desk.words import t
from server.models import Campaign
from server.services.progress.board import BoardLine, BoardState
from server.services.progress.contacts import UnitContact
from server.services.records.late import due_before
from server.services.reports import words

_FEWEST_DIGITS = 8


ContactWays = dict[str, Any]
"""A person with the addresses of a call and of a Zalo chat; both empty if no number is known."""


def ways(person: UnitContact) -> ContactWays:
    """Return the ways to a person."""
    digits = re.sub(r"[^0-9]", "", person.phone)
    if len(digits) < _FEWEST_DIGITS:
        return {"name": person.name, "phone": person.phone, "call": "", "zalo": ""}
    plus = "+" if person.phone.strip().startswith("+") else ""
    return {
        "name": person.name,
        "phone": person.phone,
        "call": f"tel:{plus}{digits}",
        "zalo": f"https://zalo.me/{digits}",
    }


def missing(line: BoardLine) -> list[str]:
    """Return what is missing of a unit, each as the rest of a sentence about it."""
    found = []
    if line.state is BoardState.SILENT:
        found.append(t("board.lacks_all"))
    if line.state is BoardState.OPEN:
        found.append(t("board.lacks_sending"))
    if line.returned:
        found.append(t("board.lacks_answer", count=line.returned))
    if line.phones.holds:
        found.append(t("board.lacks_phones", held=held(line)))
    if line.phones.old:
        found.append(t("board.lacks_old", count=line.phones.old))
    return found


def held(line: BoardLine) -> str:
    """Return what is on phones alone: 3 mục, 2 ảnh, tệp (1,4 MB)."""
    phones = line.phones
    parts = [t("board.held_writes", count=phones.writes)] if phones.writes else []
    if phones.photos:
        parts.append(t("board.held_photos", count=phones.photos, size=megabytes(phones.bytes)))
    return ", ".join(parts)


def reminder(campaign: Campaign, line: BoardLine, people: Sequence[UnitContact]) -> str:
    """Return the text for one unit."""
    due = due_before(campaign, line.unit.level)
    values = {
        "people": ", ".join(person.name for person in people) or t("remind.people"),
        "unit": amid(line.unit.name),
        "campaign": words.quoted(campaign.name),
        "at": near_moment(now_ms()),
        "due": t("remind.due" if due > today() else "remind.over", day=day(due - timedelta(days=1))),
    }
    points = [f"- {each};" for each in missing(line)]
    if points:
        points[-1] = f"{points[-1][:-1]}."
    return "\n".join(
        [
            t("remind.dear", **values),
            t("board.so_far", **values),
            *points,
            t("board.please", **values),
            t("remind.thanks"),
        ]
    )
