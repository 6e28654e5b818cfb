"""What is in a ZIP file of photos, and what is not: a table for people, and sums for `sha256sum -c`."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

from server.core.clock import local
from server.core.spreadsheet import harmless
from server.services.exports.words import say

SUMS = "SHA256SUMS.txt"


@dataclass(frozen=True, slots=True)
class PhotoLine:
    """A photo. `sha256`: of the file that was sent, empty if none was. `original`: of the photo as it is kept."""

    name: str
    record: str
    unit: str
    taken_at: object
    original: str
    sha256: str = ""
    size_bytes: int = 0
    note: str = ""


@dataclass(slots=True)
class PhotoManifest:
    """The photos of one ZIP file, in their order."""

    lines: list[PhotoLine] = field(default_factory=list)

    def table(self) -> bytes:
        """Return the table as CSV for Excel; photos that were gone have a note in place of a hash."""
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\r\n").writerow
        write([say(word) for word in ("file", "number", "unit", "taken", "sha256", "original", "bytes", "note")])
        for line in self.lines:
            cells = (line.name, line.record, line.unit, _moment(line.taken_at), line.sha256, line.original)
            write([harmless(cell) for cell in (*cells, line.size_bytes or "", line.note)])
        return b"\xef\xbb\xbf" + out.getvalue().encode()

    def sums(self) -> bytes:
        """Return the hashes of the files that were sent."""
        return "".join(f"{line.sha256}  {line.name}\n" for line in self.lines if line.sha256).encode()


def _moment(at_ms: object) -> str:
    try:
        return f"{local(int(str(at_ms))):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return ""
