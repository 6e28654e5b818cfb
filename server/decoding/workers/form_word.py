"""Fill a Word form with docxtpl. Before that each tag is looked at: its quotes are straightened, a bad one is named.

Word turns quotes into “ ” while people type, and jinja knows only straight ones. A form may loop, ask and compute with
its values; the template of a whole report only prints them. It has no attribute, method, macro or markup of its own,
and what it prints is always text: the filled document has no element, field or link that the form does not have
(`_compare`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from html import unescape
from io import BytesIO
from typing import Any, BinaryIO, Final

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment

from server.decoding.limits import Unfit
from server.decoding.workers.form_excel import Value

_TAG: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "\u00a0": " "})
_BLOCK: Final = re.compile(r"\{%-?\s*(?:tr|tc|p|r)?\s*(\w+)")
_OPENS: Final = {"for": "endfor", "if": "endif"}
_ALLOWED: Final = {"for", "endfor", "if", "elif", "else", "endif", "set", "colspan", "cellbg", "vm", "hm"}
_FILTERS: Final = {
    *("abs", "capitalize", "count", "d", "default", "first", "float", "int", "join", "last", "length", "lower", "max"),
    *("min", "round", "sort", "sum", "title", "trim", "upper"),
}
"""None of these makes markup of a text."""
_COMPUTES: Final = frozenset(("abs", "float", "int", "max", "min", "round", "sort", "sum"))
_ARITHMETIC: Final = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg)
"""Not for the template of a whole report: its amounts are texts, 1.234* among them, which no sum is made of."""
_TESTS: Final = frozenset(("defined", "undefined", "none", "number", "string", "even", "odd", "divisibleby", "in"))
_LOOP: Final = frozenset(("index", "index0", "revindex", "revindex0", "first", "last", "length"))
_NODES: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Assign, nodes.Name),
    *(nodes.Const, nodes.List, nodes.Tuple, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test, nodes.Call),
    *(nodes.Compare, nodes.Operand, nodes.CondExpr, nodes.Concat, nodes.BinExpr, nodes.UnaryExpr, nodes.Keyword),
)
"""What a form may be made of: no macro, no block that is kept as markup, nothing that turns escaping off."""
_READS_OUTSIDE: Final = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|RD)\b", re.IGNORECASE
)
_ADDED: Final = frozenset(qn(f"w:{name}") for name in ("gridSpan", "shd", "vMerge", "r", "t", "tab", "br", "p"))
"""Elements that docxtpl makes by itself: for merged and coloured cells, and for the ends of lines in a text."""
UNITS: Final = "cac_don_vi"


class _Environment(SandboxedEnvironment):
    """The language of forms. `whole`: that of a template of a whole report, which computes nothing."""

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=_printed)
        self._calls = frozenset[str]() if whole else frozenset(("range",))
        self._filters = _FILTERS - _COMPUTES if whole else _FILTERS
        self._unfit: tuple[type[nodes.Node], ...] = _ARITHMETIC if whole else ()
        self.filters = {name: made for name, made in self.filters.items() if name in self._filters}
        self.tests = {name: made for name, made in self.tests.items() if name in _TESTS}
        self.globals = {name: self.globals[name] for name in self._calls}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Called by jinja for each template, whichever part of the document it is in."""
        tree = super()._parse(source, name, filename)
        for each in tree.find_all(nodes.Node):
            if not isinstance(each, _NODES) or isinstance(each, self._unfit):
                raise SecurityError("")
            if isinstance(each, nodes.Call) and getattr(each.node, "name", "") not in self._calls:
                raise SecurityError(getattr(each.node, "name", ""))
            if isinstance(each, nodes.Filter) and each.name not in self._filters:
                raise SecurityError(each.name)
            if isinstance(each, nodes.Test) and each.name not in _TESTS:
                raise SecurityError(each.name)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the value of a row by its name, or where a loop is; never an attribute of anything else."""
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return the value of a row by its name, or a row of the list by its number."""
        if isinstance(obj, dict) or (isinstance(obj, list) and isinstance(argument, int)):
            try:
                return obj[argument]
            except (LookupError, TypeError):
                return self.undefined(obj=obj, name=argument)
        if isinstance(obj, StrictUndefined):
            str(obj)  # which says what is not there
        raise SecurityError(str(argument))


class _StraightForm(DocxTemplate):
    """A form whose tags have straight quotes."""

    def patch_xml(self, src_xml: str) -> str:
        """Return the XML as docxtpl prepares it, with the quotes in tags straightened."""
        made: str = super().patch_xml(src_xml)
        return _TAG.sub(lambda tag: tag[0].translate(_QUOTES), made)


