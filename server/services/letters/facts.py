"""What a campaign keeps of its letter, and what the form of a draft begins with: the proposals read off the letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from server.core.bulk import grouped
from server.services.letters.recognition import found as f
from server.services.letters.recognition.reading import Reading
from sync.registry import KINDS

Values = dict[str, Any]
"""A form as it was typed: `{input: text}`, and lists for `kinds`, `figures` and `sure`."""
LINE: Final = {
    "form": 60, "number": 60, "place": 100, "above": 300, "issuer": 300, "subject": 500, "event": 300, "year": 4,
    "signer_role": 300, "signer": 100,
}  # fmt: skip
"""Facts in one line, with the longest text."""
LIST: Final = ("to", "recipients")
FACTS: Final = (*LINE, "dated", *LIST)
OUTLINE: Final = (
    "Công tác chỉ đạo, triển khai",
    "Kết quả thực hiện",
    "Đánh giá chung",
    "Phương hướng, nhiệm vụ thời gian tới",
    "Kiến nghị, đề xuất",
)
"""The sections of a report, unless the letter asks for others."""
READ_INTO: Final = {
    f.FORM: "form", f.NUMBER: "number", f.DATED: "dated", f.PLACE: "place", f.ABOVE: "above", f.ISSUER: "issuer",
    f.SUBJECT: "subject",
    f.EVENT: "event", f.YEAR: "year", f.HOTLINE: "hotline", f.DUE: "due_before",
    f.DUE_DISTRICT: "due.district", f.DUE_COMMUNE: "due.commune", f.DUE_OWN: "due.own", f.FIRST: "starts_on",
    f.LAST: "ends_on", f.CUTOFF: "cutoff", f.SIGNER_ROLE: "signer_role", f.SIGNER: "signer",
    f.TO: "to", f.BASIS: "bases", f.SLOGAN: "slogans", f.TASK: "tasks", f.RECIPIENT: "recipients",
    f.KIND: "kinds", f.FIGURE: "figures",
}  # fmt: skip
"""The input that each recognised field is proposed in; several of a field are several lines."""


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What is stored in `campaign_letter`."""

    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_bases: Mapping[str, str] = field(default_factory=dict)
    outline: tuple[str, ...] = ()
    cutoff_at: int | None = None


def proposed(reading: Reading) -> Values:
    """Return the form's first values. What was not found is empty: no day, name, number or kind is made up."""
    lines = grouped((READ_INTO[each.field], each.value) for each in reading.found if each.field in READ_INTO)
    values: Values = {name: "\n".join(found) for name, found in lines.items() if name not in ("kinds", "figures")}
    values["signer_role"] = " ".join(lines.get("signer_role", []))
    values["name"] = campaign_name(reading)
    if "T" not in values.get("cutoff", "T"):
        values["cutoff"] += "T23:59"
    if "kinds" in lines:
        values["kinds"] = [kind.name for kind in KINDS.recorded() if kind.name in lines["kinds"]]
    return blank() | values | {"figures": lines.get("figures", [])}


def blank() -> Values:
    """Return the values of a draft without a letter: nothing but the usual outline."""
    return {
        "kinds": [],
        "figures": [],
        "outline": "\n".join(OUTLINE),
        "review_rule": "parent",
    }


def campaign_name(reading: Reading) -> str:
    """Return the event with its year; without an event the letter's subject."""
    event, year = reading.value(f.EVENT), reading.value(f.YEAR)
    name = event or reading.value(f.SUBJECT)
    name = name[:1].upper() + name[1:]
    return f"{name} năm {year}" if event and year and year not in name else name


def worked_out(reading: Reading) -> dict[str, str]:
    """Return the inputs whose proposal is not just what the letter says, with that proposal: each needs its own yes."""
    values = proposed(reading)
    notes = {READ_INTO[each.field] for each in reading.found if each.note in f.WORKED_OUT}
    return {name: str(values[name]) for name in sorted(notes)}
