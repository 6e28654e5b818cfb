"""Charts: on pages the drawing says what its table says; Excel's refer to the cells; Word has a picture, by choice."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from PIL import Image

from server.core.db import reading, writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.figures import charting, loading
from server.services.figures.charts import COUNTED, PLAN, WAITING, Chart, ChartSeries
from server.services.figures.table import Cell
from server.services.reports.snapshot.freezing import LockChoice
from server.services.reports.workflow.papers import PaperAct
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked as documents
from support.world.issuing import annexes, choose, downloaded, make, opened, step
from support.world.locking import frozen, lock
from support.world.papers import decide, fill
from support.world.world import World
from sync.registry import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
SVG = "{http://www.w3.org/2000/svg}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def planned(world: World, amount: int = 20) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).expected = [{"figure": "banners", "amount": amount}]


def days(desk: MakeDesk, phone: MakePhone) -> None:
    """Banners on three days of two communes: approved, waiting, approved."""
    one, far = phone("xa1"), phone("dinhcao", "12397")
    first = one.create(quantity=12, metres=40, put_up_on="2021-07-04")
    one.create(quantity=5, put_up_on="2021-07-06")
    last = far.create(quantity=36, put_up_on="2021-07-04")
    one.sync(), far.sync()
    decide(desk("huyen"), first)
    decide(desk("phucu"), last)


def figures(html: str) -> list[tuple[ET.Element, list[list[str]]]]:
    """Each drawing of a page with the rows of its table, the head first."""
    found = []
    for card in re.findall(r'<figure class="card chart-card">.*?</figure>', html, re.DOTALL):
        drawn = re.search(r'<(svg|div) class="chart[^"]*" role="img".*?</\1>(?=\s*<(?:p|details)>)', card, re.DOTALL)
        table = re.search(r"<table.*?</table>", card, re.DOTALL)
        assert drawn
        assert table
        rows = re.findall(r"<tr>(.*?)</tr>", table[0], re.DOTALL)
        cells = [
            [unescape(re.sub(r"<[^>]+>", "", each)) for each in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows
        ]
        found.append((ET.fromstring(drawn[0]), cells))  # our own page
    return found


def bars(drawn: ET.Element) -> list[str]:
    return [str(each.findtext("title")) for each in drawn.iter("rect") if each.find("title") is not None]


def test_a_drawing_says_what_its_table_says(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    days(desk, phone)
    planned(world)
    one = desk("tinh")
    one.get("/desk/figures?chart=1&figure=banners")
    assert '<table class="figures' not in one.html
    rates, units, over = figures(one.html)
    for drawn, (_, *rows) in (rates, units, over):
        heads = list(drawn)[:2]
        assert all(each.text for each in heads)
        assert drawn.get("aria-labelledby") == " ".join(str(each.get("id")) for each in heads)
        told = sum(cell not in ("0", "") for row in rows for cell in row[1:])
        plans = len([each for each in drawn.iter("line") if each.get("class") == "plan"])
        assert len(bars(drawn)) + plans == told
    assert units[1] == [
        ["Đơn vị", "Đã duyệt", "Chờ duyệt", "Kế hoạch"],
        ["Huyện Kim Động", "12", "5", "40"],
        ["Huyện Phù Cừ", "36", "0", "20"],
    ]
    said = str(units[0][1].text)
    assert said == "Băng rôn (chiếc), kết quả/kế hoạch: Huyện Kim Động 12/40; Huyện Phù Cừ 36/20."
    noted = r"</(?:svg|div)>\s*<p><small>Chưa tính vào các số liệu trên: chờ duyệt 5\.</small></p>\s*<details>"
    assert len(re.findall(noted, one.html)) == 2, "below the amounts that it means"
    assert str(over[0][1].text).endswith("nhiều nhất vào ngày 04/07/2021 (48).")
    assert "Huyện Kim Động: Đã duyệt 12" in bars(units[0])
    assert "Huyện Kim Động: Chờ duyệt 5" in bars(units[0])
    assert over[1] == [
        ["Ngày", "Đã duyệt", "Chờ duyệt"],
        ["04/07/2021", "48", "0"],
        ["05/07/2021", "0", "0"],
        ["06/07/2021", "0", "5"],
    ]
    assert rates[1] == [
        ["Đơn vị", "Đã gửi số liệu", "Đã có số liệu, chưa gửi", "Chưa báo cáo"],
        ["Huyện Kim Động", "0", "1", "1"],
        ["Huyện Phù Cừ", "0", "1", "0"],
    ]
    ends = [each.text for each in rates[0].iterfind("p/span")]
    assert ends == ["Huyện Kim Động", "1/2 (50%)", "Huyện Phù Cừ", "1/1 (100%)"]


def test_a_bar_is_as_long_as_its_share(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    days(desk, phone)
    planned(world)
    one = desk("tinh")
    one.get("/desk/figures?chart=1&figure=banners")
    _, (drawn, _), _ = figures(one.html)
    shares = {str(each.findtext("title")): each.get("width") for each in drawn.iter("rect")}
    assert shares["Huyện Kim Động: Đã duyệt 12"] == "30.00%", "of the longest, a plan of 40"
    assert shares["Huyện Phù Cừ: Đã duyệt 36"] == "90.00%"


def test_days_add_up_to_the_figure(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    freeze = frozen(world, lock(world, "tinh", "33"))
    with world.app.app_context(), reading() as session:
        campaign = session.get_one(Campaign, world.campaign)
        wanted = loading.asked(campaign)
        found = charting.days(session, world.campaign, world.units["33"], wanted)
    kept, cells = freeze.head["charts"]["days"], freeze.table.total.cells
    said = 0
    for figure in wanted:
        if figure.adds_up:
            sums = [sum(day[bucket] for day in found[figure.code].values()) for bucket in (0, 1)]
            assert sums == [int(cells[figure.code].counted), int(cells[figure.code].waiting)], figure.code
            assert {day: list(each) for day, each in found[figure.code].items()} == kept[figure.code], "as locked"
            said += any(sums)
        else:
            assert figure.code not in found, "distinct values have no days that add up"
    assert said >= 4


def test_a_long_time_is_told_in_weeks() -> None:
    figure = next(each for each in KINDS.figures() if each.code == "banners")
    words = charting.ChartWords("vi", lambda key, **_: key, str, lambda day: day.isoformat())
    found = {figure.code: {"2021-07-01": [1, 0], "2021-07-04": [2, 0], "2021-07-05": [4, 8], "2021-12-31": [16, 0]}}
    options = charting.ChartOptions(words, (date(2021, 6, 1), date(2021, 12, 31)), beside=True)
    made = charting.over_days(figure, found, Cell(waiting=8), options)
    assert made is not None
    assert made.head == "week"
    assert (made.names[:2], made.names[-1], len(made.names)) == (("2021-06-28", "2021-07-05"), "2021-12-27", 27)
    assert [each.amounts[:2] for each in made.series] == [(3, 4), (0, 8)]
    assert sum(map(made.total, range(27))) == 31
    assert made.says == "weeks_says"
    few = charting.over_days(figure, {figure.code: {"2021-07-01": [1, 0]}}, Cell(), options)
    assert few is not None
    assert few.says == "days_says"


def test_a_commune_has_its_days_alone_and_an_empty_one_says_so(desk: MakeDesk, phone: MakePhone) -> None:
    one = desk("xa1")
    assert "Chưa có số liệu để vẽ biểu đồ." in one.get("/desk/figures?chart=1")
    days(desk, phone)
    one.get("/desk/figures?chart=1&figure=banners")
    assert [cells[0][0] for _, cells in figures(one.html)] == ["Ngày"]


def test_the_board_has_the_reporting_rate(desk: MakeDesk, phone: MakePhone) -> None:
    days(desk, phone)
    one = desk("tinh")
    one.get("/desk/board?who=all")
    ((_, rows),) = figures(one.html)
    assert rows[1:] == [["Huyện Kim Động", "0", "1", "1"], ["Huyện Phù Cừ", "0", "1", "0"]]
    assert 'href="#rates"' in one.html
    one.get("/desk/figures?chart=1&figure=banners")
    assert str(figures(one.html)[1][0][1].text) == "Băng rôn (chiếc): Huyện Kim Động 12; Huyện Phù Cừ 36.", "no plan"
    one = desk("xa1")
    one.get("/desk/board?who=all")
    assert not figures(one.html), "a commune has none below"


def refs(data: bytes) -> list[tuple[str, str, str, str]]:
    """Of each series of each chart: the kind of chart, and the ranges of its name, its categories and its values."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(each for each in archive.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", each)):
            plot = next(ET.fromstring(archive.read(name)).iter(f"{DRAWING}plotArea"))  # our own file
            for kind in ("barChart", "lineChart"):
                for series in plot.iterfind(f"{DRAWING}{kind}/{DRAWING}ser"):
                    paths = ("tx/{0}strRef", "cat/{0}strRef", "val/{0}numRef")
                    said = [series.findtext(f"{DRAWING}{path.format(DRAWING)}/{DRAWING}f") for path in paths]
                    found.append((kind, str(said[0]), str(said[1]), str(said[2])))
    return found


