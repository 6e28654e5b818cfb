"""Charts on pages: SVG that the server draws, in the colours of the theme, with its numbers in a table below.

A drawing has no size of its own: places across are percents, heights are pixels, so that it is as wide as its column
and its words stay legible on a phone. Patterns tell series apart without colour, and on paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from flask import g
from markupsafe import Markup, escape

from server.desk import formats
from server.desk.numerals import number
from server.desk.words import t, word
from server.services.figures.charting import ChartWords
from server.services.figures.charts import PLAN, Chart, ChartSeries
from server.serving.every_request import language

_BAR_AT, _BAR = 3, 15
"""Pixels of a horizontal bar, and above and below it, where the plan stands out."""
_TOP, _HIGH, _BELOW = 20, 190, 26
"""Pixels of vertical bars: above the highest line, of the bars, for the names."""


def words() -> ChartWords:
    """Return how charts are worded in the language of the request."""
    return ChartWords(
        language(),
        _say,
        lambda level: t("figures.own", level=word("levels", level)),
        formats.day,
    )


def _say(key: str, **values: Any) -> str:
    if key == "apart":  # names of series, within a sentence
        values["each"] = values["each"].lower()
    return t(f"chart.{key}", **values)


def drawing(chart: Chart) -> Markup:
    """Return the drawing, with its title and what it says for a screen reader."""
    place = next(g.setdefault("chart_numbers", count(1)))
    said = {"n": place, "title": chart.title, "unit": chart.unit, "says": chart.says}
    if chart.horizontal:
        head = Markup(
            '<div class="chart-rows" role="img" aria-labelledby="chart-{n} chart-{n}-says">'
            '<span hidden="" id="chart-{n}">{title} ({unit})</span><span hidden="" id="chart-{n}-says">{says}</span>'
        ).format(**said)
        return head + Markup("").join(_horizontal(chart)) + Markup("</div>")
    drawn, high = _vertical(chart)
    head = Markup(
        '<svg class="chart" role="img" width="100%" height="{high}" aria-labelledby="chart-{n} chart-{n}-says">'
        '<title id="chart-{n}">{title} ({unit})</title><desc id="chart-{n}-says">{says}</desc>'
    ).format(high=high, **said)
    return head + Markup("").join(drawn) + Markup("</svg>")


def sign(series: ChartSeries) -> Markup:
    """Return the small square that stands for a series in the legend."""
    drawn = _line("50%", 1, "50%", 15, "plan") if series.look == PLAN else _bar(series, "1", "14", 1, 14)
    return Markup('<svg class="chart sign" aria-hidden="true" width="16" height="16">{}</svg>').format(drawn)


def _vertical(chart: Chart) -> tuple[Iterable[Markup], int]:
    ticks, slot = chart.ticks, 100 / len(chart.names)
    top = ticks[-1]

    def y(amount: int) -> float:
        return round(_TOP + _HIGH * (1 - amount / top), 1)

    drawn = [_line("0", y(tick), "100%", y(tick), "grid" if tick else "axis") for tick in ticks]
    for place, name in enumerate(chart.names):
        for series, start, end in chart.stack(place):
            x, wide = _percent(slot * (place + 0.12)), _percent(slot * 0.76)
            said = f"{name}: {series.name} {number(chart.amount(end - start))}"
            drawn.append(_bar(series, x, wide, y(end), round(y(start) - y(end), 1), said))
    drawn += [_text("0", y(tick) - 4, number(chart.amount(tick)), "tick") for tick in ticks[1:]]
    drawn.append(_text("0", _TOP + _HIGH + 18, chart.names[0]))
    if len(chart.names) > 1:
        drawn.append(_text("100%", _TOP + _HIGH + 18, chart.names[-1], "last"))
    return drawn, _TOP + _HIGH + _BELOW


def _horizontal(chart: Chart) -> Iterable[Markup]:
    """A row for each name, with its amount: words of the page, for a drawing breaks no line that is too long."""
    most = chart.most
    for place, name in enumerate(chart.names):
        drawn = [_line("0", _BAR_AT + _BAR, "100%", _BAR_AT + _BAR, "grid")]
        for series, start, end in chart.stack(place):
            said = f"{name}: {series.name} {number(chart.amount(end - start))}"
            x, wide = _percent(100 * start / most), _percent(100 * (end - start) / most)
            drawn.append(_bar(series, x, wide, _BAR_AT, _BAR, said))
        if chart.plan and (planned := chart.plan.amounts[place]):
            x = _percent(min(99.7, 100 * planned / most))
            drawn.append(_line(x, 0, x, 2 * _BAR_AT + _BAR, "plan"))
        yield Markup(
            '<p class="chart-row"><span>{}</span> <span class="last">{}</span>'
            '<svg class="chart" aria-hidden="true" width="100%" height="{}">{}</svg></p>'
        ).format(name, chart.ends[place], 2 * _BAR_AT + _BAR, Markup("").join(drawn))


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _bar(series: ChartSeries, x: str, width: str, y: float, height: float, said: str = "") -> Markup:
    title = Markup("<title>{}</title>").format(said) if said else Markup("")
    return Markup(
        '<rect class="{look}" x="{x}" y="{y}" width="{width}" height="{height}"'
        ' fill="url(#chart-{look})">{title}</rect>'
    ).format(look=series.look, x=x, y=y, width=width, height=height, title=title)


def _line(x1: str, y1: float, x2: str, y2: float, look: str) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(look, x1, y1, x2, y2)


def _text(x: str, y: float, said: str, look: str = "") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(look, x, y, escape(said))
