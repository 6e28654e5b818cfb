"""A unit's own Word template of a report: what its tags mean, the file to begin from, and how it is filled.

    {{ co_quan_ban_hanh }}   {%p for doan in mo_dau %}   {{ doan }}   {%p endfor %}

The values are those of our own Word file: the report as plain data, and the table of figures that it is made of. The
file of a stranger is checked and filled in a confined process (server/decoding/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from docx import Document
from docx.document import Document as Made
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph

from server.core.clock import local
from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode
from server.services.figures.table import Counting, FigureRow, FigureTable
from server.services.reports import tables
from server.services.reports.content import FIGURES, SILENT, TOTAL, Annex, Report, ReportTable, Section
from server.services.reports.letterheads import within
from server.services.reports.word import page, saved
from server.services.reports.word.parts import RawRows
from server.services.reports.words import LANG, dotted, figure_names, parts, text

LINES: Final = (
    *("co_quan_chu_quan", "co_quan_ban_hanh", "so_ky_hieu", "dia_danh", "ngay_thang", "ten_loai", "trich_yeu"),
    *("ket_thuc", "chuc_vu_ky", "nguoi_ky", "ten_don_vi", "so_lieu", "kem_theo", "dau_hieu", "ma_so_lieu"),
)
"""Tags that are one text."""
LISTS: Final = ("kinh_gui", "can_cu", "mo_dau", "noi_nhan", "ghi_chu")
"""Tags that are a list of texts, a paragraph each."""
SECTIONS, GRIDS, UNITS, ROWS, QUIET, TOTALS = "cac_muc", "cac_bang", "cac_don_vi", "chi_tieu", "don_vi_im_lang", "tong"
FIELDS: Final = {
    SECTIONS: ("dau", "ten", "cap", "doan", "trong"),
    GRIDS: ("chi_tieu", "tong", "dong"),
    ROWS: ("stt", "ten", "don_vi_tinh", "so_lieu", "khong_minh_chung"),
    UNITS: ("stt", "don_vi", "im_lang"),
    QUIET: ("thuoc", "so_don_vi", "don_vi"),
}
"""Tags that are a list of rows, with the names of what is in a row."""
NEEDED: Final = ("dau_hieu", "ma_so_lieu")
"""No template goes without these: that it is a draft or an exercise, and which figures it is of."""
_PRINTS: Final = {FIGURES: GRIDS, SILENT: QUIET}
"""By annex: the tag that prints all of it."""


def known() -> list[str]:
    """Return every name that may begin a tag."""
    return [*LINES, *LISTS, *FIELDS, TOTALS]


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """A template as a paper keeps it. `sha256`: of its bytes; `tags`: the names that it uses."""

    sha256: str
    name: str
    tags: tuple[str, ...]

    @property
    def has_sections(self) -> bool:
        """True if it prints the sections of text."""
        return SECTIONS in self.tags

    def prints(self, annex: Annex) -> bool:
        """True if all that this annex says is printed by the template."""
        return _PRINTS.get(annex.code, "") in self.tags


# What the tags of a template mean.
def values(report: Report, table: FigureTable, counts: Counting) -> dict[str, Any]:
    """Return the arguments with which a template is filled. `report`: with its annexes of figures and silent units."""
    figures = next((annex for annex in report.annexes if annex.code == FIGURES), None)
    start = text("opening_bases", bases="\0").partition("\0")[0]
    bases = report.opening[:1] if report.opening and report.opening[0].startswith(start) else ()
    entries = tables.flat(table)
    head: dict[str, Any] = {
        "co_quan_chu_quan": report.above,
        "co_quan_ban_hanh": report.body,
        "so_ky_hieu": report.number,
        "dia_danh": report.date.partition(",")[0],
        "ngay_thang": report.date,
        "ten_loai": report.title,
        "trich_yeu": report.subject,
        "ket_thuc": report.closing,
        "chuc_vu_ky": report.role,
        "nguoi_ky": report.signer,
        "ten_don_vi": within(table.unit.name),
        "so_lieu": report.as_of,
        "kem_theo": figures.attached if figures else "",
        "dau_hieu": " · ".join(report.marks),
        "ma_so_lieu": " · ".join(filter(None, (report.as_of, report.frozen, report.witness))),
        "kinh_gui": report.to.split("\n"),
        "can_cu": list(bases),
        "mo_dau": list(report.opening[len(bases) :]),
        "noi_nhan": list(report.recipients[1:]),
        "ghi_chu": list(figures.notes) if figures else [],
        SECTIONS: list(_sections(report.sections)),
        GRIDS: [_grid(grid) for grid in (figures.grids if figures else ())],
        ROWS: _rows(table, counts),
        QUIET: _quiet(table),
    }
    head |= {f"{TOTALS}.{code}": said for code, said in _cells(table.total, counts).items()}
    units = [
        {"stt": index or "", "don_vi": name, "im_lang": row.silent} | _cells(row, counts)
        for role, index, name, row in entries
        if role != TOTAL or table.alone
    ]
    return {"known": known(), "rows": units, "head": head}


def _sections(sections: Iterable[Section], level: int = 1) -> Iterator[dict[str, Any]]:
    """Yield each section before those within it. `trong`: nobody wrote it yet."""
    for each in sections:
        empty = each.blank and not each.sentences
        named = {"dau": each.mark, "ten": each.title, "cap": level}
        yield named | {"doan": list(each.sentences), "trong": empty}
        yield from _sections(each.sections, level + 1)


def _quiet(table: FigureTable) -> list[dict[str, str]]:
    """The lowest units that said nothing, a row for each unit above them, as in our own annex."""
    above: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for unit, row in table.leaves():
        if row.silent:
            above[unit.id] = "" if table.alone else unit.name
            names.setdefault(unit.id, []).append(row.unit.name)
    return [
        {"thuoc": above[id_], "so_don_vi": str(dotted(len(theirs))), "don_vi": ", ".join(theirs)}
        for id_, theirs in names.items()
    ]


def _grid(grid: ReportTable) -> dict[str, Any]:
    lines = [(line.role, {"stt": line.index, "don_vi": line.name, "so_lieu": list(line.cells)}) for line in grid.lines]
    return {
        "chi_tieu": [{"ten": column.label, "don_vi_tinh": column.unit} for column in grid.columns],
        "tong": next((line for role, line in lines if role == TOTAL), {"stt": "", "don_vi": "", "so_lieu": []}),
        "dong": [line for role, line in lines if role != TOTAL],
    }


def _rows(table: FigureTable, counts: Counting) -> list[dict[str, Any]]:
    """The figures that somebody reported, with the totals of the unit and all below it."""
    shown = [figure for part in tables.shown(parts(table.figures), table.total) for figure in part.figures]
    return [
        {
            "stt": place,
            "ten": figure.label[LANG],
            "don_vi_tinh": figure.unit[LANG],
            "so_lieu": str(tables.cell_text(table.total.cells[figure.code], counts)),
            "khong_minh_chung": str(tables.unsupported_text(table.total.cells[figure.code])),
        }
        for place, figure in enumerate(shown, 1)
    ]


def _cells(row: FigureRow, counts: Counting) -> dict[str, str]:
    """Return each figure as it is printed, by its placeholders; a dash for one that was not there at the time."""
    said = {code: str(tables.cell_text(cell, counts)) for code, cell in row.cells.items()}
    return {name: said.get(code, tables.UNREPORTED) for name, code in figure_names().items()}


# A template is checked, then filled.
def checked(file: Path) -> list[str]:
    """Return the names that a template uses. Raises Unfit, with the tag and its place.

    It is tried with a report of everything, one that was presented, one of a single row of each kind, and one of a unit
    that said nothing.
    """
    examples = [example(2), example(2, presented=True), example(1, presented=True), example(0), example(1)]
    found = decode(Decoding.REPORT_TEMPLATE, [file], examples=examples, needed=list(NEEDED))
    if not isinstance(found, list) or not set(found) <= {*known(), "loop"}:
        raise Unfit("form_too_complex")
    return [str(each) for each in found]


def example(several: int, *, presented: bool = False) -> dict[str, Any]:
    """Return values with which a template is tried. `several`: how many rows and columns there are of everything."""
    whole = several > 0
    amount = "1.234*" if whole else tables.UNREPORTED
    named = dict.fromkeys(figure_names(), amount)
    cells = {"stt": "1", "don_vi": "A", "so_lieu": [amount] * several}
    head: dict[str, Any] = {name: name if whole else "" for name in LINES}
    head |= {"dau_hieu": ""} if presented else {}
    head |= {name: ["A"] * several for name in LISTS}
    head |= {
        "kinh_gui": ["A"] * (several or 1),
        SECTIONS: [{"dau": "I.", "ten": "A", "cap": level, "doan": ["A"], "trong": True} for level in range(several)],
        GRIDS: [{"chi_tieu": [{"ten": "A", "don_vi_tinh": "A"}] * several, "tong": cells, "dong": [cells]}] * several,
        ROWS: [dict.fromkeys(FIELDS[ROWS], "A")] * several,
        QUIET: [dict.fromkeys(FIELDS[QUIET], "A")] * several,
    }
    head |= {f"{TOTALS}.{code}": said for code, said in named.items()}
    return {"known": known(), "rows": [{"stt": "1", "don_vi": "A", "im_lang": True} | named] * several, "head": head}


def document(report: Report, table: FigureTable, counts: Counting, template: BinaryIO) -> bytes:
    """Fill a template that `checked` accepted; equal reports make equal bytes. Raises Unfit."""
    at = local(report.at_ms)
    moment = [at.year, at.month, at.day, at.hour, at.minute, at.second]
    with TemporaryDirectory(prefix="loa-template-") as folder:
        target = Path(folder) / "filled.docx"
        said = values(report, table, counts)
        decode(Decoding.FILLED_REPORT, [template], [target], at=moment, needed=list(NEEDED), **said)
        return target.read_bytes()


# The file to begin from: our own report, with tags where its texts are.
def starter() -> bytes:
    """Return our own report as a template."""
    tag = {name: f"{{{{ {name} }}}}" for name in LINES}
    made = Document()
    page.apply(made)
    first = made.sections[0]
    first.different_first_page_header_footer = True
    page.field(first.header.paragraphs[0], "PAGE")
    page.head(made, _tagged(tag))
    _addressees(made)
    for name in ("can_cu", "mo_dau"):
        _each(made, name)
    _written(made)
    silent = text("annex", number="II") + " - " + text("annex_silent", unit=tag["ten_don_vi"])
    figures = text("annex_figures", unit=tag["ten_don_vi"])
    _said(made, f"{{%p if {QUIET} %}}")
    made.add_paragraph(text("kept_with", annexes=f"{text('annex', number='I')} - {figures}; {silent}"))
    _said(made, "{%p else %}")
    made.add_paragraph(text("kept_with_one", title=figures))
    _said(made, "{%p endif %}")
    page.end(made, _tagged(tag))
    _optional(made.tables[0].rows[0].cells[0].paragraphs, "co_quan_chu_quan")
    _annexes(made, tag)
    return saved(made, RawRows(), 0)


def _tagged(tag: dict[str, str]) -> Report:
    """A report of tags, so that the letter is laid out by what lays out ours."""
    return Report(
        marks=(tag["dau_hieu"],),
        above=tag["co_quan_chu_quan"],
        body=tag["co_quan_ban_hanh"],
        nation=text("nation"),
        motto=text("motto"),
        number=tag["so_ky_hieu"],
        date=tag["ngay_thang"],
        title=tag["ten_loai"],
        subject=tag["trich_yeu"],
        to="{%p if kinh_gui | length == 1 %}",
        opening=(),
        sections=(),
        closing=tag["ket_thuc"],
        recipients=(text("recipients"), "{%p for dong in noi_nhan %}", "{{ dong }}", "{%p endfor %}"),
        role=tag["chuc_vu_ky"],
        signer=tag["nguoi_ky"],
        as_of="",
        witness="",
        file_name="",
        at_ms=0,
    )


def _said(made: Made, command: str) -> Paragraph:
    """A paragraph of a command alone, which is gone once the template is filled."""
    return made.add_paragraph(command, page.PLAIN)


def _each(made: Made, name: str, style: str | None = None) -> None:
    _said(made, f"{{%p for doan in {name} %}}")
    made.add_paragraph("{{ doan }}", style)
    _said(made, "{%p endfor %}")


def _optional(paragraphs: Sequence[Paragraph], name: str) -> None:
    """Let the paragraph of a tag be there only if the tag has a text."""
    place = next(place for place, each in enumerate(paragraphs) if name in each.text)
    paragraphs[place].insert_paragraph_before(f"{{%p if {name} %}}", page.PLAIN)
    paragraphs[place + 1].insert_paragraph_before("{%p endif %}", page.PLAIN)


def _addressees(made: Made) -> None:
    """One addressee stands in the middle; several have a line each, with the same left edge."""
    alone = _said(made, "{{ kinh_gui[0] }}")
    for command in ("{%p else %}", "{%p for dong in kinh_gui %}"):
        _said(made, command)
    listed = _said(made, "{{ dong }}")
    listed.alignment, listed.paragraph_format.left_indent = page.LEFT, Mm(40)
    for each in (alone, listed):
        each.runs[0].font.size = Pt(14)
    alone.paragraph_format.space_after = Pt(10)
    _said(made, "{%p endfor %}")
    _said(made, "").paragraph_format.line_spacing = Pt(8)
    _said(made, "{%p endif %}")


def _written(made: Made) -> None:
    """The sections with headings of three levels, and a dotted line where nobody wrote anything."""
    _said(made, f"{{%p for muc in {SECTIONS} %}}")
    for command, heading in (("if muc.cap == 1", 1), ("elif muc.cap == 2", 2), ("else", 3)):
        _said(made, f"{{%p {command} %}}")
        title = "{{ muc.ten | upper }}" if heading == 1 else "{{ muc.ten }}"
        made.add_paragraph(f"{{{{ muc.dau }}}} {title}", f"Heading {heading}")
    _said(made, "{%p endif %}")
    _each(made, "muc.doan")
    _said(made, "{%p if muc.trong %}")
    made.add_paragraph("\t", page.BLANK)
    for command in ("{%p endif %}", "{%p endfor %}"):
        _said(made, command)


def _annexes(made: Made, tag: dict[str, str]) -> None:
    """The tables of figures, and the units that said nothing; below each page the figures that they are of."""
    section = made.add_section(WD_SECTION.NEW_PAGE)
    page.across(section)
    page.pages_from_one(section)
    for footer in (section.footer, section.first_page_footer):
        footer.is_linked_to_previous = False
        footer.paragraphs[0].style = "Footer"
        footer.paragraphs[0].add_run(f"{tag['dau_hieu']} {tag['ma_so_lieu']}")
    _said(made, f"{{%p if {QUIET} %}}")
    made.add_paragraph(text("annex", number="I"), "Heading 4")
    _said(made, "{%p else %}")
    made.add_paragraph(text("annex_alone"), "Heading 4")
    _said(made, "{%p endif %}")
    _headed(made, text("annex_figures", unit="\0").upper().replace("\0", "{{ ten_don_vi | upper }}"), tag)
    _said(made, f"{{%p for bang in {GRIDS} %}}")
    _grid_table(made)
    made.add_paragraph(style=page.NOTE)  # two tables without a paragraph between them are one
    _said(made, "{%p endfor %}")
    _said(made, f"{{%p if not {GRIDS} %}}")
    heads = [text(name) for name in ("table_index", "figure", "table_unit", "table_result")]
    heads.append(text("unsupported_column", label="").strip(" ,;()"))
    cells = [f"{{{{ hang.{name} }}}}" for name in FIELDS[ROWS]]
    _list_table(made, ROWS, heads, cells, (15, 120, 37, 40, 40))
    _said(made, "{%p endif %}")
    _each(made, "ghi_chu", page.NOTE)
    _said(made, f"{{%p if {QUIET} %}}")
    made.add_paragraph(text("annex", number="II"), "Heading 4").paragraph_format.page_break_before = True
    _headed(made, text("annex_silent", unit="\0").upper().replace("\0", "{{ ten_don_vi | upper }}"), tag)
    heads = [text(name) for name in ("table_index", "unit_above", "silent_count", "silent_units")]
    cells = ["{{ loop.index }}", *(f"{{{{ hang.{name} }}}}" for name in FIELDS[QUIET])]
    _list_table(made, QUIET, heads, cells, (15, 60, 25, 152))
    _said(made, "{%p endif %}")


def _headed(made: Made, title: str, tag: dict[str, str]) -> None:
    made.add_paragraph(title, "Heading 4")
    under = made.add_paragraph(tag["kem_theo"], page.PLAIN)
    under.runs[0].font.italic = True
    under.paragraph_format.space_after = Pt(6)


def _grid_table(made: Made) -> None:
    """A table with a column for each figure: it grows to the right by the figures, and down by the units."""
    rows = (
        (text("index"), text("unit"), "{%tc for cot in bang.chi_tieu %}", "{{ cot.ten }} ({{ cot.don_vi_tinh }})"),
        ("", "{{ bang.tong.don_vi }}", "{%tc for so in bang.tong.so_lieu %}", "{{ so }}"),
        ("{%tr for dong in bang.dong %}", "", "", ""),
        ("{{ dong.stt }}", "{{ dong.don_vi }}", "{%tc for so in dong.so_lieu %}", "{{ so }}"),
        ("{%tr endfor %}", "", "", ""),
    )
    table = made.add_table(rows=len(rows), cols=5, style="Table Grid")
    for number, (row, said) in enumerate(zip(table.rows, rows, strict=True)):
        end = "{%tc endfor %}" if said[2] else ""
        for place, (cell, each) in enumerate(zip(row.cells, (*said, end), strict=True)):
            cell.paragraphs[0].style = page.NUMBER if place > 1 and number else page.CELL
            cell.paragraphs[0].add_run(each)
            if not number:
                cell.paragraphs[0].alignment = page.CENTRE
    _bold(table, 0)
    _bold(table, 1)
    # docxtpl gives a column that it adds an equal part of the page, and makes these narrower by as much.
    page.fixed(table, [Mm(each) for each in (30, 72, 50, 50, 50)])
    _loose(table)
    page.repeat(table.rows[0])


def _list_table(made: Made, name: str, heads: Sequence[str], cells: Sequence[str], widths: Sequence[int]) -> None:
    table = made.add_table(rows=4, cols=len(heads), style="Table Grid")
    for row, said in enumerate((heads, (f"{{%tr for hang in {name} %}}",), cells, ("{%tr endfor %}",))):
        for cell, each in zip(table.rows[row].cells, said, strict=False):
            cell.paragraphs[0].style = page.CELL
            cell.paragraphs[0].add_run(each)
    _bold(table, 0)
    page.fixed(table, [Mm(width) for width in widths])
    page.repeat(table.rows[0])


def _bold(table: Table, row: int) -> None:
    for cell in table.rows[row].cells:
        for run in cell.paragraphs[0].runs:
            run.font.bold = True


def _loose(table: Table) -> None:
    """Leave the widths of cells to the columns: there are more of these once the table is filled."""
    table.autofit = True
    for cell in (cell for row in table.rows for cell in row.cells):
        width = cell._tc.get_or_add_tcPr().find(qn("w:tcW"))  # noqa: SLF001
        if width is not None:
            width.getparent().remove(width)
