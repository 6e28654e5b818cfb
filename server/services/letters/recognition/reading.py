"""A letter as it was read: its text, and what was found in it. Nothing is made up: what is not there is not found."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from server.services.letters.recognition import found as f
from server.services.letters.recognition.asks import asks
from server.services.letters.recognition.bases import bases
from server.services.letters.recognition.days import days
from server.services.letters.recognition.found import Finding
from server.services.letters.recognition.head import head
from server.services.letters.recognition.people import people
from server.services.letters.recognition.quoted import event, hotline, slogans

_YEAR: Final = re.compile(r"(?<![\d/])(?:năm +|\d{1,2}[/-]\d{1,2}[/-])(20\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` is in its plain form (plain.py); `found` is in the order of the fields, then of the text."""

    text: str
    found: tuple[Finding, ...]

    def every(self, field: str) -> list[Finding]:
        """Return all that was found for a field."""
        return [each for each in self.found if each.field == field]

    def first(self, field: str) -> Finding | None:
        """Return the first that was found for a field, if any."""
        return next((each for each in self.found if each.field == field), None)

    def value(self, field: str) -> str:
        """Return its value; empty if nothing was found."""
        first = self.first(field)
        return first.value if first else ""


def read(text: str) -> Reading:
    """Read a letter. `text` is in its plain form. Takes well under a second for the longest letter that is accepted."""
    top, occasion = head(text), event(text)
    dated = next((each.value for each in top if each.field == f.DATED), "")
    partly = next((each.value for each in top if each.field == f.DATED_PARTLY), "")
    year = next((each.value for each in occasion if each.field == f.YEAR), "")
    known_year = partly[-4:] or year or _usual_year(text)
    rests_on = bases(text)
    after = max((each.end for each in rests_on), default=0)
    concerned = people(text)
    addressed = [each.value for each in concerned if each.field == f.TO]
    set_days = days(
        text, date.fromisoformat(dated) if dated else None, int(known_year) if known_year else None, after, addressed
    )
    mottos = slogans(text)
    asked = asks(text, after, mottos)
    every = [*top, *concerned, *rests_on, *occasion, *mottos, *hotline(text), *set_days, *asked]
    order = {field: number for number, field in enumerate(f.FIELDS)}
    return Reading(text, tuple(sorted(every, key=lambda each: (order[each.field], each.start))))


def _usual_year(text: str) -> str:
    years = Counter(_YEAR.findall(text))
    return years.most_common(1)[0][0] if years else ""
