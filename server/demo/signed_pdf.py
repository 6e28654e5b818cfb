"""A stand-in for the scan of a signed report: one page that says it is a sample. It shows no signature and no seal."""

from __future__ import annotations

import io
from typing import Final

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

A4: Final = (595, 842)
SAYS: Final = b"BT /F1 40 Tf 160 520 Td (DU LIEU MAU) Tj ET"
"""Plain letters: the fonts that every reader has know no Vietnamese. So few that it counts as a scan, a picture."""


def blank_pdf() -> bytes:
    """Return the file."""
    writer = PdfWriter()
    page = writer.add_blank_page(*A4)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    named = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): named})
    content = DecodedStreamObject()
    content.set_data(SAYS)
    page[NameObject("/Contents")] = content
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
