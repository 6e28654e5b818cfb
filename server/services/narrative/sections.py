"""Which sections people write: the fields of sections I, III, IV and V, and the parts of II, which write themselves."""

from __future__ import annotations

import re
from typing import Final

from server.core.problem_details import Problem
from server.services.reports import PART, text
from sync.text import is_well_formed, normal

FIELDS: Final = ("direction", "strengths", "difficulties", "causes", "ahead", "proposals")
"""Short fields; a report has them under headings of these names (reports/words.vi.json)."""
SETTING: Final = "set."
"""Before the name of a paper's setting, which is kept as a text like the others (services/issuing/)."""
OWN: Final = "own."
"""Before the mark of a heading of an outline that is none of the usual ones."""
LONGEST: Final = 20_000
"""Most characters of a section."""
_PARTS: Final = re.compile(rf"{re.escape(PART)}[a-z]{{1,20}}")
_OTHERS: Final = re.compile(rf"(?:{re.escape(SETTING)}|{re.escape(OWN)})[a-z0-9]{{1,20}}")


def is_part(section: str) -> bool:
    """True for a part of section II: figures stand in its text."""
    return section.startswith(PART)


def checked(section: str) -> str:
    """Return the code of a section. Raises Problem `bad_request` for anything else."""
    if section in FIELDS or _PARTS.fullmatch(section) or _OTHERS.fullmatch(section):
        return section
    raise Problem("bad_request")


def title(section: str) -> str:
    """Return the usual heading of a field."""
    return text(section)


def paragraphs(typed: str) -> list[str]:
    """Return the paragraphs of a text: one a line, without blank ones."""
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in typed.splitlines())
    return [line for line in lines if line]


def cleaned(typed: str) -> str:
    """Return a typed text as it is stored. Raises Problem `bad_text` or `too_long`."""
    if not is_well_formed(typed):
        raise Problem("bad_text", "text")
    made = "\n".join(paragraphs(normal(typed)))
    if len(made) > LONGEST:
        raise Problem("too_long", "text")
    return made
