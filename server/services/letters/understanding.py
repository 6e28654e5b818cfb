"""A typed form becomes a campaign and its letter, or a fault for each input that is wrong.

Nothing is cut or guessed: what cannot be understood is a fault, and the form keeps what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from server.core.clock import ZONE
from server.services.campaigns import expected, lifecycle
from server.services.campaigns.expected import UnitNames
from server.services.campaigns.lifecycle import OWN_DUE, REVIEW_RULES, NewCampaign
from server.services.letters.facts import LINE, LIST, OUTLINE, LetterFacts, Values
from server.services.letters.plain import one_line
from sync.figures import every_figure
from sync.registry import KINDS
from sync.text import is_well_formed, normal

NAME_CHARS: Final = 300
HOTLINE_CHARS: Final = 30
LINE_CHARS: Final = 1000
MOST_LINES: Final = 60
_TYPED_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
FAULTS: Final = (
    *("needed", "too_long", "too_many", "bad_day", "bad_number", "before_start", "before_end", "level_outside"),
    *("no_kind", "own_outside", "not_sure", "same_campaign", "kept", "amended_meanwhile", "unit_gone", "bad_plan"),
)
"""Every code of a fault; the desk has a sentence for each. Behind `bad_plan` stands the number of the line."""
OWN: Final = "expected_own"
"""Input of what is expected of some units and not of all: lines, as expected.py reads them."""


@dataclass
class CheckedLetter:
    """`faults`: `{input: code}`. Only without any are the other two whole."""

    new: NewCampaign
    letter: LetterFacts
    faults: dict[str, str] = field(default_factory=dict)


def understand(
    values: Values,
    levels: Collection[str],
    text: str = "",
    sure_of: Mapping[str, str] | None = None,
    units: UnitNames | None = None,
    own: str = "",
) -> CheckedLetter:
    """Understand a form. `levels`: those that may have a due date of their own. `text`: the letter's. `units`: below.

    `sure_of`: proposals that were worked out, by input (facts.py). As long as one is unchanged, `sure` must name it.
    `own`: the level that opens it.
    """
    form = _Form(values)
    named = {name: form.line(name, most) for name, most in LINE.items()}
    facts: dict[str, Any] = {**named, **{name: form.lines(name) for name in LIST}}
    facts["dated"] = made.isoformat() if (made := form.day("dated")) else ""
    due_levels = {level: day.isoformat() for level in levels if (day := form.day(f"due.{level}"))}
    own_day = form.day(OWN_DUE)
    if own and own_day:
        due_levels[own] = own_day.isoformat()
    new = NewCampaign(
        name=form.line("name", NAME_CHARS, needed=True),
        starts_on=form.day("starts_on", needed=True) or date.max,
        ends_on=form.day("ends_on", needed=True) or date.max,
        due_before=form.day("due_before", needed=True) or date.max,
        due_levels=due_levels,
        hotline=form.line("hotline", HOTLINE_CHARS),
        slogans=form.lines("slogans"),
        bases=form.lines("bases"),
        tasks=form.lines("tasks"),
        kinds=form.kinds(),
        expected=form.expected(units or {}),
        figures=form.chosen("figures", [figure.code for figure in every_figure()]),
        practice=values.get("practice") == "1",
        review_rule=rule if (rule := values.get("review_rule")) in REVIEW_RULES else "parent",
    )
    outline = tuple(form.lines("outline"))
    letter = LetterFacts(
        text=text,
        facts={name: value for name, value in facts.items() if value},
        due_bases={level: basis for level in levels if (basis := form.line(f"due_basis.{level}", LINE_CHARS))},
        outline=() if outline == OUTLINE else outline,
        cutoff_at=form.moment("cutoff"),
    )
    if not {"starts_on", "ends_on", "due_before"} & set(form.faults):
        form.faults |= lifecycle.faults(new, own)
    sure = values.get("sure", [])
    for name, proposal in (sure_of or {}).items():
        if str(values.get(name, "")) == proposal and name not in sure:
            form.faults.setdefault(name, "not_sure")
    return CheckedLetter(new, letter, form.faults)


class _Form:
    """Reads inputs and collects their faults."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.faults: dict[str, str] = {}

    def _text(self, name: str) -> str:
        value = self._values.get(name, "")
        return value if isinstance(value, str) and is_well_formed(value) else ""

    def line(self, name: str, most: int, *, needed: bool = False) -> str:
        text = one_line(normal(self._text(name)))
        if needed and not text:
            self.faults[name] = "needed"
        if len(text) > most:
            self.faults[name] = "too_long"
        return text

    def lines(self, name: str) -> list[str]:
        """Each line once, without blank ones."""
        found = list(dict.fromkeys(one_line(normal(line)) for line in self._text(name).splitlines() if line.strip()))
        if len(found) > MOST_LINES:
            self.faults[name] = "too_many"
        if any(len(line) > LINE_CHARS for line in found):
            self.faults[name] = "too_long"
        return found

    def day(self, name: str, *, needed: bool = False) -> date | None:
        """A day as the browser sends it, or as people write it: 03/8/2021."""
        text = self._text(name).strip()
        typed = _TYPED_DAY.fullmatch(text)
        try:
            day = date(*(int(part) for part in reversed(typed.groups()))) if typed else date.fromisoformat(text)
        except ValueError:
            day = None
        if (text and day is None) or (day and not 1990 <= day.year <= 2100):
            self.faults[name] = "bad_day"
            return None
        if needed and not text:
            self.faults[name] = "needed"
        return day

    def moment(self, name: str) -> int | None:
        """A moment in Việt Nam as milliseconds."""
        text = self._text(name).strip()
        try:
            made = datetime.fromisoformat(text) if text else None
            return None if made is None else int(made.replace(tzinfo=ZONE).timestamp() * 1000)
        except (ValueError, OverflowError):
            self.faults[name] = "bad_day"
            return None

    def chosen(self, name: str, known: Collection[str]) -> list[str]:
        given = self._values.get(name, [])
        return [each for each in known if each in given] if isinstance(given, list) else []

    def kinds(self) -> list[str]:
        """The chosen kinds of activity; none if it is all of them, so that later ones belong, too."""
        every = [kind.name for kind in KINDS.recorded()]
        found = self.chosen("kinds", every)
        if not found:
            self.faults["kinds"] = "no_kind"
        return [] if found == every else found

    def expected(self, units: UnitNames) -> list[dict[str, Any]]:
        """What is expected of every commune, and of some."""
        found: dict[str, int] = {}
        for code in dict.fromkeys(figure.code for figure in KINDS.figures()):
            text = self._text(f"expected.{code}").strip()
            planned = expected.typed(code, text) if text else 0
            if planned is None:
                self.faults[f"expected.{code}"] = "bad_number"
            elif planned:
                found[code] = planned
        own, wrong = expected.read(self._text(OWN), units)
        if wrong:
            self.faults[OWN] = f"bad_plan {wrong}"
        return expected.merged(found, own)
