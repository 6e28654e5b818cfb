"""What is known of one figure: an amount, "nothing to report", or nothing yet. Every page and paper asks here.

>>> answer(reported=False, nil=2, units=18), answer(reported=False, nil=18, units=18), answer(reported=True)
(<Answer.UNREPORTED: 'unreported'>, <Answer.NIL: 'nil'>, <Answer.AMOUNT: 'amount'>)
"""

from __future__ import annotations

from enum import StrEnum


class Answer(StrEnum):
    """The three answers (SPEC F-34, F-35). An amount may be 0; where nobody reported there is no 0."""

    AMOUNT = "amount"
    NIL = "nil"
    UNREPORTED = "unreported"


def answer(*, reported: bool, nil: int = 0, units: int = 1, empty: bool = True) -> Answer:
    """Return the answer of `units` units together, of which `nil` said that there is nothing.

    `reported`: a record says something of the figure, or a unit stated a total of it. `empty`: nothing counts or
    waits, and no total is without evidence.
    """
    if empty and 0 < units <= nil:
        return Answer.NIL
    return Answer.AMOUNT if reported else Answer.UNREPORTED
