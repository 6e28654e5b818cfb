"""Charts say the amounts of the report that they are annexed to, at one scale, however wrong a record's day is."""

from __future__ import annotations

import io
import json
import re
import zipfile
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from server.core.db import reading, writing
from server.models import Campaign, Freeze, PaperVersion
from server.models.installation import lock_catalog
from server.services.figures import charting, loading
from server.services.figures.charting import ChartOptions, ChartWords
from server.services.figures.charts import COUNTED, PLAN, UNSUPPORTED, WAITING, Chart, ChartSeries
from server.services.figures.table import Cell, Counting, FigureRow, FigureTable, FigureUnit
from server.services.reports import content
from server.services.reports.content import Annex, Report
from server.services.reports.snapshot import freezes
from server.services.reports.snapshot.freezes import FrozenFigures
from server.services.reports.word import chart as pictures
from server.services.reports.words import Printed
from server.services.reports.workflow.papers import PaperAct
from server.services.units.scope import Scope
from support.checks.trips import trip
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked as documents
from support.world.issuing import annexes, choose, downloaded, make, step
from support.world.locking import alter, frozen, lock
from support.world.papers import decide, fill
from support.world.totals import state
from support.world.world import World
from sync.registry import KINDS, Figure

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]
BANNERS = next(each for each in KINDS.figures() if each.code == "banners")
DISTINCT = next(each for each in KINDS.figures() if not each.adds_up)
WINDOW = date(2021, 6, 17), date(2021, 8, 17)


def worded(key: str, **said: Any) -> str:
    return f"{key} {' '.join(f'{name}={each}' for name, each in said.items())}".strip()


WORDS = ChartWords("vi", worded, str, lambda day: day.isoformat())


def annex(report: Report, code: str) -> Annex:
    return next(each for each in report.annexes if each.code == code)


def as_report(world: World, found: FrozenFigures, mode: str = "", *, stands_in: bool = False) -> Report:
    """The report of a freeze with its charts."""
    counts = Counting(found.counting(mode or found.mode).included, stands_in)
    with world.app.app_context(), reading() as session:
        return freezes.frozen_report(found, freezes.headed(session, found), counts, charts=True)


def amounts(report: Report, figure: str) -> dict[str, int]:
    """By name: the amounts of a figure in the report's own table."""
    found: dict[str, int] = {}
    for grid in annex(report, content.FIGURES).grids:
        labels = [column.label for _, group in grid.groups for column in group]
        if figure in labels:
            cells = {line.name: line.cells[labels.index(figure)] for line in grid.lines}
            found |= {name: int(cell.amount) for name, cell in cells.items() if isinstance(cell, Printed)}
    return found


def table(cells: dict[str, Cell], figure: Figure = BANNERS, total: Cell | None = None) -> FigureTable:
    """A unit with these below it; `total`: of a figure that does not add up."""
    top = FigureUnit("top", "Top", "Top", "commune", "", merged=False, merged_on=None, was_never=False)
    below = [
        FigureRow(
            FigureUnit(name, name, name, "commune", "top", merged=False, merged_on=None, was_never=False),
            False,
            {figure.code: cell},
            1,
            True,
        )
        for name, cell in cells.items()
    ]
    sums = {name: sum(getattr(each, name) for each in cells.values()) for name in ("counted", "waiting", "unsupported")}
    own = FigureRow(top, True, {figure.code: Cell()})
    return FigureTable((figure,), (FigureRow(top, False, {figure.code: total or Cell(**sums)}), own, *below))


