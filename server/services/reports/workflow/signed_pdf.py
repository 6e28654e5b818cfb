"""The signed PDF of a paper beside the paper: freeze code, number, and figures that the paper says.

Only text can be read. A page that is a picture is said to be one, and a person compares it.

>>> sorted(counted("treo 12 băng rôn, dán 1.212 áp phích; số 12/BC-UBND", "12"))
['12băng']
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.core.problem_details import Problem
from server.decoding.limits import Decoding
from server.decoding.service import decode
from server.services.reports.content import Report, Section
from server.services.reports.snapshot.freezes import spoken
from sync.text import normal

_CODE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}")
_CLOCK: Final = re.compile(r"\d+ giờ \d+ phút")
"""The moment of the figures counts nothing, also where it is 12 o'clock and there are 12 banners."""
CODES: Final = ("code", "other_code", "doc_number")
CODE, OTHER_CODE, DOC_NUMBER = CODES
"""What does not fit: no freeze code, another one, no number as it was issued. Else the label of a figure."""


@dataclass(frozen=True, slots=True)
class SignedText:
    """What was read of it. `written`, `pictures`: how many pages have a text, and how many are pictures."""

    text: str
    written: int
    pictures: int


class PdfUnfit(Problem):  # as Problem
    """Its text does not fit the paper. `unfit`: what, as `compared` says it."""

    def __init__(self, unfit: Sequence[str]) -> None:
        super().__init__("pdf_unfit", "pdf")
        self.unfit = tuple(unfit)


def read(path: Path) -> SignedText:
    """Read a PDF that was judged. Raises Problem `document_unreadable`."""
    found = decode(Decoding.SIGNED_PDF, [path])
    return SignedText(str(found["text"]), int(found["written"]), int(found["pictures"]))


def compared(it: SignedText, report: Report, freeze: str, figures: Mapping[str, str]) -> list[str]:
    """Return what in the text is not the paper's. `figures`: by label, each amount that the paper may say.

    A PDF without any text says nothing, and a figure on a page that is a picture is not missed.
    """
    if not it.written:
        return []
    said = _words(it)
    codes = set(_CODE.findall(said))
    unfit = []
    if codes and spoken(freeze) not in codes:
        unfit.append(OTHER_CODE)
    elif not codes and report.annexes and not it.pictures:
        unfit.append(CODE)
    if not it.pictures:
        sentences = _CLOCK.sub("", " ".join(_sentences(report.sections)))
        unfit += [label for label, amount in figures.items() if _is_missed(counted(sentences, amount), said)]
    return unfit


def lacks(it: SignedText, doc_number: str) -> bool:
    """True if all of it is text, and the number as it was issued is not there."""
    return bool(it.written and not it.pictures and not _has(_words(it), doc_number, r"(?<!\d)0{0,2}"))


def counted(sentences: str, amount: str) -> set[str]:
    """Return what a text counts by this amount: the amount as it is printed, with the word behind it."""
    found = re.findall(rf"(?<![\d.,/]){re.escape(amount)}(?![\d.,/]\d)\s+(\w+)", sentences)
    return {_squeezed(f"{amount}{word}") for word in found}


def _is_missed(counts: Collection[str], said: str) -> bool:
    return bool(counts) and not any(_has(said, each, r"(?<!\d)(?<!\d[.,/])") for each in counts)


def _words(it: SignedText) -> str:
    return re.sub(r"\s*-\s*", "-", " ".join(it.text.split()))


def _has(said: str, text: str, before: str) -> bool:
    """Look for a text. Programs that read a PDF find blanks where there are none, and the reverse.

    `before`: what may stand before it. There blanks are kept, as "năm 2026, 12 băng rôn" is no number of 2026,12.
    """
    loose = r"\s*".join(re.escape(sign) for sign in _squeezed(text))
    return re.search(before + loose, normal(said), re.IGNORECASE) is not None


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", normal(text)).lower()


def _sentences(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        yield from section.sentences
        yield from _sentences(section.sections)
