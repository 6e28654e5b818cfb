"""Figures as official Vietnamese prose, and every figure of every kind has its place in a report."""

from __future__ import annotations

from datetime import date

import pytest

from server.services.figures.table import Cell
from server.services.letters.citing import official_day
from server.services.reports.accounts import account, clauses, joined
from server.services.reports.letterheads import within
from server.services.reports.words import dotted, padded, parts, phrases, whole
from sync.figures import every_figure
from sync.registry import KINDS, Figure

FIGURES = {figure.code: figure for figure in KINDS.figures()}


def said(**amounts: int) -> str:
    return joined(clauses([FIGURES[code] for code in FIGURES], amounts, "111"))


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0"), (2, "02"), (9, "09"), (10, "10"), (95, "95"), (2430, "2.430"), (1234567, "1.234.567")],
)
def test_a_number_below_ten_has_a_nought_and_thousands_a_dot(amount: int, text: str) -> None:
    assert padded(amount) == text


def test_a_number_in_a_table_has_no_nought_before_it() -> None:
    assert [dotted(amount) for amount in (0, 2, 2430)] == ["0", "2", "2.430"]


def test_official_days() -> None:
    days = [date(2021, 5, 4), date(2021, 8, 3), date(2022, 1, 2), date(2022, 2, 12), date(2021, 11, 30)]
    assert [official_day(day) for day in days] == ["04/5/2021", "03/8/2021", "02/01/2022", "12/02/2022", "30/11/2021"]


def test_the_example_of_a_clerk() -> None:
    assert said(banners=24, banner_metres=95, panels=2, airings=486, minutes=2430) == (
        "treo 24 băng rôn (95 m); lắp đặt 02 pano; phát thanh 486 lượt, tổng thời lượng 2.430 phút"
    )


def test_what_is_zero_is_left_out() -> None:
    assert said(banners=3, banner_metres=0, posters=0, leaflets=1) == "treo 03 băng rôn, phát 01 tờ rơi"
    assert said() == ""


def test_a_part_of_a_figure_is_told_within_it() -> None:
    assert said(oral_sessions=3, rallies=1, trainings=0, conferences=2) == (
        "tổ chức 03 buổi tuyên truyền (trong đó: 01 cuộc mít tinh, lễ phát động, 02 hội nghị, hội thảo)"
    )
    assert said(oral_sessions=9, rallies=1, conferences=2) == (
        "tổ chức 09 buổi tuyên truyền "
        "(trong đó: 01 cuộc mít tinh, lễ phát động, 02 hội nghị, hội thảo, 06 buổi tuyên truyền khác)"
    ), "parts add up to the whole"


def test_a_figure_told_with_another_is_not_lost_when_that_is_zero() -> None:
    assert said(banner_metres=95) == "treo 95 m băng rôn"
    assert said(rallies=1) == "thực hiện 01 cuộc mít tinh, lễ phát động"


def test_a_figure_without_a_phrase_has_a_sentence_of_its_own() -> None:
    label, unit = {"vi": "Loa cầm tay", "en": "Megaphones"}, {"vi": "chiếc", "en": "pieces"}
    new = Figure("megaphones", label, unit, label, (), {})
    assert clauses([new], {"megaphones": 4}, "111") == ["thực hiện 04 chiếc loa cầm tay"]
    assert account("Huyện Kim Động", [new], {"megaphones": cell(4)}, "111", alone=False) == (
        "Toàn huyện đã thực hiện 04 chiếc loa cầm tay.",
    )


def test_clauses_with_commas_are_parted_by_semicolons() -> None:
    assert said(banners=1, handbooks=20) == "treo 01 băng rôn; cấp phát 20 cuốn sổ tay, cẩm nang"


def cell(counted: int = 0, *, reporting: int = 1, nil: int = 0) -> Cell:
    return Cell(counted, counted_records=int(counted > 0), nil=nil, reporting=reporting)


def test_silence_nil_and_nothing_counted_are_three_things() -> None:
    panels = [FIGURES["panels"]]
    one = {"panels": cell()}
    assert account("Xã Nhân La", panels, one, "111", alone=True) == ("Chưa ghi nhận kết quả.",)
    silent = {"panels": cell(reporting=0)}
    assert account("Xã Nhân La", panels, silent, "111", alone=True) == ("Chưa báo cáo số liệu.",)
    assert account("Huyện Kim Động", panels, silent, "111", alone=False) == ("Chưa có đơn vị báo cáo số liệu.",)
    nil = {"panels": cell(reporting=0, nil=1)}
    assert account("Xã Nhân La", panels, nil, "111", alone=True) == ("Không phát sinh: pa nô.",)
    both = {"panels": cell(2, nil=1)}
    assert account("Huyện Kim Động", panels, both, "111", alone=False) == ("Toàn huyện đã lắp đặt 02 pano.",)


def test_names_within_a_sentence() -> None:
    assert [within(name) for name in ("Xã Nhân La", "Thị xã Mỹ Hào", "Ban chỉ đạo")] == [
        "xã Nhân La",
        "thị xã Mỹ Hào",
        "Ban chỉ đạo",
    ]
    assert [whole(name) for name in ("Thành phố Hưng Yên", "Ban chỉ đạo")] == ["Toàn thành phố", "Toàn đơn vị"]


def test_every_figure_stands_in_one_part() -> None:
    found = [figure.code for part in parts(list(FIGURES.values())) for figure in part.figures]
    assert sorted(found) == sorted(FIGURES)


def test_a_kind_of_a_later_version_stands_under_other_activities() -> None:
    label = {"vi": "Cờ", "en": "Flags"}
    found = parts([Figure("flags", label, label, label, (), {})])
    assert [part.code for part in found if part.figures] == ["other"]


def test_every_phrase_is_of_a_figure() -> None:
    told = {code for code, phrase in phrases().items() for code in (code, *phrase.beside, *phrase.among)}
    assert told == {figure.code for figure in every_figure()}
