"""Read the text of a Word or PDF file that is a letter: paragraphs in their order, or pages."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import docx as word
import pypdf
from docx.oxml import parse_xml

from server.core.secrecy import is_marked_secret
from server.decoding.limits import Unfit

MOST_PAGES: Final = 40
MOST_CHARS: Final = 200_000
UNPACKED: Final = 64 * 1024**2
"""Most bytes of all parts of a .docx together."""
UNPACKED_TEXT: Final = 24 * 1024**2
"""Most bytes of one of its XML parts: a tree in memory takes ten times that."""
PARTS: Final = 2000
LETTERS_A_PAGE: Final = 20
"""A page with fewer letters is a picture of a page."""
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WATERMARK: Final = "{urn:schemas-microsoft-com:vml}textpath"
"""Letters as a drawing: what Word calls a watermark."""
_SKIPPED: Final = frozenset(
    (
        *(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sectPr")),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",  # says again what Choice says
    )
)
_SIGNS: Final = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
_MAIN: Final = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def docx(file: BinaryIO) -> str:
    """Return the paragraphs of a Word file in reading order, also of tables, text boxes and tracked insertions."""
    _check_parts(file)
    try:
        document = word.Document(file)
        body, stamps = document.element.body, "\n".join(_beside(document))
    except MemoryError:
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise Unfit("letter_not_docx") from error
    if is_marked_secret(stamps):
        raise Unfit("letter_secret")
    return _not_too_long("\n".join(_paragraphs(body)))


def _beside(document: Any) -> Iterator[str]:
    """Yield what stands in the margins of the pages: a stamp may."""
    for part in document.part.package.iter_parts():
        if re.search(r"/(?:header|footer)\d*\.xml$", str(part.partname)):
            yield from _paragraphs(parse_xml(part.blob))


def _not_too_long(text: str) -> str:
    if len(text) > MOST_CHARS:
        raise Unfit("letter_too_long")
    return text.encode("utf-8", "replace").decode()


def _check_parts(file: BinaryIO) -> None:
    """Refuse what is no Word file, has macros, or unpacks to too much, before anything is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = {part.filename: part.file_size for part in archive.infolist()}
            count, size = len(archive.infolist()), sum(part.file_size for part in archive.infolist())
            types = b"" if size > UNPACKED else archive.read("[Content_Types].xml")
    except MemoryError:
        raise
    except Exception as error:  # whatever the library makes of a damaged file: zlib.error, EOFError and more
        raise Unfit("letter_not_docx") from error
    trees = [part for name, part in parts.items() if name.endswith((".xml", ".rels"))]
    if count > PARTS or size > UNPACKED or max(trees, default=0) > UNPACKED_TEXT:
        raise Unfit("letter_too_complex")
    if any(name.endswith("vbaProject.bin") for name in parts) or b"macroEnabled" in types:
        raise Unfit("letter_macros")
    if _MAIN not in types:
        raise Unfit("letter_not_docx")


def _paragraphs(element: Any) -> Iterator[str]:
    """Yield each paragraph; one inside another (a text box) comes after it."""
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag == f"{_W}p":
            yield "".join(_pieces(child))
            yield from _inner(child)
        else:
            yield from _paragraphs(child)


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == _WATERMARK:
            yield f"\n{child.get('string', '')}\n"
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag not in _SKIPPED and child.tag != f"{_W}txbxContent":
            yield from _pieces(child)


def _inner(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}txbxContent":
            yield from _paragraphs(child)
        elif child.tag not in _SKIPPED:
            yield from _inner(child)


def pdf(file: BinaryIO) -> str:
    """Return the text of a PDF file. One that anybody may open but not change is read."""
    try:
        reader = pypdf.PdfReader(file)
        is_open = not reader.is_encrypted or bool(reader.decrypt(""))
        pages, stamps = (_pages(reader), "\n".join(_stamps(reader))) if is_open else ([], "")
    except MemoryError:
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise Unfit("letter_not_pdf") from error
    if not is_open:
        raise Unfit("letter_encrypted")
    if is_marked_secret(stamps):
        raise Unfit("letter_secret")
    if len(pages) > MOST_PAGES or sum(map(len, pages)) > MOST_CHARS:
        raise Unfit("letter_too_long")
    if sum(char.isalpha() for text in pages for char in text) < LETTERS_A_PAGE * max(1, len(pages)):
        raise Unfit("letter_scan")
    return _not_too_long("\n".join(pages))


def signed(file: BinaryIO) -> dict[str, Any]:
    """Return what can be read of a signed PDF: its text, how many pages have text, and how many are pictures.

    Of a long one the first and the last pages: the report stands there, and the tables that are read off it.
    """
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted:
            reader.decrypt("")
        count = len(reader.pages)
        places = range(count) if count <= MOST_PAGES else [*range(MOST_PAGES - 5), *range(count - 5, count)]
        pages = [reader.pages[place].extract_text() for place in places]
    except MemoryError:
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise Unfit("document_unreadable") from error
    written = [text for text in pages if sum(map(str.isalpha, text)) >= LETTERS_A_PAGE]
    said = "\n".join(written)[:MOST_CHARS].encode("utf-8", "replace").decode()
    return {"text": said, "written": len(written), "pictures": len(pages) - len(written)}


def _pages(reader: Any) -> list[str]:
    """Return the text of each page, up to the first page or sign that is too much."""
    found: list[str] = []
    for page in reader.pages:
        text = page.extract_text() if len(found) < MOST_PAGES else ""
        found.append(_without_number(text, len(found) + 1))
        if len(found) > MOST_PAGES or sum(map(len, found)) > MOST_CHARS:
            break
    return found


def _stamps(reader: Any) -> Iterator[str]:
    """Yield the texts of notes and stamps that were put on the pages."""
    for page in reader.pages[:MOST_PAGES]:
        for each in page.get("/Annots") or []:
            said = each.get_object()
            yield from (str(said[key]) for key in ("/Contents", "/Name", "/Subj") if key in said)


def _without_number(text: str, number: int) -> str:
    """Return the text of a page without its number, which stands above or below it, within a sentence of the letter."""
    lines = text.split("\n")
    for at in (0, -1):
        if len(lines) > 1 and lines[at].strip(" -–") == str(number):
            del lines[at]
    return "\n".join(lines)
