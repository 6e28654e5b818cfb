"""The report as a Word file with the annexes that were chosen, what they leave out as another, and as a PDF file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from server.services.documents import pdf, source
from server.services.documents.kinds import DocumentOrder, MadeDocument
from server.services.reports import annexes, word


def make(order: DocumentOrder) -> MadeDocument:
    """Make the Word file."""
    most = int(order.choices.get("photos", source.USUAL_PHOTOS))
    made = annexes.with_chosen(source.report(order, photos=True), _chosen(order), most)
    path = order.folder / "report.docx"
    path.write_bytes(word.document(made, order.blobs.open, order.told))
    return MadeDocument(path, made.file_name)


def make_beside(order: DocumentOrder) -> MadeDocument:
    """Make the file with what the report itself leaves out."""
    made = annexes.rest(source.report(order, photos=True), _chosen(order))
    path = order.folder / "beside.docx"
    path.write_bytes(word.beside(made, order.blobs.open, order.told))
    return MadeDocument(path, made.file_name.replace("bao-cao-", "tai-lieu-kem-theo-", 1))


def make_pdf(order: DocumentOrder, converter: pdf.Converter) -> MadeDocument:
    """Make the Word file and turn it into a PDF. Raises Problem `no_pdf`, `pdf_failed`."""
    made = make(order)
    order.told(99, 100)
    return MadeDocument(converter.convert(made.path, order.folder), f"{Path(made.name).stem}.pdf")


def _chosen(order: DocumentOrder) -> Sequence[str]:
    names: Sequence[str] = order.choices.get("annexes", annexes.USUAL)
    return names
