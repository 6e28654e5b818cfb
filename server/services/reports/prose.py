"""Figures as official prose: "treo 24 băng rôn (95 m), lắp đặt 02 pano, phát 486 lượt với 2.430 phút".

Zeros are left out, and nothing but figures is mentioned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from server.services.figures.table import Cell, Counting
from server.services.reports.names import whole
from server.services.reports.numbers import padded
from server.services.reports.words import LANG, Phrase, about, phrases, text
from sync.registry import Figure

Said = Callable[[str, int], str]
"""How the amount of a figure (by its code) is written."""


def _padded(_code: str, amount: int) -> str:
    return padded(amount)


def clauses(figures: Sequence[Figure], amounts: Mapping[str, int], hotline: str, say: Said = _padded) -> list[str]:
    """A clause for each figure above zero, in the order of the phrases.

    A figure that another one's clause includes has no clause of its own.
    """
    told: set[str] = set()
    here = {figure.code for figure in figures}
    order = {code: place for place, code in enumerate(phrases())}
    for code, phrase in phrases().items():
        if code in here and amounts.get(code, 0):
            told |= {*phrase.beside, *phrase.among} & here
    return [
        _clause(figure, amounts, hotline, say)
        for figure in sorted(figures, key=lambda each: order.get(each.code, len(order)))
        if figure.code not in told and amounts.get(figure.code, 0)
    ]


def _clause(figure: Figure, amounts: Mapping[str, int], hotline: str, say: Said) -> str:
    n = say(figure.code, amounts[figure.code])
    phrase = phrases().get(figure.code)
    if phrase is None:
        return text("generic", label=small(figure.label[LANG]), n=n, unit=figure.unit[LANG])
    said = about(phrase.text, hotline, n=n)
    said += "".join(_each(phrase.beside, amounts, say))
    among = _among(phrase, amounts, amounts[figure.code], say)
    return said + (text("among", parts=", ".join(among)) if among else "")


def _among(phrase: Phrase, amounts: Mapping[str, int], whole: int, say: Said) -> list[str]:
    """The parts of a whole, which add up to it: what is left is the last of them.

    Where amounts are filled in later, what is left is named without a number.
    """
    parts = list(_each(phrase.among, amounts, say))
    left = whole - sum(amounts.get(code, 0) for code in phrase.among)
    if not parts or left <= 0 or not phrase.rest:
        return parts
    return [*parts, f"{padded(left)} {phrase.rest}" if say is _padded else text("among_rest", rest=phrase.rest)]


def _each(texts: Mapping[str, str], amounts: Mapping[str, int], say: Said) -> Iterable[str]:
    return (form.format(n=say(code, amounts[code])) for code, form in texts.items() if amounts.get(code, 0))


def joined(said: Sequence[str]) -> str:
    """Join clauses; with semicolons if one of them contains a comma."""
    return ("; " if any("," in clause for clause in said) else ", ").join(said)


def account(
    name: str,
    figures: Sequence[Figure],
    cells: Mapping[str, Cell],
    hotline: str,
    *,
    alone: bool,
    counts: Counting | None = None,
    say: Said = _padded,
) -> tuple[str, ...]:
    """A unit's activities in these figures, as sentences. `alone`: no unit is below it, so it reports nil itself.

    `counts`: which amounts, by default what was counted.
    """
    counts = counts or Counting()
    known = [figure for figure in figures if figure.code in cells]
    said = clauses(known, {figure.code: counts.amount(cells[figure.code]) for figure in known}, hotline, say)
    found = [text("has_done", whole=whole(name), clauses=joined(said))] if said else []
    nil = [figure for figure in known if cells[figure.code].is_nil]
    if alone and nil:
        found.append(text("nil", figures=", ".join(small(figure.label[LANG]) for figure in nil)))
    if not found:
        found.append(text(_silence([cells[figure.code] for figure in known], counts, alone=alone)))
    return tuple(found)


def _silence(cells: Sequence[Cell], counts: Counting, *, alone: bool) -> str:
    """The sentence for a part with nothing counted."""
    if any(cell.reporting for cell in cells):
        return "none_included" if counts.included else "none_counted"
    if any(cell.unsupported for cell in cells):
        return "only_unsupported"
    if any(cell.nil for cell in cells):
        return "nil_only"
    return "none_reported_self" if alone else "none_reported"


def small(label: str) -> str:
    """A label in mid-sentence."""
    return label[0].lower() + label[1:]