def fill(
    file: BinaryIO,
    target: BinaryIO,
    known: Collection[str],
    rows: Sequence[Mapping[str, Value]],
    head: Mapping[str, Value],
    at: datetime | None = None,
) -> None:
    """Fill a form. `known`: the placeholders that there are. Raises Unfit, with the tag, if it cannot be filled.

    `at`: it is the template of a whole report, filled at this moment: equal data has equal bytes.
    """
    whole = at is not None
    before = _looked_at(_opened(file).get_docx())
    form = _opened(file)
    for text in _texts(form):
        _check_text(text, known, whole=whole)
    try:
        form.render(_context(rows, head), _Environment(whole=whole), autoescape=True)
    except UndefinedError as error:  # it says in English what is not there
        missed = _MISSED.search(str(error))
        raise Unfit("form_tag", (missed[1] or f"[{missed[2]}]") if missed else "") from error
    except (SecurityError, TemplateError, ArithmeticError, TypeError, ValueError, OverflowError) as error:
        raise Unfit("form_tags_wrong") from error
    if at is not None:
        said = form.docx.core_properties  # the library makes them, as of now, of a form that has none
        said.created = said.modified = at
        said.last_modified_by, said.revision = "", 1
    made = BytesIO()
    form.save(made)
    _compare(before, _looked_at(_opened(made).get_docx()))
    target.write(made.getvalue())


def check_names(file: BinaryIO, known: Collection[str]) -> set[str]:
    """Return the placeholders that the template of a whole report uses.

    Raises Unfit, with the tag and the words around it.
    """
    used: set[str] = set()
    for text in _texts(_opened(file)):
        try:
            used |= _check_text(text, known, whole=True)
        except Unfit as fault:
            raise Unfit(fault.code, _around(text, fault.place)) from fault
    return used


def fill_named(
    file: BinaryIO,
    target: BinaryIO,
    known: Collection[str],
    rows: Sequence[Mapping[str, Value]],
    head: Mapping[str, Value],
    at: datetime,
) -> None:
    """Fill the template of a whole report. Raises Unfit like `fill`, with the tag at fault as far as it can."""
    try:
        fill(file, target, known, rows, head, at)
    except Unfit as fault:
        if fault.code != "form_tag" or not fault.place:
            raise
        edge = r"\b" if fault.place[0] != "[" else ""
        sought = re.compile(edge + re.escape(fault.place) + edge)
        for text in _texts(_opened(file)):
            tags = (found[0] for found in _TAG.finditer(text))
            if tag := next((tag for tag in tags if sought.search(tag)), ""):
                raise Unfit(fault.code, _around(text, tag)) from fault
        raise


_MISSED: Final = re.compile(r"'(\w+)'(?: is undefined)?$|has no element (\d+)$")
"""The name or number at the end of what jinja says of a value that is not there."""
_NEAR, _READ = 40, 4000


def _around(text: str, tag: str) -> str:
    """Return a tag with the words before and after it in its paragraph, by which people find it in their file."""
    before, found, after = text.partition(tag)
    if not tag or not found:
        return tag
    left = before[-_READ:].rpartition("</w:p>")[2].rpartition("%}")[2]
    right = after[:_READ].partition("</w:p>")[0].partition("{%")[0]
    left, right = (unescape(re.sub(r"^[^<]*>|<[^>]*>|<[^>]*$", "", side)) for side in (left, right))
    return " ".join(f"{left[-_NEAR:]}{tag}{right[:_NEAR]}".split())


def _context(rows: Sequence[Mapping[str, Value]], head: Mapping[str, Value]) -> dict[str, Any]:
    """Return what the tags mean: the head's values, `tong.…` for totals, and the rows under `cac_don_vi`."""
    total = {name.removeprefix("tong."): value for name, value in head.items() if name.startswith("tong.")}
    plain = {name: value for name, value in head.items() if "." not in name}
    first: Mapping[str, Any] = rows[0] if len(rows) == 1 else {}
    return {**first, **plain, "tong": total, UNITS: [dict(row) for row in rows]}


def _opened(file: BinaryIO) -> _StraightForm:
    file.seek(0)
    form = _StraightForm(file)
    try:
        form.init_docx()
    except MemoryError:
        raise
    except Exception as error:  # whatever the library makes of a damaged file
        raise Unfit("form_unknown") from error
    return form


def _printed(value: Any) -> Any:
    """An amount with decimals as Vietnamese writes it."""
    return str(value).replace(".", ",") if isinstance(value, float) else value


