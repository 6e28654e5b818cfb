r"""A typed letterhead made right: capitals, the signs of authority, lists; or a fault for an input.

>>> signing("kt chủ tịch\nphó chủ tịch")
'KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from server.services.letterheads.bodies import LetterheadText
from sync.text import is_well_formed

LONGEST: Final = {"governing": 200, "issuing": 300, "called": 200, "symbol": 40, "place": 100, "signer": 100}
MOST_LINES: Final = 20
LINE_LENGTH: Final = 300
SIGNING_LINES: Final = 4
_AUTHORITY: Final = re.compile(r"^(TM|KT|TL|TUQ|Q)(?:\.\s*|\s+)(?=\S)")
"""On behalf of, for (a deputy), by order, by proxy, acting (Decree 30/2020, Annex I)."""
_SYMBOL: Final = re.compile(r"[A-ZĐ]{1,6}(-[A-ZĐ0-9.]{1,20}){1,3}")


def read(typed: Mapping[str, str]) -> tuple[date | None, LetterheadText, dict[str, str]]:
    """Return the first day, the letterhead, and the faults: `{input: code}`."""
    faults: dict[str, str] = {}
    said = {name: " ".join(typed.get(name, "").split()) for name in ("called", "symbol", "place", "signer")}
    made = LetterheadText(
        governing=_lines_of(typed.get("governing", "")).upper(),
        issuing=_lines_of(typed.get("issuing", "")).upper(),
        called=said["called"],
        symbol=said["symbol"].upper().removeprefix("/"),
        place=said["place"],
        signing=signing(typed.get("signing", "")),
        signer=said["signer"],
        addressees=tuple(_listed(typed.get("addressees", ""))),
        recipients=tuple(f"- {line}" for line in _listed(typed.get("recipients", ""))),
    )
    for name in ("issuing", "called", "symbol", "place", "signing"):
        if not getattr(made, name):
            faults[name] = "letterhead_empty"
    if made.symbol and not _SYMBOL.fullmatch(made.symbol):
        faults["symbol"] = "letterhead_symbol"
    if len(made.signing.split("\n")) > SIGNING_LINES:
        faults["signing"] = "too_long"
    for name, most in LONGEST.items():
        if len(getattr(made, name)) > most:
            faults[name] = "too_long"
    for name in ("addressees", "recipients"):
        lines = getattr(made, name)
        if len(lines) > MOST_LINES or any(len(line) > LINE_LENGTH for line in lines):
            faults[name] = "too_long"
    faults |= {name: "bad_text" for name, text in typed.items() if not is_well_formed(text)}
    day = _day(typed.get("valid_from", ""))
    if day is None:
        faults["valid_from"] = "letterhead_day"
    return day, made, faults


def signing(typed: str) -> str:
    """Return the lines above a signature in capitals, each sign of authority with its full stop."""
    lines = [" ".join(line.split()).upper() for line in typed.splitlines()]
    return "\n".join(_AUTHORITY.sub(r"\1. ", line) for line in lines if line)


def _lines_of(typed: str) -> str:
    return "\n".join(line for line in (" ".join(line.split()) for line in typed.splitlines()) if line)


def _listed(typed: str) -> Iterable[str]:
    """Each line without the dash that people type before it."""
    return (line for line in (" ".join(line.split()).lstrip("-–").strip() for line in typed.splitlines()) if line)


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if date(1990, 1, 1) <= found < date(2100, 1, 1) else None