def cells(book: Any, ref: str) -> list[Any]:
    sheet, _, area = ref.rpartition("!")
    left, top, right, below = range_boundaries(area.replace("$", ""))
    rows = book[sheet.strip("'")].iter_rows(top, below, left, right, values_only=True)
    return [value for row in rows for value in row]


def test_excel_has_its_own_charts_of_cells(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    days(desk, phone)
    planned(world)
    data = desk("tinh").http.get("/desk/figures.xlsx", buffered=True).data
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames[-1] == "Biểu đồ"
    told: dict[tuple[str, str], Any] = {}
    for kind, name, names, values in refs(data):
        (series,), theirs = cells(book, name), cells(book, names)
        assert len(theirs) == len(cells(book, values)) > 0
        told.setdefault((series, theirs[0]), (kind, dict(zip(theirs, cells(book, values), strict=True))))
    assert told["Đã duyệt", "Huyện Kim Động"] == ("barChart", {"Huyện Kim Động": 12, "Huyện Phù Cừ": 36})
    assert told["Kế hoạch", "Huyện Kim Động"] == ("lineChart", {"Huyện Kim Động": 40, "Huyện Phù Cừ": 20})
    assert told["Chờ duyệt", "04/07/2021"][1] == {"04/07/2021": 0, "05/07/2021": 0, "06/07/2021": 5}
    assert told["Đã có số liệu, chưa gửi", "Huyện Kim Động"][1] == {"Huyện Kim Động": 1, "Huyện Phù Cừ": 1}


def test_the_annexes_in_excel_have_them_on_a_sheet_of_their_own(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    days(desk, phone)
    planned(world)
    data = documents.got(world, desk("tinh"), "33", "excel").read()
    book = load_workbook(io.BytesIO(data))
    sheets = {names.rpartition("!")[0].strip("'") for _, _, names, _ in refs(data)}
    assert len(sheets) == 1
    assert str(book[sheets.pop()]["A1"].value).endswith("Biểu đồ kết quả tuyên truyền của tỉnh Hưng Yên")
    kept = [cells(book, values) for _, name, names, values in refs(data) if cells(book, name) == ["Đã duyệt"]]
    assert [12, 36] in kept


def pictures(data: bytes) -> list[tuple[str, bytes]]:
    """The charts of a Word file: what each says to a screen reader, and its picture."""
    document, found = opened(data), []
    for inline in document.element.body.iter(
        "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}inline"
    ):
        if inline.docPr.get("name", "").startswith("Picture") and (said := inline.docPr.get("descr", "")):
            part = document.part.related_parts[inline.graphic.graphicData.pic.blipFill.blip.embed]
            if part.partname.startswith("/word/media/chart"):
                found.append((said, part.blob))
    return found


@pytest.mark.costly
def test_a_paper_has_them_by_choice_as_pictures_that_say_what_they_show(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    days(desk, phone)
    planned(world)
    lock(world, "tinh", "33")
    paper, one = make(world, "tinh", "33"), desk("tinh")
    assert not pictures(downloaded(one, paper)), "not of itself"
    choose(one, paper, "figures", "charts", "photos")
    found = pictures(downloaded(one, paper))
    assert "BIỂU ĐỒ KẾT QUẢ TUYÊN TRUYỀN CỦA TỈNH HƯNG YÊN" in annexes(downloaded(one, paper))
    said = [says for says, _ in found]
    assert "Huyện Kim Động 1/2 (50%); Huyện Phù Cừ 1/1 (100%)" in said[0]
    assert "Băng rôn (chiếc), kết quả/kế hoạch: Huyện Kim Động 12/40; Huyện Phù Cừ 36/20." in said[1]
    assert "từ ngày 04/7/2021 đến ngày 04/7/2021: 48 chiếc" in said[2]
    assert all("Chưa tính vào các số liệu trên: chờ duyệt 5." in each for each in said[1:3]), "named apart"
    for _, data in found:
        with Image.open(io.BytesIO(data)) as image:
            assert (image.mode, image.format, image.width) == ("L", "PNG", 1890), "black on white"
    one.get(f"/desk/papers/{paper}")
    shown = {rows[0][1]: rows for _, rows in reversed(figures(one.html)) if rows[0][0] == "Đơn vị"}
    shown |= {rows[0][0]: rows for _, rows in reversed(figures(one.html)) if rows[0][0] == "Ngày"}
    assert shown["Đã duyệt"][1] == ["Huyện Kim Động", "12", "40"]
    assert shown["Ngày"][1] == ["04/7/2021", "48"]
    step(world, paper, PaperAct.SUBMIT, "tinh")
    kept = downloaded(one, paper)
    assert [data for _, data in pictures(kept)] == [data for _, data in found]
    later = phone("xa1")
    record = later.create(quantity=99, put_up_on="2021-07-05")
    later.sync()
    decide(desk("huyen"), record)
    planned(world, 30)
    one.get("/desk/figures?chart=1&figure=banners")
    _, (_, now), _ = figures(one.html)
    assert now[1] == ["Huyện Kim Động", "111", "5", "60"], "but the paper has what was locked"
    assert downloaded(one, paper) == kept, "the same bytes each time"
    rest = one.http.get(f"/desk/report/word?paper={paper}&beside=1", buffered=True)
    assert "biểu đồ" not in " ".join(annexes(rest.data)).lower()


def test_a_late_unit_has_the_days_of_the_records_that_were_locked_above(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    days(desk, phone)
    above = lock(world, "tinh", "33")
    own = frozen(world, lock(world, choice=LockChoice(late=above)))
    assert own.head["charts"]["days"]["banners"] == {"2021-07-04": [12, 0], "2021-07-06": [0, 5]}
    assert json.loads(own.row.head)["format"] == "loa-freeze-5"


def test_parts_of_a_chart_and_its_axis() -> None:
    said = (COUNTED, (3, 4, 500)), (WAITING, (0, 2, 0)), (PLAN, (9, 9, 9))
    bars = tuple(ChartSeries(look[0], look, amounts) for look, amounts in said)
    made = Chart("units", "t", "u", "h", ("x", "y", "z"), bars, horizontal=True, ends=("3", "6", "500"))
    assert (made.most, made.ticks) == (500, [0, 200, 400, 600])
    assert [(each.name, start, end) for each, start, end in made.stack(1)] == [("c", 0, 4), ("w", 4, 6)]
    first, last = made.pages(2, lambda at: (f"{at.start}", ""))
    assert (first.names, first.ends, last.names, last.series[2].amounts) == (("x", "y"), ("3", "6"), ("z",), (9,))
    assert (first.most, first.ticks) == (made.most, made.ticks), "one scale"
    assert [(each.title, each.says) for each in (first, last)] == [("t (1/2)", "0"), ("t (2/2)", "2")]
    metres = Chart("d", "t", "m", "h", ("x",), (ChartSeries("a", COUNTED, (1250,)),), scale=2)
    assert metres.ticks == [0, 500, 1000, 1500], "whole metres"