def _texts(form: _StraightForm) -> Iterator[str]:
    """Yield the prepared XML of the body, then of headers and footers."""
    form.init_docx()
    yield form.patch_xml(form.get_xml())
    for uri in (form.HEADER_URI, form.FOOTER_URI):
        for _, part in form.get_headers_footers(uri):
            yield form.patch_xml(form.get_part_xml(part))


def _check_text(text: str, placeholders: Collection[str], *, whole: bool) -> set[str]:
    """Return the names that it uses.

    Raises Unfit for the first tag that jinja cannot read, then a block that is not closed, then an unknown name.
    """
    environment = _Environment(whole=whole)
    opened: list[tuple[str, str]] = []
    for tag in (found[0] for found in _TAG.finditer(text)):
        if (next_one := max(tag.rfind("{{"), tag.rfind("{%"))) > 0:  # it ends where the next tag does
            raise Unfit("form_tag_open", re.sub(r"<.*", "", tag[:next_one], flags=re.DOTALL).strip())
        if tag.startswith("{{"):
            _parse(environment, tag, tag)
            continue
        word = _BLOCK.match(tag)
        name = word[1] if word else ""
        if name not in _ALLOWED:
            raise Unfit("form_tag_wrong", tag)
        if name in _OPENS:
            opened.append((name, tag))
        elif name in _OPENS.values() and (not opened or _OPENS[opened.pop()[0]] != name):
            raise Unfit("form_block", tag)
    if opened:
        raise Unfit("form_block", opened[-1][1])
    rest = re.sub(r"<[^>]*>", "", _TAG.sub("", text))
    broken = re.search(r".{0,20}(\{\{|\}\}|\{%|%\}).{0,30}", rest)
    if broken:
        raise Unfit("form_tag_open", broken[0].strip())
    tree = _parse(environment, text, "")
    known = {*(name for name in placeholders if "." not in name), "tong", UNITS}
    used = meta.find_undeclared_variables(tree)
    unknown = sorted(used - known - {"loop"} - environment.globals.keys())
    if unknown:
        raise Unfit("form_tag", _named(text, unknown[0]))
    return used


def _parse(environment: _Environment, text: str, tag: str) -> nodes.Template:
    try:
        return environment.parse(text)
    except TemplateSyntaxError as error:
        raise Unfit("form_tag_wrong", tag) from error
    except SecurityError as error:
        raise Unfit("form_tags_wrong", tag or _named(text, str(error))) from error


def _named(text: str, name: str) -> str:
    """Return the first tag with a name in it; the name itself if there is none."""
    if not name:
        return ""
    return next((found[0] for found in _TAG.finditer(text) if re.search(rf"\b{re.escape(name)}\b", found[0])), name)


# --- what stands in a document besides its text --------------------------------------


def _looked_at(document: Document) -> dict[str, set[str]]:
    """Return its elements, codes of fields and links outside. Raises Unfit for a field that reads a file or program."""
    found: dict[str, set[str]] = {"elements": set(), "fields": set(), "links": set()}
    for part in document.part.package.iter_parts():
        found["links"] |= {f"{each.reltype} {each.target_ref}" for each in part.rels.values() if each.is_external}
        if not part.content_type.endswith("xml") or part.partname.startswith("/docProps/"):
            continue
        try:
            root: Any = parse_xml(part.blob)  # it resolves no entities
        except Exception as error:  # a part that Word cannot read either
            raise Unfit("form_unknown") from error
        found["elements"] |= {str(each.tag) for each in root.iter()}
        for paragraph in root.iter(qn("w:p")):
            found["fields"] |= set(_fields(paragraph))
    return found


def _fields(paragraph: Any) -> Iterator[str]:
    """Yield the codes of a paragraph's fields. One may be in several pieces; none may be made by a tag."""
    pieces = "".join(piece.text or "" for piece in paragraph.iter(qn("w:instrText")))
    for said in (pieces, *(piece.get(qn("w:instr"), "") for piece in paragraph.iter(qn("w:fldSimple")))):
        if _READS_OUTSIDE.search(said) or "{{" in said or "{%" in said:
            raise Unfit("form_outside", said.strip()[:60])
        if said.strip():
            yield " ".join(said.split())


def _compare(before: Mapping[str, set[str]], after: Mapping[str, set[str]]) -> None:
    """Raise Unfit for anything but text that filling the form brought into it."""
    allowed = {"elements": before["elements"] | _ADDED, "fields": before["fields"], "links": before["links"]}
    for name, found in after.items():
        if strange := sorted(found - allowed[name]):
            raise Unfit("form_outside", strange[0].rpartition("}")[2][:60])