@pytest.mark.parametrize("mode", ["counted", "with_waiting"])
def test_bars_end_with_the_amounts_of_their_report(world: World, desk: MakeDesk, phone: MakePhone, mode: str) -> None:
    fill(desk, phone)
    found = frozen(world, lock(world, "tinh", "33"))
    report = as_report(world, found, mode)
    said = 0
    for chart in annex(report, content.CHARTS).charts:
        if chart.code != "units":
            continue
        theirs = amounts(report, chart.title.removesuffix(" theo đơn vị"))
        for place, name in enumerate(chart.names):
            if name in theirs:
                assert chart.total(place) == theirs[name], (chart.title, name)
                assert chart.ends[place] == chart_number(chart, theirs[name])
                said += theirs[name] > 0
        looks = {each.look for each in chart.series}
        assert looks <= {COUNTED, *([WAITING] if mode == "with_waiting" else [])}
    assert said >= 2
    cell = found.table.total.cells["banners"]
    assert cell.waiting, "or this shows nothing"
    over = next(
        each
        for each in annex(report, content.CHARTS).charts
        if each.code == "days" and each.title.startswith("Băng rôn")
    )
    whole = sum(over.total(place) for place in range(len(over.names)))
    assert whole == (cell.included if mode == "with_waiting" else cell.counted)
    assert ("chờ duyệt" in over.note) is (mode == "counted")


def chart_number(chart: Chart, digits: int) -> str:
    with_dots = chart.amount(digits)
    return with_dots.text(",", ".")


def test_what_is_not_counted_is_named_and_fulfils_no_plan() -> None:
    cells = {"A": Cell(counted=12, counted_records=1, waiting=5, waiting_records=1, unsupported=3), "B": Cell()}
    plan = [{"figure": "banners", "amount": 20}]

    def made(counts: Counting, *, beside: bool = False) -> Chart:
        (chart,) = charting.by_unit(table(cells), plan, BANNERS, ChartOptions(WORDS, WINDOW, counts, beside=beside))
        return chart

    counted, waiting = made(Counting()), made(Counting(included=True))
    evident, beside = made(Counting(included=True, stands_in=True)), made(Counting(), beside=True)
    assert [chart.ends[0] for chart in (counted, waiting, evident, beside)] == ["12/20", "17/20", "20/20", "12/20"]
    assert [{each.look for each in chart.series} for chart in (counted, waiting, evident, beside)] == [
        {COUNTED, PLAN},
        {COUNTED, WAITING, PLAN},
        {COUNTED, WAITING, UNSUPPORTED, PLAN},
        {COUNTED, WAITING, UNSUPPORTED, PLAN},
    ]
    assert counted.note == beside.note == "apart each=waiting 5; unsupported 3"
    assert (waiting.note, evident.note) == ("apart each=unsupported 3", "")


@pytest.mark.parametrize("stands_in", [False, True])
def test_days_name_what_is_without_evidence(*, stands_in: bool) -> None:
    cell = Cell(counted=12, counted_records=1, waiting=5, waiting_records=1, unsupported=3, stated=1)
    found = {"banners": {"2021-07-04": [12, 0], "2021-07-05": [0, 5]}}
    options = ChartOptions(WORDS, WINDOW, Counting(included=True, stands_in=stands_in))
    units, days = charting.of_figures(table({"A": cell}), [], found, [BANNERS], options)[1:]
    assert units.ends == ("20" if stands_in else "17",)
    assert [days.total(place) for place in range(2)] == [12, 5], "no day has what was said without evidence"
    assert "amount=17" in days.says
    assert (units.note, days.note) == ("" if stands_in else days.note, "apart each=unsupported 3")


