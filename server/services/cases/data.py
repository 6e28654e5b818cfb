"""What a case is, inside its seal. It is written whole with each act; the log says who did what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

IDENTIFIED = {
    "identified_here": "victim",
    "identified_abroad": "victim",
    "minor_identified_here": "minor",
    "minor_identified_abroad": "minor",
}
"""Categories of people under identification, with what each is once that is confirmed."""


@dataclass
class CaseData:
    """Ids of the unit that has it and of the one that received it; days as ISO dates, empty for none.

    `lines`: by benefit, its states with their days, the last one holds. `steps`: by duty, the day it was done.
    `events`: days from which time limits count; empty: somebody said that it is not known yet. `officer`: the
    responsible one. `outcome`: of the identification, by the last of `findings` (acting.py); empty if that ended.
    `law`: the one that holds for a case open across two, as somebody said; empty: that of the reception.
    `counts_as`: the case of the same person that counts instead. `went`: `away` if it left the province.
    """

    unit: str
    received_by: str
    code: str
    category: str
    sex: str
    age: str
    source: str
    basis: str
    consent: str
    received: str
    officer: str
    events: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[list[str]]] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    outcome: str = ""
    outcome_on: str = ""
    counts_as: str = ""
    same: list[str] = field(default_factory=list)
    closed: str = ""
    why_open: dict[str, str] = field(default_factory=dict)
    went: str = ""
    law: str = ""
    findings: list[dict[str, str]] = field(default_factory=list)

    @property
    def plain(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Return the case that `plain` made this of."""
        return cls(**plain)

    @property
    def received_on(self) -> date:
        """The day of reception."""
        return date.fromisoformat(self.received)

    @property
    def is_open(self) -> bool:
        """It is neither closed nor away."""
        return not self.closed

    @property
    def under_identification(self) -> bool:
        """Whether the person is a victim is still being found out."""
        return self.category in IDENTIFIED and not self.outcome

    def state(self, line: str) -> str:
        """The state of a benefit; empty if nobody asked yet."""
        return self.lines[line][-1][0] if self.lines.get(line) else ""

    @property
    def provided(self) -> set[str]:
        """The benefits that were provided."""
        return {line for line in self.lines if self.state(line) == "provided"}

    @property
    def known_events(self) -> dict[str, date]:
        """The days from which time limits count.

        The day on which the commune informed the office above stands for that on which this office heard of it, until
        that one is recorded: an earlier limit is safe.
        """
        heard = {"informed": self.steps["inform"]} if self.steps.get("inform") else {}
        said = heard | {name: day for name, day in self.events.items() if day}
        return {"received": self.received_on} | {name: date.fromisoformat(day) for name, day in said.items()}

    def unknown(self, event: str) -> bool:
        """Somebody said that the day of this event is not known yet."""
        return self.events.get(event) == "" and event not in self.known_events
