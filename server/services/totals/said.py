"""What a total says, and how much of it no record supports.

A person says of a figure either how much it is altogether (`whole`: "3 băng rôn", some of which may be on photos) or
how much came besides the records (`besides`: "thêm 3 băng rôn không chụp ảnh"). The second is fixed by what records
showed at that moment: `base` + `amount` altogether.

The rule, the same for every figure and unit: **a record that was sent replaces the same amount of the total**. So the
unit has reported max(total, records), and what is left without evidence is the difference, never below 0.

- Records count here as soon as they are sent, approved or not. So the three columns of a table - approved, waiting,
  without evidence - never contain the same thing twice, whichever of them somebody adds up.
- A record that is returned or not counted is no evidence, and the unit's statement still stands: its amount goes back
  to the column without evidence until the record is mended, or the total adjusted with a reason.
- Totals of several units are added up; within a unit they are never added to the records that replaced them.
- A figure of distinct values (scripts) is compared by its number of values in the unit, and is a plain sum above.

>>> unsupported(Reach.WHOLE, 10, 0, records=4), unsupported(Reach.WHOLE, 10, 0, records=12)
(6, 0)
>>> unsupported(Reach.BESIDES, 3, 4, records=4), unsupported(Reach.BESIDES, 3, 4, records=5)
(3, 2)
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Reach(StrEnum):
    """What an amount covers."""

    WHOLE = "whole"
    BESIDES = "besides"


class TotalSource(StrEnum):
    """How the amount came: by telephone, on paper, in a chat, out of a book of the unit."""

    PHONE = "phone"
    PAPER = "paper"
    ZALO = "zalo"
    BOOK = "book"


class TotalAct(StrEnum):
    """What somebody does to a total."""

    STATE = "state"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"


LONGEST: Final = 2000
"""Most letters of a note or a reason."""


def unsupported(reach: str, amount: int, base: int, records: int) -> int:
    """Return the part of a total that no record supports. `records`: the amount of those that count or wait."""
    if reach == Reach.WHOLE:
        return max(0, amount - records)
    return amount - min(amount, max(0, records - base))
