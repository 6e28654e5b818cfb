"""Which passwords an account may not have: short ones, and those that others would try first.

How many guesses a password withstands is estimated by zxcvbn, which knows 30,000 common passwords, words, names,
keyboard rows, years, repeats and usual replacements (`P@ssw0rd`). It also gets the words of this place
(guessable.txt) and of the account: its names and its units. A password is judged as typed, without tone marks, and
without blanks and signs, so that `Mật khẩu 123` is `matkhau123`.

There are no rules on kinds of characters: four ordinary words are a good password (NIST SP 800-63B, 3.1.1).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Membership, Officer, Unit
from server.services.units.tree import ancestry
from sync.text import fold

PASSWORD_LENGTH: Final = 10
"""Least number of characters."""
FEW: Final = 10**8
"""Fewer guesses than this are refused: a hundred tries in 15 minutes (tries.py) would need 28 years for so many."""
FEW_BARE: Final = 10**7
"""Least guesses of the text without blanks and signs: without them ordinary words need fewer."""
_JUDGED = 32
"""Characters that are judged: the estimate's time grows with the square of the length."""
_SIGNS = 4
"""Different signs from which on a text is not judged as it is: the estimate tries every way to read them as letters."""
_alone = threading.Lock()
"""zxcvbn keeps the words it gets in a global dictionary."""


class PasswordFault(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    GUESSABLE = "guessable"


def fault(
    password: str, about: Sequence[str] = (), *, length: int = PASSWORD_LENGTH, times: int = 1
) -> PasswordFault | None:
    """Return why this password is refused; None for a good one. `about`: names and units of its account.

    `length`: the least number of characters. `times`: how many times more guesses it must withstand.
    """
    if len(password) < length:
        return PasswordFault.SHORT
    plain = fold(password)
    bare = "".join(filter(str.isalnum, plain))
    known = [*dict.fromkeys(_words(about)), *_common()]
    signs = {char for char in password if not (char.isalnum() or char.isspace())}
    spelled = ((password, FEW), (plain, FEW)) if len(signs) < _SIGNS else ()
    judged = (*spelled, (bare, FEW_BARE))
    found = any(_guesses(text, known) < least * times for text, least in judged)
    return PasswordFault.GUESSABLE if found else None


def about(session: Session, officer: Officer) -> list[str]:
    """The texts that others know of an account: its names, its units and those above them."""
    held = select(Membership.unit_id).where(Membership.officer_id == officer.id)
    units = {unit for own in session.scalars(held) for unit in ancestry(session, own)}
    named = session.execute(select(Unit.name, Unit.short_name).where(Unit.id.in_(units)))
    return [officer.name, officer.username, officer.phone, *(name for row in named for name in row)]


def _words(about: Iterable[str]) -> Iterator[str]:
    """Yield each text's words, and neighbouring ones without the blank between them."""
    for text in about:
        words = "".join(char if char.isalnum() else " " for char in fold(text)).split()[:12]
        for first in range(len(words)):
            yield from ("".join(words[first:end]) for end in range(first + 1, len(words) + 1))


def _guesses(text: str, known: list[str]) -> int:
    from zxcvbn import zxcvbn  # noqa: PLC0415  # 15 MB of words: only a process that judges passwords holds them

    with _alone:
        return int(zxcvbn(text[:_JUDGED], user_inputs=known)["guesses"]) if text else 0


@cache
def _common() -> tuple[str, ...]:
    return tuple((Path(__file__).parent / "guessable.txt").read_text("utf-8").split())
