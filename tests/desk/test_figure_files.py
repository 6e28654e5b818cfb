"""Page, Excel and CSV against a recount from the stored writes; what is written to a file is never a formula."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from server.core.db import reading, writing
from server.models import Campaign, Unit
from server.models.installation import lock_catalog
from support.checks import recount
from support.checks.documents import shown
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.quick import on_both
from support.world.changes import merge
from support.world.world import World
from sync.figures import every_figure

LABELS = {figure.label["vi"]: figure for figure in every_figure()}
VIEWS = ["", "&reach=every", "&count=with_waiting", "&reach=every&count=with_waiting"]
ROWS = {
    "Tổng cộng": ("33", "331", "333", "12286", "12289", "12397"),
    "Cấp tỉnh thực hiện": ("33",),
    "Huyện Kim Động": ("331", "12286", "12289"),
    "Huyện Phù Cừ": ("333", "12397"),
    "Xã Chính Nghĩa": ("12286",),
    "Xã Nhân La": ("12289",),
    "Xã Đình Cao": ("12397",),
}
"""The units of each line; the two lines of what a district did itself share a name and are told apart below."""


def a_day(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Something of everything: each bucket, a conflict, a schedule, shared scripts, nothing to report, a plan."""
    one, two = phone("xa1"), phone("xa2")
    far, own = phone("dinhcao", "12397"), phone("huyen", "331")
    schedule = {"from": "2021-07-21", "to": "2021-07-30", "times_a_day": 2}
    script: dict[str, Any] = {"schedule": schedule, "minutes": 15, "programme": "own", "script": "Nhận diện thủ đoạn"}
    made = [one.create(quantity=number, metres=7, hotline=True) for number in (1000, 234, 7, 8, 9)]
    made += [one.create("broadcast", **script), one.create("leaflet", form="leaflet", distributed=500)]
    one.create("plan", **{"nil/contests": True, "nil/banners": True})
    one.sync(), two.sync()
    first: dict[str, Any] = {"quantity": 70}
    one.edit(made[3], **first), two.edit(made[3], **{**first, "quantity": 80}), one.delete(made[4])
    one.sync(), two.sync()
    far.create("broadcast", **script), far.create("broadcast", **{**script, "script": "Đường dây nóng 111"})
    far.create("event", form="rally", role="host", attendances=120, hotline=True)
    far.create("plan", **{"nil/contests": True})
    own.create("broadcast", **script | {"hotline": True})
    far.sync(), own.sync()
    reviewer = desk("huyen")
    for record, verdict in zip(made, ("counted", "counted", "returned", "", "", "counted"), strict=False):
        if verdict:
            reviewer.get(f"/desk/records/{record}")
            reviewer.post(reviewer.form("/decide"), verdict=verdict, reason="Ghi rõ nơi treo.")
    one.edit(made[1], quantity=5000)  # counted as it was
    one.sync()
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).expected = [{"figure": "banners", "amount": 5}]


@dataclass
class Expected:
    """The recount, cell by cell."""

    reported: dict[str, recount.Reported]
    units: dict[str, str]
    with_waiting: bool

    def values(self, line: str, above: str, label: str) -> tuple[int | str, int | str]:
        """What a file has: a number or the word in its place, and what waits."""
        cell = self.cell(line, above, label)
        if cell.number is not None:
            return cell.number, "" if cell.waiting is None else cell.waiting
        return cell.word, ""

    def cell(self, line: str, above: str, label: str) -> recount.Cell:
        codes = ROWS.get(line) or ({"Huyện Kim Động": ("331",), "Huyện Phù Cừ": ("333",)}[above])
        units = [self.reported[self.units[code]] for code in codes]
        return recount.cell(units, LABELS[label].code, with_waiting=self.with_waiting)

    def text(self, line: str, above: str, label: str) -> str:
        """What the page has."""
        number, waits = self.values(line, above, label)
        cell = self.cell(line, above, label)
        if number == "–" and cell.nil:
            number = f"– KPS {cell.nil}/{cell.units}"
        scale = LABELS[label].scale
        number, waits = (plain(shown(each, scale)) if isinstance(each, int) else each for each in (number, waits))
        return f"{number}{f' +{waits} chờ duyệt' if waits != '' else ''}"


def expected(world: World, view: str) -> Expected:
    with world.app.app_context(), reading() as session:
        return Expected(recount.by_unit(session, world.campaign), world.units, "with_waiting" in view)


