"""PDF files of every sort, made by the library as programs make them, and the register that names one (SPEC S-13)."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


@dataclass(frozen=True)
class Pdf:
    """A document as a phone has it."""

    data: bytes
    name: str = "Kế hoạch 12.pdf"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def key(self) -> str:
        return self.sha256[:16]

    @property
    def register(self) -> dict[str, Any]:
        """The `set` of a write that adds it (SPEC P-17)."""
        value = {
            "sha256": self.sha256,
            "size_bytes": len(self.data),
            "type": "application/pdf",
            "name": self.name,
            "added_at": 1_627_000_000_000,
        }
        return {f"documents/{self.key}": value}


def pdf(seed: int = 0, name: str = "Kế hoạch 12.pdf") -> Pdf:
    """One blank page; another file for each seed."""
    return Pdf(_made(_writer(seed)), name)


def locked() -> Pdf:
    """With a password."""
    writer = _writer()
    writer.encrypt("mat khau", algorithm="AES-256")
    return Pdf(_made(writer))


def with_script() -> Pdf:
    """With a script that runs when it is opened."""
    writer = _writer()
    act = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert")}
    )
    writer.root_object[NameObject("/OpenAction")] = act
    return Pdf(_made(writer))


def packed(*, script: bool) -> Pdf:
    """Its objects in a compressed stream, where no search for a word finds a script (ISO 32000-1, 7.5.7)."""
    act = "/OpenAction << /S /JavaScript /JS (app.alert) >>" if script else ""
    objects = [f"<< /Type /Catalog /Pages 2 0 R {act} >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    objects.append("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>")
    places = " ".join(f"{nth} {sum(len(each) + 1 for each in objects[: nth - 1])}" for nth in (1, 2, 3)) + " "
    inside = zlib.compress((places + " ".join(objects)).encode())
    made = b"%PDF-1.5\n"
    at_stream = len(made)
    about = f"/Type /ObjStm /N 3 /First {len(places)} /Filter /FlateDecode /Length {len(inside)}"
    made += f"4 0 obj\n<< {about} >>\nstream\n".encode() + inside + b"\nendstream\nendobj\n"
    at_table = len(made)
    rows = [(0, 0, 255), *((2, 4, nth) for nth in range(3)), (1, at_stream, 0), (1, at_table, 0)]
    table = b"".join(struct.pack(">BHB", *row) for row in rows)
    about = f"/Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R /Length {len(table)}"
    made += f"5 0 obj\n<< {about} >>\nstream\n".encode() + table + b"\nendstream\nendobj\n"
    return Pdf(made + f"startxref\n{at_table}\n%%EOF\n".encode())


def with_file() -> Pdf:
    """With another file inside."""
    writer = _writer()
    writer.add_attachment("so-lieu.csv", b"a,b\n")
    return Pdf(_made(writer))


def that_starts() -> Pdf:
    """With a page that starts a program of the reader's computer."""
    writer = _writer()
    act = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")})
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): act})
    return Pdf(_made(writer))


def _writer(seed: int = 0) -> PdfWriter:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_metadata({"/Title": f"Van ban {seed}"})
    return writer


def _made(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
