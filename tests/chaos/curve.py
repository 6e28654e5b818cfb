"""The curve of a day as a picture: SVG by hand, three panels one above the other, each with its own scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDE, HIGH, LEFT, TOP, GAP = 900, 130, 60, 40, 38
COLOURS: Final = ("#1b6ca8", "#d1495b", "#3a7d44", "#8a5a9e")


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a panel: a value for each bin, None where there was nothing."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Band:
    """What was done meanwhile: from one second to another."""

    label: str
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Panel:
    """`least`: the scale's end, unless a value is higher."""

    title: str
    series: Sequence[Series]
    least: float = 1.0


def drawn(title: str, seconds: float, panels: Sequence[Panel], bands: Sequence[Band]) -> str:
    """The whole picture."""
    high = TOP + len(panels) * (HIGH + GAP) + 20
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE + LEFT + 20} {high}" font-size="11">',
        "<style>text { font-family: sans-serif }</style>",
        f'<rect width="100%" height="100%" fill="#fff"/><text x="{LEFT}" y="16" font-size="13">{escape(title)}</text>',
    ]

    def x(second: float) -> float:
        return LEFT + second / seconds * WIDE

    bottom = TOP + len(panels) * (HIGH + GAP) - GAP
    for number, band in enumerate(bands):
        wide = max(2.0, x(band.ends) - x(band.begins))
        out.append(
            f'<rect x="{x(band.begins):.1f}" y="{TOP}" width="{wide:.1f}" height="{bottom - TOP}" fill="#f2d16b" '
            f'opacity="0.45"/><text x="{x(band.begins):.1f}" y="{TOP - 4 - 11 * (number % 2)}" fill="#6b5200">'
            f"{escape(band.label)}</text>"
        )
    for number, panel in enumerate(panels):
        out += _panel(panel, TOP + number * (HIGH + GAP), seconds)
    out.append("</svg>\n")
    return "\n".join(out)


def _panel(panel: Panel, top: float, seconds: float) -> list[str]:
    most = max([panel.least, *(value for each in panel.series for value in each.values if value is not None)])
    out = [f'<path d="M{LEFT} {top}V{top + HIGH}H{LEFT + WIDE}" fill="none" stroke="#888"/>']
    for part in (0.0, 0.5, 1.0):
        y = top + HIGH * (1 - part)
        out.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * part:.3g}</text>')
        out.append(f'<path d="M{LEFT} {y:.1f}H{LEFT + WIDE}" stroke="#ddd" fill="none"/>')
    for minute in range(0, int(seconds // 60) + 1, max(1, int(seconds // 600))):
        at = LEFT + minute * 60 / seconds * WIDE
        out.append(f'<text x="{at:.1f}" y="{top + HIGH + 12}" text-anchor="middle" fill="#666">{minute}</text>')
    legend = LEFT + 6.0
    out.append(f'<text x="{legend}" y="{top + 12}" font-weight="bold">{escape(panel.title)}</text>')
    legend += 8 + 6.2 * len(panel.title)
    for colour, each in zip(COLOURS, panel.series, strict=False):
        out.append(f'<text x="{legend:.0f}" y="{top + 12}" fill="{colour}">{escape(each.name)}</text>')
        legend += 14 + 6 * len(each.name)
        out.append(f'<path d="{_path(each.values, most, top)}" fill="none" stroke="{colour}" stroke-width="1.4"/>')
    return out


def _path(values: Sequence[float | None], most: float, top: float) -> str:
    found, lifted = [], True
    for number, value in enumerate(values):
        if value is None:
            lifted = True
            continue
        at = LEFT + (number + 0.5) / len(values) * WIDE
        found.append(f"{'M' if lifted else 'L'}{at:.1f} {top + HIGH * (1 - value / most):.1f}")
        lifted = False
    return "".join(found)
