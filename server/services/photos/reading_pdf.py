"""Read a PDF and say whether it is a document and nothing else. A script for a process of its own (documents.py).

    python -I reading_pdf.py FILE      ends with 0, or with 3 and a code on stdout

A file may be made to cost much: a few kilobytes that unpack to gigabytes, or tables that run in circles. Here that
meets a limit of memory and processor time, and ends this process alone. It imports nothing of ours.
"""

from __future__ import annotations

import logging
import resource
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

MEMORY: Final = 1024**3
CPU_S: Final = 10
MOST_OBJECTS: Final = 200_000
REFUSED: Final = 3
UNREADABLE, LOCKED, ACTIVE = "document_unreadable", "document_locked", "document_active"
CODES: Final = (UNREADABLE, LOCKED, ACTIVE)
_RUNS: Final = frozenset(("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute"))
"""Actions that do more than lead to another place (ISO 32000-1, table 198)."""
_HOLDS: Final = frozenset(("/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"))
"""Entries that hold a script, another file, or a form that is a program."""


class TooMuchError(Exception):
    """It has more objects than any document of its size."""


def check(path: Path) -> str:
    """Return the code of what is wrong, or nothing."""
    import pypdf  # noqa: PLC0415  # behind the limits

    reader = pypdf.PdfReader(path)
    if reader.is_encrypted:
        return LOCKED
    if not len(reader.pages):
        return UNREADABLE
    return ACTIVE if any(_acts(each) for each in _dictionaries(reader)) else ""


def _acts(entry: Any) -> bool:
    return entry.get("/S") in _RUNS or entry.get("/Type") == "/EmbeddedFile" or not _HOLDS.isdisjoint(entry)


def _dictionaries(reader: Any) -> Iterator[Any]:
    """Yield every dictionary of the file, also those that nothing leads to; streams are not unpacked for it."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject  # noqa: PLC0415

    numbers = [(id_, gen) for gen, table in reader.xref.items() for id_ in table]
    numbers += [(id_, 0) for id_ in reader.xref_objStm]
    waiting: list[Any] = [reader.trailer]
    seen = 0
    while waiting or numbers:
        if not waiting:
            waiting.append(_object(reader, IndirectObject(*numbers.pop(), reader)))
        one = waiting.pop()
        seen += 1
        if seen > MOST_OBJECTS:
            raise TooMuchError
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [dict.__getitem__(one, name) for name in one]
        elif isinstance(one, ArrayObject):
            waiting += list(list.__iter__(one))


def _object(reader: Any, reference: Any) -> Any:
    """Return an object of the table; None for an entry that leads nowhere, as old programs leave behind."""
    try:
        return reader.get_object(reference)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001  # whatever the library makes of it
        return None


def main(path: str) -> int:
    """Say the code of what is wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    logging.disable()
    try:
        code = check(Path(path))
    except ImportError:
        raise  # not the file's fault
    except Exception:  # noqa: BLE001  # whatever the library makes of a damaged file, memory and depth among it
        code = UNREADABLE
    sys.stdout.write(code)
    return REFUSED if code else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