def test_the_report_names_what_has_no_day(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    state(world, "xa1", more={"reach": "besides"}, banners=7)
    found = frozen(world, lock(world, "tinh", "33"))
    cell = found.table.total.cells["banners"]
    assert (cell.unsupported, cell.waiting > 0) == (7, True), "or this shows nothing"
    report = as_report(world, found, "with_waiting", stands_in=True)
    theirs = amounts(report, "Băng rôn")
    drawn = {each.code: each for each in annex(report, content.CHARTS).charts if each.title.startswith("Băng rôn")}
    units, days = drawn["units"], drawn["days"]
    assert [units.total(place) for place in range(len(units.names))] == [theirs[name] for name in units.names]
    whole, dated = (sum(each.total(place) for place in range(len(each.names))) for each in (units, days))
    assert (whole, dated) == (cell.included + 7, cell.included)
    assert units.note == ""
    assert days.note.endswith("Chưa tính vào các số liệu trên: chưa có minh chứng 7.")


def test_words_of_days_are_of_those_that_count() -> None:
    def made(amounts: dict[str, list[int]]) -> Chart:
        waiting = sum(each[1] for each in amounts.values())
        chart = charting.over_days(BANNERS, {"banners": amounts}, Cell(waiting=waiting), options)
        assert chart is not None
        return chart

    options = ChartOptions(WORDS, WINDOW, beside=True)
    none = made({"0202-07-04": [0, 2], "2021-07-04": [0, 5], "2021-07-06": [0, 1]})
    assert (len(none.names), none.says, none.note) == (4, "", "apart each=waiting 8"), "bars of what waits, no words"
    some = {"0202-07-04": [0, 2], "2021-07-02": [0, 9], "2021-07-04": [3, 0], "2021-07-05": [1, 0]}
    said = made(some | {"2021-07-06": [0, 7], "9999-12-31": [4, 1]})
    assert said.says.endswith("first=2021-07-04 last=2021-07-05 amount=4 unit=chiếc most=3 day=2021-07-04")
    assert said.note == "outside each=after day=2021-07-06: 4 apart each=waiting 19"


def test_a_figure_that_does_not_add_up_names_what_its_total_leaves_out() -> None:
    cells = {f"U{place:02d}": Cell(counted=2, counted_records=1, waiting=1, waiting_records=1) for place in range(3)}
    whole, code = Cell(counted=2, waiting=1, unsupported=4), DISTINCT.code
    apart = "apart each=waiting 1; unsupported 4"
    for most, notes in ((0, [apart]), (2, ["", apart])):
        options = ChartOptions(WORDS, WINDOW, most_bars=most)
        _, *made = charting.of_figures(table(cells, DISTINCT, whole), [], {code: {}}, [DISTINCT], options)
        assert [each.note for each in made] == notes, "the total's amount, not three times that of a row"
    parts = charting.by_unit(table(cells), [], BANNERS, ChartOptions(WORDS, WINDOW, most_bars=2))
    assert [each.note for each in parts] == ["apart each=waiting 2", "apart each=waiting 1"], "each its own"


def test_a_mistyped_year_is_one_bar() -> None:
    found = {"banners": {"0202-07-04": [7, 0], "2021-07-04": [1, 0], "2021-07-06": [2, 4], "9999-12-31": [90, 0]}}
    found["banners"]["2206-07-04"] = [5, 1]
    made = charting.over_days(BANNERS, found, Cell(), ChartOptions(WORDS, WINDOW, Counting(included=True)))
    assert made is not None
    days = ("2021-07-04", "2021-07-05", "2021-07-06")
    assert made.names == ("before day=2021-07-04", *days, "after day=2021-07-06")
    assert [made.total(place) for place in range(5)] == [7, 1, 0, 6, 96]
    assert sum(map(made.total, range(5))) == sum(sum(each) for each in found["banners"].values())
    assert "first=2021-07-04 last=2021-07-06 amount=7" in made.says
    assert made.note == "outside each=before day=2021-07-04: 7; after day=2021-07-06: 96"


def test_only_mistyped_years_and_no_year_too_many() -> None:
    made = charting.over_days(BANNERS, {"banners": {"9999-12-31": [3, 0]}}, Cell(), ChartOptions(WORDS, WINDOW))
    assert made is not None
    assert (made.names, made.says) == (("after day=2021-08-17",), "")
    ages = {f"{year}-01-01": [1, 0] for year in range(2000, 2030)}
    ever = ChartOptions(WORDS, (date(2000, 1, 1), date(2029, 12, 31)))
    long = charting.over_days(BANNERS, {"banners": ages}, Cell(), ever)
    assert long is not None
    assert len(long.names) == charting.MOST_DAYS + 1, "and what lies before"
    assert sum(map(long.total, range(len(long.names)))) == 30


def test_a_record_of_the_year_9999_leaves_the_report_as_it_is(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    one = phone("xa1")
    made = [one.create(quantity=2, put_up_on="2021-07-04"), one.create(quantity=90, put_up_on="9999-12-31")]
    one.sync()
    for each in made:
        decide(desk("huyen"), each)
    found = frozen(world, lock(world, "tinh", "33"))
    report = as_report(world, found)
    over = next(each for each in annex(report, content.CHARTS).charts if each.code == "days")
    assert (len(over.names), sum(map(over.total, range(len(over.names))))) == (2, 92)
    assert over.names == ("04/7/2021", "Sau 04/7/2021")
    page = desk("tinh")
    page.get("/desk/figures?chart=1&figure=banners")
    assert page.html.count('<rect class="counted"') < 20


def test_parts_have_one_scale() -> None:
    cells = {f"U{place:02d}": Cell(counted=10 * 10 ** (place // 24), counted_records=1) for place in range(50)}
    first, second, third = charting.by_unit(table(cells), [], BANNERS, ChartOptions(WORDS, WINDOW, most_bars=24))
    assert [len(each.names) for each in (first, second, third)] == [24, 24, 2]
    assert {each.most for each in (first, second, third)} == {1000}
    assert first.ticks == third.ticks
    assert [each.title[-6:].strip() for each in (first, second, third)] == ["(1/3)", "(2/3)", "(3/3)"]
    assert "U00 10;" in first.says
    assert "U24" not in first.says
    assert "U24 100;" in second.says
    lengths = [_longest(each) for each in (first, second, third)]
    assert lengths[0] < lengths[1] < lengths[2]
    assert abs(lengths[2] / lengths[1] - 10) < 0.5


def test_one_deep_read_gives_the_other_tables(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    with world.app.app_context(), reading() as session:
        scope, campaign = Scope(session, world.officers["tinh"]), session.get_one(Campaign, world.campaign)

        def read(**how: bool) -> FigureTable:
            return loading.load(session, scope, campaign, world.units["33"], **how)

        assert read(deep=True, merged=True).without_merged() == read(deep=True) != read(deep=False)
        assert read(deep=True).first_level() == read(deep=False)


def test_a_file_of_figures_with_charts_reads_them_once(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("tinh")
    counts = []
    for path in ("/desk/figures.csv", "/desk/figures.xlsx"):
        one.http.get(path, buffered=True)
        with trip(world) as made:
            one.http.get(path, buffered=True)
        counts.append(len(made.statements))
    assert counts[1] - counts[0] <= 2, "the days of all figures, with the units that they are of"


def without_charts(world: World, freeze: str) -> None:
    """As format 4 has it."""
    with world.app.app_context(), reading() as session:
        head = json.loads(session.get_one(Freeze, freeze).head)
    del head["charts"]
    alter(world, "UPDATE frozen SET head = :head WHERE id = :id", head=json.dumps(head), id=freeze)


def offered(one: Any, paper: str) -> set[str]:
    """The annexes that the page of a paper offers to tick."""
    one.get(f"/desk/papers/{paper}")
    takes = [form for form in one.forms() if "set.annexes" in form.values.get("section", [])]
    if takes:  # not taken up yet
        one.post(takes[0])
        one.follow()
    return set(re.findall(r'name="text\.set\.annexes" value="(\w+)"', one.html)) - {"none"}


def test_a_paper_offers_charts_where_its_figures_have_them(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    freeze = lock(world, "tinh", "33")
    paper, one = make(world, "tinh", "33"), desk("tinh")
    assert offered(one, paper) == set(content.ANNEXES)
    without_charts(world, freeze)
    assert offered(one, paper) == set(content.ANNEXES) - {content.CHARTS}
    assert frozen(world, freeze).chart_basis is None


def native(data: bytes) -> list[str]:
    """The charts of an Excel file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(name).decode() for name in archive.namelist() if "charts/chart" in name]


@pytest.mark.parametrize("is_locked", [False, True])
def test_annexes_in_excel_have_charts_locked_or_not(
    world: World, desk: MakeDesk, phone: MakePhone, *, is_locked: bool
) -> None:
    fill(desk, phone)
    freeze = {"freeze": lock(world, "tinh", "33")} if is_locked else {}
    one = desk("tinh")
    axes = native(documents.got(world, one, "33", "excel", **freeze).read())
    assert axes
    assert all("<c:max val=" in each for each in axes), "the scale is said, not left to Excel"
    with zipfile.ZipFile(documents.got(world, one, "33", "dossier")) as closing:
        (kept,) = [closing.read(name) for name in closing.namelist() if name.endswith("/phu-luc.xlsx")]
    assert len(native(kept)) == len(axes), "the file that closes a campaign has the same"


def _longest(chart: Chart) -> int:
    """Pixels of the first bar of a picture: of its upper edge, which is black from end to end."""
    with Image.open(io.BytesIO(pictures.drawn(chart))) as image:
        row = [int(image.getpixel((x, 2 * 38)) or 0) for x in range(621, image.width)]  # type: ignore[arg-type]
    return next((place for place, shade in enumerate(row) if shade > 0), len(row))


def test_the_number_at_a_long_bar_is_whole() -> None:
    end = "9.999.999/9.999.999 (100%)"
    bars = (ChartSeries("a", COUNTED, (9_999_999,)), ChartSeries("b", PLAN, (9_999_999,)))
    chart = Chart("units", "t", "u", "h", ("x",), bars, horizontal=True, ends=(end,))
    with Image.open(io.BytesIO(pictures.drawn(chart))) as image:
        dark = [x for x in range(image.width) for y in range(image.height) if int(image.getpixel((x, y)) or 0) < 128]  # type: ignore[arg-type]
    assert max(dark) < image.width - 5, "nothing at the edge"


def test_days_and_plan_are_brought_to_a_later_scale(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).expected = [
            {"figure": "banners", "amount": 20, "classes": {"xa": 30}, "units": {world.units["12286"]: 40}}
        ]
    now = frozen(world, lock(world, "tinh", "33"))
    head: dict[str, Any] = deepcopy(now.head)
    next(each for each in head["table"]["figures"] if each["code"] == "banners")["scale"] = 2
    later = FrozenFigures(now.row, head)
    assert int(later.table.total.cells["banners"].counted) == int(now.table.total.cells["banners"].counted) // 100
    chart_basis, before = later.chart_basis, now.chart_basis
    assert chart_basis is not None
    assert before is not None
    days = {day: [int(each) // 100 for each in both] for day, both in before.days["banners"].items()}
    assert {day: list(map(int, both)) for day, both in chart_basis.days["banners"].items()} == days
    (row,) = chart_basis.expected
    assert (row["amount"], row["classes"], row["units"]) == (0, {"xa": 0}, {world.units["12286"]: 0})
    assert before.expected[0]["units"] == {world.units["12286"]: 40}


def test_charts_are_made_where_they_are_chosen(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lock(world, "tinh", "33")
    paper, one = make(world, "tinh", "33"), desk("tinh")
    step(world, paper, PaperAct.SUBMIT, "tinh")
    step(world, paper, PaperAct.BACK, "tinh")
    choose(one, paper, "figures", "charts")
    step(world, paper, PaperAct.SUBMIT, "tinh")
    with world.app.app_context(), reading() as session:
        rows = select(PaperVersion).where(PaperVersion.paper_id == paper).order_by(PaperVersion.number)
        kept = [json.loads(each.content)["report"]["annexes"] for each in session.scalars(rows)]
    assert [any(each["charts"] for each in version) for version in kept] == [False, True]
    assert any("BIỂU ĐỒ" in each for each in annexes(downloaded(one, paper)))