def lines(desk: Any) -> list[list[str]]:
    """The cells of the page's table row by row, without marks and plans."""
    html = re.sub(r'<span class="plan">.*?</span>|<small>.*?</small>', "", desk.html)
    body = re.search(r'<table class="figures[^>]*>(.*?)</table>', html, re.DOTALL)
    assert body is not None
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body[1], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]


def plain(text: str) -> str:
    return text.replace(".", "").replace("*", "")


@pytest.mark.slow
@pytest.mark.parametrize(("database_url", "view"), on_both(VIEWS), indirect=["database_url"])
@pytest.mark.costly
def test_every_cell_is_that_of_a_recount(world: World, desk: MakeDesk, phone: MakePhone, view: str) -> None:
    a_day(world, desk, phone)
    truth, one = expected(world, view), desk("tinh")
    one.get(f"/desk/figures?tab=all{view}")
    _, heads, *rows = lines(one)
    assert len(rows) == (9 if "reach" in view else 4)
    above, seen = "", 0
    for name, _, *cells in rows:
        above = name if name.startswith("Huyện") else above
        for label, cell in zip(heads, cells, strict=True):
            assert plain(cell) == truth.text(name, above, label), (name, label)
            seen += cell != "–"
    assert seen > 25
    assert_csv(one, truth, view)
    assert_xlsx(one, truth, view)


def assert_csv(desk: Any, truth: Expected, view: str) -> None:
    answer = desk.http.get(f"/desk/figures.csv?csv=comma&tab=all{view}", buffered=True)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    start = rows.index([]) + 1
    heads = [head.rpartition(" (")[0] for head in rows[start][2:]]
    assert rows[start + 1][0] == "Kế hoạch mỗi xã"
    assert rows[start + 1][heads.index("Băng rôn") + 2] == "5"
    check(truth, heads, [[*row] for row in rows[start + 2 : rows.index([], start)]], per=2 - truth.with_waiting)


