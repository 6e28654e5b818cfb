"""A chart as a value, with all its words and numbers; and charts as Excel's own, beside the cells that they are of.

What charts show is made in charting.py. Pages draw it as SVG (server/desk/charts.py), a Word file has it as a picture
(services/reports/word/chart.py). Nothing is shown by colour alone: each series has a pattern of its own, and prints in
black.

>>> chart = Chart("days", "t", "chiếc", "Ngày", ("1", "2"), (ChartSeries("Đã duyệt", COUNTED, (3, 12)),))
>>> chart.most, chart.ticks, chart.amount(12)
(12, [0, 5, 10, 15], 12)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet

from server.core.sheets import Sheets
from server.core.spreadsheet import cell_value, number_format
from sync.amount import Amount

COUNTED, WAITING, UNSUPPORTED, PLAN = "counted", "waiting", "unsupported", "plan"
SENT, REPORTED, SILENT = "sent", "reported", "silent"
_TICKS: Final = 4
"""Most intervals of an axis."""


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """An amount for each name. `look`: what it is, and so how it is drawn: COUNTED, ..."""

    name: str
    look: str
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of the same names, series upon series; a plan is a mark across them, and adds to none.

    `unit`: of the amounts. `head`: what the names are. `horizontal`: the bars, where names are long. `ends`: what
    stands at the end of each bar. `says`: the chart in words, for a screen reader. `scale`: of the amounts (SPEC F-17).
    `note`: what the amounts leave out. `whole`: of a part, the largest amount of the whole chart: parts have one scale.
    """

    code: str
    title: str
    unit: str
    head: str
    names: tuple[str, ...]
    series: tuple[ChartSeries, ...]
    horizontal: bool = False
    ends: tuple[str, ...] = ()
    says: str = ""
    scale: int = 0
    note: str = ""
    whole: int = 0

    @property
    def description(self) -> str:
        """All that it says, with what it leaves out."""
        return " ".join(filter(None, (self.says, self.note)))

    @property
    def bars(self) -> list[ChartSeries]:
        """The series that add up, in their order."""
        return [each for each in self.series if each.look != PLAN]

    @property
    def plan(self) -> ChartSeries | None:
        """What was planned, if anything was."""
        return next((each for each in self.series if each.look == PLAN), None)

    def total(self, place: int) -> int:
        """The whole bar of a name."""
        return sum(each.amounts[place] for each in self.bars)

    @property
    def most(self) -> int:
        """The largest amount that is drawn, here or on another part, at least 1."""
        plans = self.plan.amounts if self.plan else ()
        return max(1, self.whole, *(self.total(place) for place in range(len(self.names))), *plans)

    @property
    def ticks(self) -> list[int]:
        """Amounts at which the axis has a line, from 0 to what is above all bars."""
        one = 10**self.scale
        step = next(each for each in _steps(one) if each * _TICKS >= self.most)
        return [place * step for place in range(-(-self.most // step) + 1)]

    def amount(self, digits: int) -> Amount:
        """The amount of these digits."""
        return Amount(digits, self.scale)

    def stack(self, place: int) -> Iterator[tuple[ChartSeries, int, int]]:
        """The parts of a name's bar that are not empty: the series, where the part begins, where it ends."""
        at = 0
        for each in self.bars:
            if each.amounts[place]:
                yield each, at, at + each.amounts[place]
                at += each.amounts[place]

    def pages(self, most: int, words: Callable[[slice], tuple[str, str]]) -> list[Chart]:
        """The chart in parts of at most so many names, all at one scale; one of vertical bars stays whole.

        `words`: what the part with these names says, and its note.
        """
        if not self.horizontal or len(self.names) <= most:
            return [self]
        places = [slice(start, start + most) for start in range(0, len(self.names), most)]
        return [self._part(at, f"({number}/{len(places)})", *words(at)) for number, at in enumerate(places, 1)]

    def _part(self, at: slice, which: str, says: str, note: str) -> Chart:
        return replace(
            self,
            title=f"{self.title} {which}",
            names=self.names[at],
            series=tuple(replace(each, amounts=each.amounts[at]) for each in self.series),
            ends=self.ends[at],
            says=says,
            note=note,
            whole=self.most,
        )


def _steps(one: int) -> Iterator[int]:
    while True:
        yield from (one, 2 * one, 5 * one)
        one *= 10


# Excel's own charts, each beside the table of its amounts.
_ACROSS: Final = 640
_HIGH: Final = 300
_A_NAME: Final = 26
"""Pixels: a chart, and what one name takes of its width."""
_A_ROW: Final = 20
_PATTERNS: Final = {
    COUNTED: "dark_upward_diagonal",
    WAITING: "wide_downward_diagonal",
    UNSUPPORTED: "percent_20",
    SENT: "dark_upward_diagonal",
    REPORTED: "wide_downward_diagonal",
    SILENT: "percent_5",
}


def write_sheet(sheets: Sheets, name: str, charts: Iterable[Chart], heading: Sequence[str] = ()) -> None:
    """Add a sheet with these charts, one below the other; nothing without any. `heading`: lines above them."""
    every = list(charts)
    if not every:
        return
    page = sheets.page(name, (34, *[14] * max(len(each.series) for each in every)))
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    row = 0
    for line in heading:
        sheets.put(page, row, 0, line)
        row += 1
    for chart in every:
        row = write_chart(sheets, page, row + 1 if row else 0, chart)


def write_chart(sheets: Sheets, page: Worksheet, top: int, chart: Chart) -> int:
    """Write a chart with the table that it is of; returns the row below both."""
    head = sheets.look(bold=True, border=1, text_wrap=True, align="center", valign="vcenter")
    sheets.put(page, top, 0, f"{chart.title} ({chart.unit})", sheets.look(bold=True, font_size=12))
    sheets.row(page, top + 1, [chart.head, *(each.name for each in chart.series)], head)
    for place, named in enumerate(chart.names, top + 2):
        sheets.put(page, place, 0, named, sheets.look(border=1))
        for column, each in enumerate(chart.series, 1):
            amount = chart.amount(each.amounts[place - top - 2])
            sheets.put(page, place, column, amount, sheets.look(border=1, num_format=number_format(amount)))
    below = top + 2 + len(chart.names)
    if chart.note:
        sheets.put(page, below, 0, chart.note)
        below += 1
    width = max(_ACROSS, _A_NAME * len(chart.names))
    made = _native(sheets, page, top, chart)
    made.set_size({"width": width, "height": _HIGH})
    page.insert_chart(top + 1, len(chart.series) + 2, made, {"description": chart.description or chart.title})
    return max(below, top + 2 + _HIGH // _A_ROW)


def _native(sheets: Sheets, page: Worksheet, top: int, chart: Chart) -> Any:
    made = sheets.book.add_chart({"type": "column", "subtype": "stacked"})
    sheet, first, last = page.get_name(), top + 2, top + 1 + len(chart.names)
    for column, each in enumerate(chart.series, 1):
        series: dict[str, Any] = {
            "name": [sheet, top + 1, column],
            "categories": [sheet, first, 0, last, 0],
            "values": [sheet, first, column, last, column],
            # Of a sheet that is written row by row the library knows no cell any more.
            "name_data": [each.name],
            "categories_data": list(chart.names),
            "values_data": [cell_value(chart.amount(amount)) for amount in each.amounts],
        }
        if each.look == PLAN:  # a mark at the planned amount
            line = sheets.book.add_chart({"type": "line"})
            marker = {"type": "long_dash", "size": 12, "border": {"color": "black"}, "fill": {"color": "black"}}
            line.add_series(series | {"line": {"none": True}, "marker": marker})
            made.combine(line)
        else:
            pattern = {"pattern": _PATTERNS[each.look], "fg_color": "black", "bg_color": "white"}
            made.add_series(series | {"pattern": pattern, "border": {"color": "black"}, "gap": 40})
    made.set_title({"name": chart.title, "name_font": {"size": 11}, "overlay": False})
    lines = {"visible": True, "line": {"color": "#999999"}}
    top_line = cell_value(chart.amount(chart.ticks[-1]))
    made.set_y_axis({"name": chart.unit, "min": 0, "max": top_line, "major_gridlines": lines})
    made.set_legend({"position": "bottom"})
    return made
