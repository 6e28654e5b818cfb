"""Letters as files: Word with a letterhead of two columns, PDF with text, with a password, a scan."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
from PIL import Image
from pypdf import PdfReader, PdfWriter

FOLDER = Path(__file__).parents[2] / "letters"
SEED = Path(__file__).parents[3] / "docs" / "letter.example" / "cong-van.txt"
"""The letter of June 2021, which begins this project."""
LETTERS = [SEED, *sorted(FOLDER.glob("*.txt"))]


def word(text: str, table: list[list[str]] | None = None) -> bytes:
    """A Word file; `table`: cells of a letterhead above the text, each with its lines."""
    document = docx.Document()
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, content in zip(row.cells, cells, strict=True):
                cell.text = content
    for line in text.split("\n"):
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def repacked(data: bytes, **changed: bytes) -> bytes:
    """The same archive with parts added or replaced; names have `__` for a slash."""
    stream = io.BytesIO()
    named = {name.replace("__", "/"): content for name, content in changed.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in named:
                new.writestr(part, old.read(part))
        for name, content in named.items():
            new.writestr(name, content)
    return stream.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF file with one text a page, its signs named by a ToUnicode table as Word writes it."""
    table = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def "
        "1 begincodespacerange <0000> <FFFF> endcodespacerange "
        "1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"
    )
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    info = "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    font = "/Type /Font /BaseFont /Times"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        f"<< {font} /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        f"<< {font} /Subtype /CIDFontType2 /CIDSystemInfo {info} /DW 500 >>",
        f"<< /Length {len(table)} >>\nstream\n{table}\nendstream",
    ]
    for number, text in enumerate(pages):
        lines = " T* ".join(f"<{line.encode('utf-16-be').hex()}> Tj" for line in text.split("\n"))
        shown = f"BT /F1 11 Tf 14 TL 40 800 Td {lines} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream")
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table_at = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table_at}\n%%EOF\n".encode()


def locked(data: bytes, password: str, owner: str | None = None) -> bytes:
    """The same PDF file with a password; with an empty one, and one of an owner, everybody reads it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(password, owner, algorithm="AES-256")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def scan() -> bytes:
    """A PDF file of one picture of a page."""
    stream = io.BytesIO()
    Image.new("RGB", (800, 1100), "white").save(stream, "PDF")
    return stream.getvalue()