def assert_xlsx(desk: Any, truth: Expected, view: str) -> None:
    """Its cached values; and that each formula, worked out here, gives the same."""
    data = desk.http.get(f"/desk/figures.xlsx?tab=all{view}", buffered=True).data
    cached, written = (load_workbook(io.BytesIO(data), data_only=only).active for only in (True, False))
    assert isinstance(cached, Worksheet)
    assert isinstance(written, Worksheet)
    head = next(row for row in range(1, 20) if cached.cell(row, 1).value == "Đơn vị")
    plan = next(row for row in range(head, 20) if cached.cell(row, 1).value == "Kế hoạch mỗi xã")
    end = next(row for row in range(plan, 40) if cached.cell(row, 1).value == "Cách tính")
    per = 2 - truth.with_waiting
    width = 2 + len(LABELS) * per
    heads = [str(cached.cell(head + 1, column).value or "").rpartition(" (")[0] for column in range(3, width + 1)]
    rows = [
        [_said(cached.cell(row, column).value) for column in range(1, width + 1)] for row in range(plan + 1, end - 1)
    ]
    check(truth, heads, rows, per)
    formulas = 0
    for row in range(plan + 1, end - 1):
        for column in range(3, width + 1):
            text = written.cell(row, column).value
            if isinstance(text, str) and text.startswith("="):
                formulas += 1
                assert worked_out(written, text) == cached.cell(row, column).value, text
                assert LABELS[heads[(column - 3) // per * per]].adds_up
    assert formulas > 5
    total = written.cell(plan + 1, 3 + heads.index("Tin, bài phát thanh")).value
    assert isinstance(total, int), "different values do not add up (F-5)"


def _said(value: Any) -> str:
    return "" if value is None else str(value).removesuffix(".0")


def worked_out(sheet: Worksheet, formula: str) -> float:
    """SUM(C5:C9,C11) as Excel does: what is no number is passed over; a cell may be a formula itself."""
    found: float = 0
    for part in re.findall(r"[A-Z]+\d+(?::[A-Z]+\d+)?", formula):
        cells = sheet[part]
        for (cell,) in cells if isinstance(cells, tuple) else [(cells,)]:
            value = cell.value
            found += worked_out(sheet, value) if isinstance(value, str) and value.startswith("=") else 0
            found += value if isinstance(value, int | float) else 0
    return found


def check(truth: Expected, heads: list[str], rows: list[list[str]], per: int) -> None:
    above = ""
    for row in rows:
        name = row[0].strip()
        above = name if name.startswith("Huyện") else above
        for at in range(0, len(heads), per):
            scale = LABELS[heads[at]].scale
            values = truth.values(name, above, heads[at])
            said = [plain(shown(value, scale)) if isinstance(value, int) else str(value) for value in values]
            assert row[2 + at : 2 + at + per] == said[:per], (name, heads[at])


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r="])
def test_a_name_never_becomes_a_formula(world: World, desk: MakeDesk, sign: str) -> None:
    name = f'{sign}HYPERLINK("http://x.vn","Xã")'
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, world.units["331"]).name = name
        session.get_one(Campaign, world.campaign).name = name
    one = desk("tinh")
    rows = list(
        csv.reader(
            io.StringIO(one.http.get("/desk/figures.csv?csv=comma&reach=every").data.decode("utf-8-sig"), newline="")
        )
    )
    cells = [cell for row in rows for cell in row]
    assert sum(name in cell for cell in cells) >= 2
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))]
    sheets = load_workbook(io.BytesIO(one.http.get("/desk/figures.xlsx").data)).worksheets
    for sheet in sheets:  # the table, and its charts
        found = [cell for row in sheet.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
        assert len(found) == 2
        assert all(cell.data_type == "s" and cell.hyperlink is None for cell in found)


def test_a_file_says_when_and_what(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    answer = one.http.get("/desk/figures.xlsx?tab=banner&count=with_waiting")
    assert re.search(r"filename=so-lieu-huyen-kim-dong-\d{8}-\d{4}\.xlsx", answer.headers["Content-Disposition"])
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert isinstance(sheet, Worksheet)
    above = [sheet.cell(row, 1).value for row in range(1, 5)]
    assert above[:2] == ["Số liệu Huyện Kim Động", "Ngày toàn dân phòng, chống mua bán người 2021"]
    assert re.match(
        r"Tính đến .* · hạn gửi: hết ngày 02/08/2021 .* · 0/2 xã đã có số liệu, 2 chưa báo cáo", str(above[2])
    )
    assert above[3] == "Băng rôn · số liệu kể cả phần chờ duyệt"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.print_title_rows) == (
        "landscape",
        9,
        "$6:$7",
    )
    practice = one.http.get(f"/desk/figures.csv?csv=comma&campaign={world.practice}").data.decode()
    assert "không tính vào bất cứ số liệu nào" in practice


@pytest.mark.slow
@pytest.mark.costly
def test_a_merged_unit_is_in_the_files_as_on_the_page(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    a_day(world, desk, phone)
    merge(world, "12289", into="12286")
    one = desk("huyen")
    for view in VIEWS:
        one.get(f"/desk/figures?tab=all{view}")
        names = [row[0].partition(" đã sáp nhập")[0] for row in lines(one)[2:]]
        rows = csv.reader(
            io.StringIO(one.http.get(f"/desk/figures.csv?csv=comma&tab=all{view}").data.decode("utf-8-sig"))
        )
        listed = [row[0].strip() for row in rows if len(row) > 9][2:]
        assert names == listed
        assert (names.count("Xã Nhân La"), names[0]) == (int("reach" in view), "Tổng cộng")


def test_what_one_may_not_see_is_in_no_file(world: World, desk: MakeDesk) -> None:
    for end in (".xlsx?", ".csv?", "?quick=1&"):
        for who, status in (("phucu", 404), ("", 303), ("tinh", 200)):
            answer = desk(who).http.get(f"/desk/figures{end}unit={world.units['331']}", buffered=True)
            assert answer.status_code == status, (end, who)


@pytest.mark.databases("sqlite")
def test_a_vietnamese_csv_is_a_bare_table_with_semicolons(desk: MakeDesk) -> None:
    """Excel there parts columns by semicolons, and a comma is within numbers."""
    one = desk("huyen")
    bare = one.http.get("/desk/figures.csv?tab=all", buffered=True).data.decode("utf-8-sig").splitlines()
    whole = one.http.get("/desk/figures.csv?tab=all&csv=comma", buffered=True).data.decode("utf-8-sig").splitlines()
    rows = list(csv.reader(bare, delimiter=";"))
    assert len({len(row) for row in rows}) == 1, "nothing above or below"
    assert rows[0][0] == "Đơn vị"
    assert len(whole) > len(bare)
    assert rows[0] in list(csv.reader(whole)), "the same heads, below what the page says"
