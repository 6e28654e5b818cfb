"""The table of error codes: one code, one HTTP status, one sentence in each language (errors.json).

Server answers, refused writes, the desk and the phone app all take their sentences from this table; the app leaves out
those of the desk alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row of the table. `at`: `desk` if only its pages say it, so that the phone app need not carry it."""

    code: str
    status: int
    vi: str
    en: str
    at: str = ""

    def sentence(self, language: str) -> str:
        """The sentence for a person; Vietnamese unless English is asked for."""
        return self.en if language == "en" else self.vi


def _load() -> Mapping[str, ErrorCode]:
    rows = json.loads((Path(__file__).parent / "errors.json").read_text("utf-8"))
    return {code: ErrorCode(code=code, **row) for code, row in rows.items()}


CODES: Final = _load()


class Refused(Exception):  # noqa: N818  # the protocol's word for it (SPEC X-2)
    """A write was refused. Carries the code of the reason and the field at fault, if any."""

    def __init__(self, code: str, field: str | None = None) -> None:
        super().__init__(code)
        self.code = CODES[code].code
        self.field = field
