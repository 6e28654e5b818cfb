"""Fill a Word form with docxtpl. Before that each tag is looked at: its quotes are straightened, a bad one is named.

Word turns quotes into “ ” while people type, and jinja knows only straight ones. The templates run in jinja's sandbox,
and in a process of its own (form_child.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from server.services.documents.faults import FormFault
from server.services.documents.placeholders import FormValues, figure_names

_TAG: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "\u00a0": " "})
_BLOCK: Final = re.compile(r"\{%-?\s*(?:tr|tc|p|r)?\s*(\w+)")
_OPENS: Final = {"for": "endfor", "if": "endif"}
_ALLOWED: Final = {"for", "endfor", "if", "elif", "else", "endif", "set", "colspan", "cellbg", "vm", "hm"}
_READS_OUTSIDE: Final = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|RD)\b", re.IGNORECASE
)
UNITS: Final = "cac_don_vi"


class _StraightForm(DocxTemplate):
    """A form whose tags have straight quotes."""

    def patch_xml(self, src_xml: str) -> str:
        """Return the XML as docxtpl prepares it, with the quotes in tags straightened."""
        made: str = super().patch_xml(src_xml)
        return _TAG.sub(lambda tag: tag[0].translate(_QUOTES), made)


def check(path: Path) -> None:
    """Raise FormFault for a form that cannot be filled: it names the tag."""
    form = _opened(path)
    _check_fields(form.get_docx())
    for text in _texts(form):
        _check_text(text)
    try:
        _render(form, context(_example()))
    except UndefinedError as error:
        raise FormFault("form_tag", str(error)[:80]) from error


def fill(path: Path, target: Path, found: FormValues) -> None:
    """Fill a form that was checked. Raises FormFault."""
    form = _opened(path)
    for text in _texts(form):
        _check_text(text)
    try:
        _render(form, context(found))
    except UndefinedError as error:
        raise FormFault("form_tag", str(error)[:80]) from error
    form.save(target)


def context(found: FormValues) -> dict[str, Any]:
    """Return what the tags mean: the head's values, `tong.…` for totals, and the rows under `cac_don_vi`."""
    total = {name.removeprefix("tong."): value for name, value in found.head.items() if name.startswith("tong.")}
    head = {name: value for name, value in found.head.items() if "." not in name}
    first: Mapping[str, Any] = found.rows[0] if len(found.rows) == 1 else {}
    return {**first, **head, "tong": total, UNITS: [dict(row) for row in found.rows]}


def _example() -> FormValues:
    row: dict[str, Any] = {"stt": 1, "don_vi": "Xã A", **dict.fromkeys(figure_names(), 1)}
    head: dict[str, Any] = {f"tong.{name}": 1 for name in figure_names()}
    head |= {"don_vi_bao_cao": "Huyện B", "chien_dich": "C", "so_lieu": "D", "dia_danh": "E"}
    return FormValues((row,), head)


def _opened(path: Path) -> _StraightForm:
    form = _StraightForm(str(path))
    try:
        form.init_docx()
    except MemoryError:
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise FormFault("form_unknown") from error
    return form


def _printed(value: Any) -> Any:
    """An amount with decimals as Vietnamese writes it."""
    return str(value).replace(".", ",") if isinstance(value, float) else value


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_printed)


def _render(form: _StraightForm, values: Mapping[str, Any]) -> None:
    try:
        form.render(values, _environment(), autoescape=True)
    except UndefinedError:
        raise
    except (SecurityError, TemplateError, ArithmeticError, TypeError, ValueError, OverflowError) as error:
        raise FormFault("form_tags_wrong", str(error)[:80]) from error


def _texts(form: _StraightForm) -> Iterator[str]:
    """Yield the prepared XML of the body, then of headers and footers."""
    form.init_docx()
    yield form.patch_xml(form.get_xml())
    for uri in (form.HEADER_URI, form.FOOTER_URI):
        for _, part in form.get_headers_footers(uri):
            yield form.patch_xml(form.get_part_xml(part))


def _check_text(text: str) -> None:
    """Name the first tag that jinja cannot read, then a block that is not closed, then a name that nobody knows."""
    environment = _environment()
    opened: list[tuple[str, str]] = []
    for tag in (found[0] for found in _TAG.finditer(text)):
        if tag.startswith("{{"):
            _parse(environment, tag, tag)
            continue
        word = _BLOCK.match(tag)
        name = word[1] if word else ""
        if name not in _ALLOWED:
            raise FormFault("form_tag_wrong", tag)
        if name in _OPENS:
            opened.append((name, tag))
        elif name in _OPENS.values() and (not opened or _OPENS[opened.pop()[0]] != name):
            raise FormFault("form_block", tag)
    if opened:
        raise FormFault("form_block", opened[-1][1])
    rest = re.sub(r"<[^>]*>", "", _TAG.sub("", text))
    broken = re.search(r".{0,20}(\{\{|\}\}|\{%|%\}).{0,30}", rest)
    if broken:
        raise FormFault("form_tag_open", broken[0].strip())
    tree = _parse(environment, text, "")
    known = {*figure_names(), "stt", "don_vi", "don_vi_bao_cao", "chien_dich", "so_lieu", "dia_danh", "tong", UNITS}
    unknown = sorted(meta.find_undeclared_variables(tree) - known - {"loop", "range"})
    if unknown:
        tag = next((found[0] for found in _TAG.finditer(text) if re.search(rf"\b{unknown[0]}\b", found[0])), unknown[0])
        raise FormFault("form_tag", tag)


def _parse(environment: SandboxedEnvironment, text: str, tag: str) -> Any:
    try:
        return environment.parse(text)
    except TemplateSyntaxError as error:
        raise FormFault("form_tag_wrong", tag or str(error.message)[:80]) from error


def _check_fields(document: Document) -> None:
    """Refuse a form whose fields read other files or programs. The code of a field may be in several pieces."""
    for paragraph in _paragraphs(document):
        said = "".join(piece.text or "" for piece in paragraph.iter(qn("w:instrText")))
        said += " ".join(piece.get(qn("w:instr"), "") for piece in paragraph.iter(qn("w:fldSimple")))
        if _READS_OUTSIDE.search(said):
            raise FormFault("form_outside", said.strip()[:60])


def _paragraphs(document: Document) -> Iterator[Any]:
    """Yield the paragraphs of every part: the body, headers, footers, footnotes, endnotes, comments."""
    for part in document.part.package.iter_parts():
        if not part.content_type.endswith("xml"):
            continue
        try:
            root: Any = parse_xml(part.blob)  # it resolves no entities
        except Exception as error:  # a part that Word cannot read either
            raise FormFault("form_unknown") from error
        yield from root.iter(qn("w:p"))
