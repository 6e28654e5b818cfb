"""Read the text of a Word or PDF file. A script that runs in a process of its own, under limits (extraction.py).

    python -I extracting.py docx|pdf FILE      prints the text in UTF-8; ends with 3 and a code on stderr if it cannot

A file may be made to cost much: a few kilobytes that unpack to gigabytes, or a page that takes minutes. Here that
meets a limit of memory and processor time, and ends this process alone. It imports nothing of ours.
"""

from __future__ import annotations

import resource
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

MEMORY: Final = 1024**3
CPU_S: Final = 20
MOST_PAGES: Final = 40
MOST_CHARS: Final = 200_000
UNPACKED: Final = 64 * 1024**2
"""Most bytes of all parts of a .docx together."""
UNPACKED_TEXT: Final = 24 * 1024**2
"""Most bytes of one of its XML parts: a tree in memory takes ten times that."""
PARTS: Final = 2000
LETTERS_A_PAGE: Final = 20
"""A page with fewer letters is a picture of a page."""
CANNOT: Final = 3
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED: Final = frozenset(
    (
        *(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sectPr")),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",  # says again what Choice says
    )
)
_SIGNS: Final = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


class CannotError(Exception):
    """The file gives no text; the message is a code of sync/errors.json."""


def docx(path: Path) -> str:
    """Return the paragraphs of a Word file in reading order, also those of tables, text boxes and tracked insertions."""
    import docx as library  # noqa: PLC0415  # a PDF needs none of it

    _check_parts(path)
    try:
        body = library.Document(str(path)).element.body
    except MemoryError:
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise CannotError("letter_not_docx") from error
    return "\n".join(_paragraphs(body))


def _check_parts(path: Path) -> None:
    """Refuse what is no Word file, has macros, or unpacks to too much, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise CannotError("letter_too_complex")
            if any(part.file_size > UNPACKED_TEXT for part in parts if part.filename.endswith((".xml", ".rels"))):
                raise CannotError("letter_too_complex")
            names = {part.filename for part in parts}
            if any(name.endswith("vbaProject.bin") for name in names):
                raise CannotError("letter_macros")
            types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError) as error:
        raise CannotError("letter_not_docx") from error
    if "macroEnabled" in types:
        raise CannotError("letter_macros")
    if _MAIN not in types:
        raise CannotError("letter_not_docx")


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


def pdf(path: Path) -> str:
    """Return the text of a PDF file. One that anybody may open but not change is read."""
    import pypdf  # noqa: PLC0415  # a Word file needs none of it

    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise CannotError("letter_encrypted")
        if len(reader.pages) > MOST_PAGES:
            raise CannotError("letter_too_long")
        pages: list[str] = []
        for page in reader.pages:
            pages.append(page.extract_text())
            if sum(map(len, pages)) > MOST_CHARS:
                raise CannotError("letter_too_long")
    except (CannotError, MemoryError):
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise CannotError("letter_not_pdf") from error
    if sum(char.isalpha() for text in pages for char in text) < LETTERS_A_PAGE * max(1, len(pages)):
        raise CannotError("letter_scan")
    return "\n".join(pages)


def main(kind: str, path: str) -> int:
    """Print the text, or the code of what is wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    try:
        text = {"docx": docx, "pdf": pdf}[kind](Path(path))
        if len(text) > MOST_CHARS:
            raise CannotError("letter_too_long")
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    except (CannotError, MemoryError, RecursionError) as error:
        sys.stderr.write(f"\n{error if isinstance(error, CannotError) else 'letter_too_complex'}")
        return CANNOT
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
