"""What somebody who prints a Word file can read of it, as far as its own marks say.

That a report is a draft, and the code of its figures, must not be in a template only to be hidden in what it prints.
Text boxes do not count: they may stand outside the page or behind something.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import docx
from docx.document import Document
from docx.oxml.ns import qn

_OFF: Final = ("0", "false", "off", "none")
_NOT_READ: Final = frozenset(
    (*(qn(f"w:{name}") for name in ("del", "moveFrom", "txbxContent", "object", "pict", "drawing")),)
)
_SMALL, _WHITE = 8, ("FFFFFF", "FEFEFE")
"""Half points below which nobody reads a text; colours that paper has."""
_LIGHT: Final = ("background1", "light1")


def plain(said: str) -> str:
    """Return a text as it is compared: whatever its blanks are, and in small letters."""
    return " ".join(said.split()).casefold()


def text_of(file: BinaryIO) -> str:
    """Return the text that shows: of the body, and of headers and footers that some page may have."""
    file.seek(0)
    document = docx.Document(file)
    seen = _Styles(document)
    roots = [document.element.body, *_edges(document)]
    return plain("\n".join(seen.text_of(paragraph) for root in roots for paragraph in root.iter(qn("w:p"))))


def _edges(document: Document) -> Iterator[Any]:
    """Yield the headers and footers that a section refers to and has: first and even pages only where they differ."""
    used = {"default": True, "even": document.settings.odd_and_even_pages_header_footer}
    for section in document.sections:
        used["first"] = section.different_first_page_header_footer
        for each in section._sectPr:  # noqa: SLF001 - no public name: python-docx makes a part of one that is not there
            if each.tag in (qn("w:headerReference"), qn("w:footerReference")) and used.get(each.get(qn("w:type"))):
                yield document.part.related_parts[each.get(qn("r:id"))].element


def _is_on(properties: Any, name: str) -> bool | None:
    """Return whether a property that is on or off is on; None where it is not said."""
    found = None if properties is None else properties.find(qn(f"w:{name}"))
    return None if found is None else found.get(qn("w:val"), "true") not in _OFF


class _Styles:
    """How a document's runs look, by themselves and by their styles."""

    def __init__(self, document: Document) -> None:
        root: Any = document.styles.element
        self._styles = {each.get(qn("w:styleId")): each for each in root.iter(qn("w:style"))}
        self._usual = next(
            (id_ for id_, each in self._styles.items() if each.get(qn("w:type")) == "paragraph" and _is_default(each)),
            "",
        )
        self._base = list(root.iter(qn("w:rPrDefault")))

    def text_of(self, paragraph: Any) -> str:
        """Return the text of a paragraph that shows."""
        hidden = any(_is_on(each.find(qn("w:trPr")), "hidden") for each in paragraph.iterancestors(qn("w:tr")))
        if hidden or _NOT_READ.intersection(each.tag for each in paragraph.iterancestors()):
            return ""
        said: list[str] = []
        for run in paragraph.iter(qn("w:r")):
            if next(run.iterancestors(qn("w:p"))) is paragraph and self._shows(run, paragraph):
                said.extend((each.text or "") if each.tag == qn("w:t") else " " for each in run if each.tag in _PIECES)
        return "".join(said)

    def _shows(self, run: Any, paragraph: Any) -> bool:
        if any(each.tag in _NOT_READ for each in run.iterancestors()):
            return False
        looks = list(self._looks(run, paragraph))
        own = _is_on(looks[0], "vanish")
        if own or (own is None and any(_is_on(each, "vanish") for each in looks[1:])):
            return False
        colour, size = (next((each for each in _found(looks, name)), None) for name in ("color", "sz"))
        if colour is not None:
            light = colour.get(qn("w:themeColor"), "") in _LIGHT
            if light or colour.get(qn("w:val"), "").upper() in _WHITE:
                return False
        return size is None or not str(size.get(qn("w:val"), "")).isdecimal() or int(size.get(qn("w:val"))) >= _SMALL

    def _looks(self, run: Any, paragraph: Any) -> Iterator[Any]:
        """Yield the properties that a run has, the nearest first: its own, of its styles, of all text."""
        own = run.find(qn("w:rPr"))
        yield own
        yield from self._chain(_value(own, "rStyle"))
        yield from self._chain(_value(paragraph.find(qn("w:pPr")), "pStyle") or self._usual)
        for table in paragraph.iterancestors(qn("w:tbl")):
            yield from self._chain(_value(table.find(qn("w:tblPr")), "tblStyle"))
        for each in self._base:
            yield each.find(qn("w:rPr"))

    def _chain(self, style: str) -> Iterator[Any]:
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            yield self._styles[style].find(qn("w:rPr"))
            style = _value(self._styles[style], "basedOn")


_PIECES: Final = frozenset(qn(f"w:{name}") for name in ("t", "tab", "br", "cr", "noBreakHyphen"))


def _is_default(style: Any) -> bool:
    return style.get(qn("w:default"), "0") not in _OFF


def _found(looks: list[Any], name: str) -> Iterator[Any]:
    for each in looks:
        if each is not None and (found := each.find(qn(f"w:{name}"))) is not None:
            yield found


def _value(properties: Any, name: str) -> str:
    found = None if properties is None else properties.find(qn(f"w:{name}"))
    return "" if found is None else str(found.get(qn("w:val"), ""))
