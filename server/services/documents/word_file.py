"""The report as a Word file, and as a PDF file made of it."""

from __future__ import annotations

from pathlib import Path

from server.services.documents import pdf, source
from server.services.documents.kinds import DocumentOrder, MadeDocument
from server.services.reports import word


def make(order: DocumentOrder) -> MadeDocument:
    """Make the Word file."""
    made = source.report(order, photos=True)
    path = order.folder / "report.docx"
    path.write_bytes(word.document(made, order.blobs.open, order.told))
    return MadeDocument(path, made.file_name)


def make_pdf(order: DocumentOrder, converter: pdf.Converter) -> MadeDocument:
    """Make the Word file and turn it into a PDF. Raises Problem `no_pdf`, `pdf_failed`."""
    made = make(order)
    order.told(99, 100)
    return MadeDocument(converter.convert(made.path, order.folder), f"{Path(made.name).stem}.pdf")
