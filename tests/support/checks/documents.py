"""Every figure of every document of a unit, read out of the file again and compared with the recount."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import docx
import openpyxl
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import range_boundaries
from sqlalchemy import select

from server.core.db import reading
from server.models import Unit
from support.checks import recount
from support.clients.desk import MakeDesk
from support.world import asked
from support.world.world import World
from sync.figures import every_figure

Truth = dict[str, dict[str, recount.Cell]]
HEADS = {f"{figure.label['vi']} ({figure.unit['vi']})": figure.code for figure in every_figure()}
WITHOUT = {
    f"{figure.label['vi']}: chưa có minh chứng ({figure.unit['vi']})": f"without:{figure.code}"
    for figure in every_figure()
}
LABELS = {figure.label["vi"]: figure.code for figure in every_figure()}
SCALES = {figure.code: figure.scale for figure in every_figure()}


def truth(world: World, tops: dict[str, str]) -> Truth:
    """By name of a unit: each figure of it and all below it, from stored writes alone."""
    with world.app.app_context(), reading() as session:
        reported = recount.by_unit(session, world.campaign)
        stated = recount.stated(session, world.campaign)
        found: Truth = {}
        for name, id_ in tops.items():
            below = recount.below(session, id_)
            units = [reported[each] for each in below if each in reported]
            found[name] = {code: recount.cell(units, code) for code in HEADS.values()}
            for head in WITHOUT.values():
                amount = sum(
                    recount.unsupported(reported, said, head.partition(":")[2]) for said in stated if said.unit in below
                )
                found[name][head] = recount.Cell(amount or None, None, 0)
    return found


def named(world: World, top: str) -> dict[str, str]:
    """Names and ids of the unit and all below it; a name that two of them have says nothing."""
    with world.app.app_context(), reading() as session:
        below = recount.below(session, top)
        found = session.execute(select(Unit.name, Unit.id).where(Unit.id.in_(below))).all()
    often = Counter(name for name, _ in found)
    return {name: id_ for name, id_ in found if often[name] == 1}


def agrees(said: Any, cell: recount.Cell, code: str) -> bool:
    """A number as a text with dots and a comma or as itself; a sign where nobody reported, or there was nothing."""
    scale = SCALES[code.removeprefix("without:")]
    number = isinstance(said, int | float)
    text = shown(round(said * 10**scale), scale) if number else str(said or "").rstrip("†‡")
    if cell.number is None:
        return text in (cell.word, "")
    return text == shown(cell.number, scale)


def shown(digits: int, scale: int) -> str:
    """As Vietnamese writes it, counted by itself: 1.234,5."""
    whole, rest = divmod(digits, 10**scale)
    behind = f"{rest:0{scale}d}".rstrip("0") if rest else ""
    return f"{whole:,}".replace(",", ".") + (f",{behind}" if behind else "")


def word_cells(file: io.BytesIO) -> Iterator[tuple[str, str, str]]:
    """(unit, figure, cell) of all tables of figures."""
    for table in docx.Document(file).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows and rows[0][:2] == ["TT", "Đơn vị"]:
            for row in rows[3:]:
                for head, cell in zip(rows[1][2:], row[2:], strict=True):
                    yield row[1], (HEADS | WITHOUT)[head], cell


def excel_cells(file: io.BytesIO) -> Iterator[tuple[str, str, Any, Any]]:
    """(unit, figure, value, the sum that the formula gives) of all tables of figures."""
    data = file.getvalue()
    values, formulas = (openpyxl.load_workbook(io.BytesIO(data), data_only=flag) for flag in (True, False))
    for page in values.worksheets:
        top = next((row for row in range(1, 12) if page.cell(row, 1).value == "TT"), None)
        if top is None:
            continue
        for row in range(top + 2, page.max_row + 1):
            name = page.cell(row, 2).value
            if not name:
                break  # below the table: notes, and the rules of counting
            for column in range(3, page.max_column + 1):
                code = (HEADS | WITHOUT).get(str(page.cell(top, column).value))
                if code:
                    value, formula = page.cell(row, column).value, formulas[page.title].cell(row, column).value
                    yield str(name), code, value, summed(page, formula) if isinstance(formula, str) else value


def summed(page: Any, formula: str) -> Any:
    """What a SUM over cells gives; a text is itself."""
    if not formula.startswith("="):
        return formula
    total: float = 0
    for token in Tokenizer(formula).items:
        if token.type == Token.OPERAND:
            left, top, right, bottom = (edge or 0 for edge in range_boundaries(token.value))
            cells = [
                page.cell(row, column).value for row in range(top, bottom + 1) for column in range(left, right + 1)
            ]
            total += sum(each for each in cells if isinstance(each, int | float))
        else:
            assert token.value in ("SUM(", ")", ",", "+"), token.value
    return total


PROSE = {
    "directives": "ban hành {} văn bản",
    "banners": "treo {} băng rôn",
    "banner_metres": r"băng rôn \({} m\)",
    "panels": "lắp đặt {} pano",
    "posters": "dán {} áp phích",
    "leaflets": "phát {} tờ rơi",
    "folded_leaflets": "phát {} tờ gấp",
    "handbooks": "cấp phát {} cuốn",
    "airings": "phát thanh {} lượt",
    "minutes": "tổng thời lượng {} phút",
    "airings_relay": "tiếp âm đài cấp trên {} lượt phát",
    "scripts": "sử dụng {} tin, bài phát thanh",
    "mobile_sessions": "thực hiện {} lượt tuyên truyền lưu động",
    "oral_sessions": "tổ chức {} buổi tuyên truyền",
    "rallies": "{} cuộc mít tinh",
    "conferences": "{} hội nghị, hội thảo",
    "trainings": "{} lớp tập huấn",
    "contests": "{} hội thi",
    "attendances": "thu hút {} lượt người",
    "models": "ra mắt {} mô hình",
    "commitments": "ký {} bản cam kết",
    "articles": "đăng, phát {} tin, bài",
    "social_posts": "đăng {} bài",
    "reach": "đạt {} lượt tiếp cận",
    "hotline_mentions": "trong {} hoạt động",
    "hotline_units": "hoạt động của {} đơn vị",
}
"""How the report says each figure, in words of this file: not those that the product writes with."""


def check_prose(file: io.BytesIO, cells: dict[str, recount.Cell]) -> int:
    """Compare each number in the sentences of a report of many units. Returns how many figures it says."""
    said = "\n".join(each.text for each in docx.Document(file).paragraphs)
    results = said.partition("Công tác tuyên truyền\n")[2].partition("Tiếp nhận, hỗ trợ nạn nhân")[0]
    results = said.partition("II. KẾT QUẢ")[0] + results
    compared = 0
    for code in HEADS.values():
        amount = cells[code].number or 0
        if code not in PROSE:
            assert not amount, code
            continue
        found = re.findall(PROSE[code].format(r"([\d.,]*\d)"), results)
        wanted = shown(amount, SCALES[code])
        assert found == ([wanted.zfill(2)] if amount else []), (code, found, wanted)
        compared += bool(amount)
    for whole, parts in re.findall(r"tổ chức ([\d.]+) buổi tuyên truyền \(trong đó: ([^)]*)\)", results):
        numbers = [int(each.replace(".", "")) for each in re.findall(r"(?:^|, )([\d.]+)", parts)]
        assert sum(numbers) == int(whole.replace(".", "")), (whole, parts)
    return compared


def check_word(file: io.BytesIO, found: Truth, own: str) -> int:
    """Compare each cell of a Word file's tables of figures. Returns how many were more than nothing."""
    compared = 0
    for name, code, cell in word_cells(file):
        cells = found.get(own if name == "Tổng cộng" else name)
        if cells is not None:
            assert agrees(cell, cells[code], code), (name, code, cell, cells[code])
            compared += cell not in ("–", "KPS", "0")
    return compared


def check_all(world: World, desk: MakeDesk, who: str, unit: str, choices: dict[str, str] | None = None) -> int:
    """Compare every figure of every document of a unit. Returns how many were more than nothing."""
    more = choices or {}
    tops = named(world, world.units[unit])
    with world.app.app_context(), reading() as session:
        own = session.get_one(Unit, world.units[unit]).name
    found = truth(world, tops)
    found["Tổng cộng"] = found[own]
    one = desk(who)
    compared = 0
    for kind in ("word", "table"):
        compared += check_word(asked.got(world, one, unit, kind, **more), found, own)
    for name, code, value, total in excel_cells(asked.got(world, one, unit, "excel", **more)):
        if name in found:
            assert agrees(value, found[name][code], code), ("excel", name, code, value, found[name][code])
            is_number = isinstance(value, int | float)
            assert (abs(total - value) < 1e-6) if is_number else total == value, ("formula", name, code, total, value)
            compared += is_number and value > 0
    if not more:
        for row in docx.Document(asked.got(world, one, unit, "summary")).tables[1].rows[1:]:
            cells = [cell.text for cell in row.cells]
            code = LABELS[cells[1]]
            assert agrees(cells[3], found[own][code], code), ("summary", cells)
            compared += 1
    return compared
