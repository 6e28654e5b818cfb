"""What somebody should know before a report is presented: nothing of it is refused, and no number is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from server.services.issuing.settings import PaperSettings
from server.services.locks.freezes import FrozenFigures
from server.services.reports import Report, Section, names

DOTTED: Final = ("……", "....")
CODES: Final = ("silent", "sections", "to", "bases", "recipients", "signer")


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """One thing to look at. `code`: one of CODES; `what`: the units or sections that it is about."""

    code: str
    what: tuple[str, ...] = ()


def findings(found: FrozenFigures, report: Report, said: PaperSettings) -> list[PreflightFinding]:
    """Return what is silent, unwritten or left dotted in a report as it would be presented."""
    units = tuple(names.within(row.unit.name) for row in found.silent)
    empty = tuple(_unwritten(report.sections))
    checks = {
        "silent": units,
        "sections": empty,
        "to": () if said.to and not _dotted(said.to) else ("",),
        "bases": () if said.bases and not _dotted(said.bases) else ("",),
        "recipients": () if said.recipients and not _dotted(said.recipients) else ("",),
        "signer": () if said.head.signer and said.head.signing else ("",),
    }
    return [PreflightFinding(code, tuple(filter(None, checks[code]))) for code in CODES if checks[code]]


def _unwritten(sections: Sequence[Section]) -> Iterator[str]:
    """Yield titles of sections that a person should write and nobody has, or that have dots in them."""
    for section in sections:
        if (section.blank and not section.sentences and not section.sections) or _dotted(section.sentences):
            yield section.title
        yield from _unwritten(section.sections)


def _dotted(lines: Sequence[str]) -> bool:
    return any(dots in line for line in lines for dots in DOTTED)
