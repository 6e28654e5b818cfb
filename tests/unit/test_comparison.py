"""Numbers and names of tables, and what a change is in percent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from server.models import Unit
from server.services.comparison import difference, numerals
from server.services.comparison.bases import ABSENT, PART, PriorBase
from server.services.comparison.drafts import AMBIGUOUS, TWICE, UNKNOWN, UnitIndex, match, parted
from server.services.comparison.reading import SheetRow


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("12", 12), ("1.234", 1234), ("1.234.567", 1234567), ("1 234", 1234), ("1.234,5", Decimal("1234.5")),
        ("95,5", Decimal("95.5")), ("0", 0), ("KPS", 0), ("Không phát sinh", 0), ("–", None), ("", None),
        ("1,234.5", "number"), ("1.5", Decimal("1.5")), ("1.2345", "number"), ("12a", "number"), ("=3", "number"),
        ("1,200", "number"), ("0,125", Decimal("0.125")), ("33,3333333333", Decimal("33.333333333")),
        ("-3", "negative"), ("(3)", "negative"), ("9" * 16, "large"), ("١٢", "number"), ("1e5", "number"),
    ],
)  # fmt: skip
def test_a_number_is_what_vietnamese_reads_or_nothing(text: str, means: Decimal | str | None) -> None:
    assert numerals.amount(text) == means


def unit(id_: str, name: str, above: str | None = None, level: str = "commune") -> Unit:
    short = name.partition(" ")[2]
    return Unit(
        id=id_, code=id_, name=name, short_name=short, level=level, parent_id=above, valid_from=date(2021, 1, 1)
    )


TREE = UnitIndex(
    [
        unit("d1", "Huyện Một", level="district"), unit("d2", "Huyện Hai", level="district"),
        unit("a", "Xã Hòa Bình", "d1"), unit("b", "Xã Hóa Bình", "d1"), unit("c", "Thị trấn Đông", "d1"),
        unit("e", "Xã Tân Lập", "d1"), unit("f", "Xã Tân Lập", "d2"), unit("g", "Phường Hai", "d2"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("Xã Hòa Bình", ["a"]), ("xã Hóa Bình", ["b"]), ("xa hoa binh", ["a", "b"]), ("TT Đông", ["c"]),
        ("TT. dong", ["c"]), ("Xã Đông", []), ("Đông", ["c"]), ("x. tan lap", ["e", "f"]),
        ("UBND thị trấn Đông", ["c"]),
        ("P. Hai", ["g"]), ("Hai", ["d2", "g"]), ("Huyện hai", ["d2"]), ("H.Một", ["d1"]), ("Ba", []),
    ],
)  # fmt: skip
def test_names_are_matched_without_tone_marks_by_level(name: str, units: list[str]) -> None:
    assert sorted(TREE.named(name)) == units


def test_a_level_word_of_a_name_is_none_where_nothing_follows() -> None:
    assert parted("Xã") == ("", "xa")
    assert parted("Huyện Xã") == ("huyen", "xa")


def row(number: int, name: str, amount: int = 1) -> SheetRow:
    return SheetRow(number, name, f"A{number + 1}", {"banners": amount}, is_total=name == "Tổng cộng")


def test_a_name_that_two_have_is_that_of_the_district_whose_rows_these_are() -> None:
    rows = [row(1, "Huyện Hai", 8), row(2, "Tân Lập", 8), row(3, "Huyện Một", 3), row(4, "Xã Tân Lập", 3)]
    found = match(rows, TREE, {})
    assert [each.unit for each in found.rows] == ["d2", "f", "d1", "e"]
    assert [each.fault for each in match(rows[1:2], TREE, {}).rows] == [AMBIGUOUS]


def test_rows_of_one_unit_twice_and_of_none_are_lost_and_the_total_is_checked() -> None:
    rows = [row(1, "Tổng cộng", 10), row(2, "Huyện Một", 9), row(3, "TT Đông", 4), row(4, "Đông", 5), row(5, "Ở đâu")]
    found = match(rows, TREE, {})
    assert [(each.row.number, each.fault) for each in found.lost] == [(3, TWICE), (4, TWICE), (5, UNKNOWN)]
    assert found.values() == {"d1": {"banners": 9}}
    placed = match(rows, TREE, {"3": {"unit": "c", "part": False}, "4": {"unit": "c", "part": False}})
    assert placed.values() == {"d1": {"banners": 9}, "c": {"banners": 9}}
    assert placed.totals == [], "9 of the district, which its town's are in, and 1 of nowhere"
    assert match(rows, TREE, {"4": {"unit": "c", "part": True}}).values()["c"] == {"banners": None}
    assert match([row(1, "Tổng cộng", 11), *rows[1:]], TREE, {}).totals == [("A2", "banners", 11, 19)]


@pytest.mark.parametrize(
    ("now", "base", "change", "percent", "why"),
    [
        (12, PriorBase(10), 2, 200, ""), (5, PriorBase(27), -22, -815, ""), (3, PriorBase(0), 3, None, ""),
        (0, PriorBase(8), -8, -1000, ""),
        (7, PriorBase(None, ABSENT), None, None, ABSENT), (7, PriorBase(None, PART, 1, 2), None, None, PART),
        (None, PriorBase(7), None, None, "unreported"), (1, PriorBase(3), -2, -667, ""), (0, PriorBase(0), 0, None, ""),
    ],
)  # fmt: skip
def test_a_change_in_tenths_of_a_percent(now: int | None, base: PriorBase, change: int, percent: int, why: str) -> None:
    found = difference.of(now, base)
    assert (found.change, found.percent, found.why) == (change, percent, why)
