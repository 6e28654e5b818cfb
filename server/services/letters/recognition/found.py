"""What was found in a letter: a value and the place in the text where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from server.services.letters.plain import one_line

NUMBER, SYMBOL, DATED, DATED_PARTLY, PLACE = "number", "symbol", "dated", "dated_partly", "place"
ABOVE, ISSUER, SUBJECT, FORM = "above", "issuer", "subject", "form"
TO, BASIS, EVENT, EVENT_DAY, YEAR = "to", "basis", "event", "event_day", "year"
SLOGAN, HOTLINE, DUE, FIRST, LAST, CUTOFF = "slogan", "hotline", "due", "first", "last", "cutoff"
DUE_DISTRICT, DUE_COMMUNE, DUE_OWN = "due_district", "due_commune", "due_own"
KIND, FIGURE, UNPLACED, TASK = "kind", "figure", "unplaced", "task"
RECIPIENT, SIGNER_ROLE, SIGNER = "recipient", "signer_role", "signer"
FIELDS: Final = (
    *(NUMBER, SYMBOL, DATED, DATED_PARTLY, PLACE, ABOVE, ISSUER, FORM, SUBJECT, TO, BASIS, EVENT, EVENT_DAY, YEAR),
    *(SLOGAN, HOTLINE, DUE, DUE_DISTRICT, DUE_COMMUNE, DUE_OWN, FIRST, LAST, CUTOFF, KIND, FIGURE, UNPLACED, TASK),
    *(RECIPIENT, SIGNER_ROLE, SIGNER),
)
"""Every field, in the order in which a letter has them."""

DUE_LEVELS: Final = {"district": DUE_DISTRICT, "commune": DUE_COMMUNE, "own": DUE_OWN}
"""The days of levels of units; `own`: of whoever sends the letter."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One value. `text[start:end]` is where it was read; days are ISO dates.

    `note`: why the value is not just what is written there: it was worked out, and a person looks twice. The codes are
    `NOTES`.
    """

    field: str
    start: int
    end: int
    value: str
    note: str = ""


NO_YEAR: Final = "no_year"
"""The year is that of the letter."""
INCLUSIVE: Final = "inclusive"
"""The letter names the last day; the value is the day after."""
WITH_HOUR: Final = "with_hour"
"""The letter names an hour of the last day; the value is the day after."""
SEVERAL: Final = "several"
"""The letter names several such days; this one stands where it asks for results."""
FROM_BODY: Final = "from_body"
"""There is no letterhead; the first sentence says who asks."""
OF_A_PART: Final = "of_a_part"
"""These days may be those of one activity and not of the campaign."""
END_OF_DAY: Final = "end_of_day"
"""The letter names no hour; proposed is the end of that day."""
EARLIER: Final = "earlier"
"""The letter names the districts' day alone; proposed is an earlier one for communes."""
NOTES: Final = (NO_YEAR, INCLUSIVE, WITH_HOUR, SEVERAL, FROM_BODY, OF_A_PART, END_OF_DAY, EARLIER)
WORKED_OUT: Final = frozenset(NOTES) - {FROM_BODY}
"""With one of these the value is not what is written, and a person must say yes to it by itself."""


def at(field: str, text: str, start: int, end: int, value: str | None = None, note: str = "") -> Finding | None:
    """Return what stands between two places, without blanks and loose signs at its ends; None if nothing is left."""
    while start < end and text[start] in " \n\t":
        start += 1
    while end > start and text[end - 1] in " \n\t":
        end -= 1
    made = one_line(text[start:end]) if value is None else value
    return Finding(field, start, end, made, note) if made and start < end else None


def known(found: Iterable[Finding | None]) -> list[Finding]:
    """Return those that were found, each place and value once."""
    return list(dict.fromkeys(each for each in found if each is not None))
