"""What decoding one foreign file may cost: one row for each sort of work, whichever road the file came by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from server.core.problem_details import Problem


class DecodingLane(StrEnum):
    """Files of a lane are decoded a few at a time by each server process."""

    PHOTOS = "photos"
    DOCUMENTS = "documents"


AT_ONCE: Final = {DecodingLane.PHOTOS: 2, DecodingLane.DOCUMENTS: 2}


class Decoding(StrEnum):
    """A sort of work; the value names the function in `workers/`."""

    PHOTO = "pictures.judge"
    COMPUTER_PHOTO = "pictures.prepare"
    STAMPED_PHOTO = "pictures.stamped"
    REPORT_PHOTO = "pictures.small"
    GREY_PHOTO = "pictures.grey"
    LAID_PHOTO = "pictures.laid"
    PICTURE_TYPE = "pictures.type_of"
    PDF = "pdf_document.check"
    LETTER_WORD = "letter_text.docx"
    LETTER_PDF = "letter_text.pdf"
    SIGNED_PDF = "letter_text.signed"
    SHEET = "sheet.read"
    FORM = "forms.check"
    FILLED_FORM = "forms.fill"
    REPORT_TEMPLATE = "forms.check_report"
    FILLED_REPORT = "forms.fill_report"
    OFFICE_PDF = "program"


@dataclass(frozen=True, slots=True)
class DecodingLimits:
    """Most of each that a file may take.

    `cpu_s`: seconds of the processor. `wall_s`: seconds altogether; only a busy machine needs more than the processor
    takes, so the client is asked to come again. `memory_mb`: of addresses, Python and libraries included. `output_mb`:
    of each file written, and of the answer. `over`: the refusal of a file that wants more (sync/errors.json). `turn_s`:
    seconds to wait for a turn in its lane. `scratch`: it gets a folder for temporary files.
    """

    lane: DecodingLane | None
    cpu_s: int
    wall_s: int
    memory_mb: int
    output_mb: int
    over: str
    turn_s: int = 30
    nice: int = 5
    scratch: bool = False


_PHOTO: Final = (DecodingLane.PHOTOS, 8, 60, 1024)
_DOCUMENT: Final = DecodingLane.DOCUMENTS
LIMITS: Final = {
    Decoding.PHOTO: DecodingLimits(*_PHOTO, 1, "image_too_large"),
    Decoding.COMPUTER_PHOTO: DecodingLimits(*_PHOTO, 8, "image_too_large"),
    Decoding.STAMPED_PHOTO: DecodingLimits(*_PHOTO, 64, "image_too_large", nice=10),
    Decoding.REPORT_PHOTO: DecodingLimits(*_PHOTO, 8, "image_too_large", nice=10),
    Decoding.LAID_PHOTO: DecodingLimits(*_PHOTO, 8, "image_too_large"),
    Decoding.GREY_PHOTO: DecodingLimits(*_PHOTO, 1, "image_too_large", nice=10),
    Decoding.PICTURE_TYPE: DecodingLimits(*_PHOTO, 1, "image_too_large", nice=10),
    # A tagged report of 4 MB takes 10 s on two slow cores.
    Decoding.PDF: DecodingLimits(_DOCUMENT, 20, 60, 1024, 1, "document_unreadable", turn_s=2, nice=10),
    Decoding.LETTER_WORD: DecodingLimits(_DOCUMENT, 20, 60, 1024, 8, "letter_too_complex", nice=10),
    Decoding.LETTER_PDF: DecodingLimits(_DOCUMENT, 20, 60, 1024, 8, "letter_too_complex", nice=10),
    Decoding.SIGNED_PDF: DecodingLimits(_DOCUMENT, 20, 60, 1024, 8, "document_unreadable", nice=10),
    Decoding.SHEET: DecodingLimits(_DOCUMENT, 5, 60, 1024, 20, "sheet_too_complex", nice=10),
    # Somebody waits for a check; forms are filled by a job.
    Decoding.FORM: DecodingLimits(_DOCUMENT, 15, 60, 1536, 64, "form_too_complex", nice=10, scratch=True),
    Decoding.FILLED_FORM: DecodingLimits(
        _DOCUMENT, 90, 240, 1536, 64, "form_too_complex", turn_s=120, nice=10, scratch=True
    ),
    # Somebody waits for a report in the unit's own template, too.
    Decoding.REPORT_TEMPLATE: DecodingLimits(_DOCUMENT, 20, 60, 1536, 64, "form_too_complex", nice=10, scratch=True),
    Decoding.FILLED_REPORT: DecodingLimits(_DOCUMENT, 30, 90, 1536, 64, "form_too_complex", nice=10, scratch=True),
    # LibreOffice, one at a time on a host by a lock of its own. A province with 900 photos takes about a minute.
    Decoding.OFFICE_PDF: DecodingLimits(None, 300, 300, 6144, 512, "pdf_failed", nice=10),
}


class Unfit(Problem):  # as Problem
    """A file that cannot be used. `place`: the cell ("Biểu 1!C7") or tag ("{{ don_vj }}") at fault, if it has one."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(code, "file")
        self.place = place
