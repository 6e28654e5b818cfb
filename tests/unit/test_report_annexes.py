"""Which annexes go with a report, how they are numbered, and what is left for the file beside it."""

from __future__ import annotations

from dataclasses import MISSING, fields

from server.services.reports.content import (
    ANNEXES,
    TOTAL,
    UNIT,
    USUAL_ANNEXES,
    Annex,
    ListTable,
    Report,
    ReportLine,
    ReportPhoto,
    ReportTable,
    numbered,
    with_chosen,
    without_chosen,
)

RULES = (ListTable("Cách tính", (), ()),)
PHOTOS = tuple(ReportPhoto(f"r{n}", f"k{n}", f"Ảnh {n}", ()) for n in range(60))


def report(*annexes: Annex) -> Report:
    said = dict.fromkeys((each.name for each in fields(Report) if each.default is MISSING), "")
    lists = dict.fromkeys(("marks", "opening", "sections", "recipients"), ())
    return Report(**{**said, **lists, "at_ms": 0, "annexes": annexes})  # type: ignore[arg-type]


WHOLE = (
    Annex("", "Số liệu", "", rules=RULES, code="figures"),
    Annex("", "Chi tiết", "", code="detail"),
    Annex("", "Kinh phí", ""),
    Annex("", "Danh sách", "", code="activities"),
    Annex("", "Ảnh", "", photos=PHOTOS, code="photos"),
)


def test_the_usual_report_is_short_and_the_rest_is_another_file() -> None:
    made = with_chosen(report(*WHOLE), USUAL_ANNEXES, 6)
    assert [(each.number, each.title) for each in made.annexes] == [
        ("Phụ lục I", "Số liệu"),
        ("Phụ lục II", "Kinh phí"),
        ("Phụ lục III", "Ảnh"),
    ]
    assert made.annexes[0].rules == ()
    assert [photo.key for photo in made.annexes[2].photos] == ["k0", "k10", "k20", "k30", "k40", "k50"]
    beside = without_chosen(report(*WHOLE), USUAL_ANNEXES)
    assert [each.title for each in beside.annexes] == ["Số liệu", "Chi tiết", "Danh sách"]
    assert beside.annexes[0].rules == RULES, "how it is counted stands there"


def test_all_of_them_leave_nothing_out() -> None:
    made = with_chosen(report(*WHOLE), ANNEXES)
    assert [each.title for each in made.annexes] == [each.title for each in WHOLE]
    assert made.annexes[0].rules == RULES


def test_one_alone_has_no_number_and_a_sheet_without_photos_goes() -> None:
    assert [each.number for each in numbered(WHOLE[:1])] == ["Phụ lục"]
    assert [each.title for each in with_chosen(report(*WHOLE), ("figures", "photos"), 0).annexes] == [
        "Số liệu",
        "Kinh phí",
    ]


def test_units_that_another_annex_names_have_no_line_in_the_table() -> None:
    lines = (
        ReportLine(TOTAL, "", "Tổng cộng", ("3",)),
        ReportLine(UNIT, "1", "Xã A", ("3",)),
        ReportLine(UNIT, "2", "Xã B", ("–",), silent=True),
        ReportLine(UNIT, "3", "Xã B", ("–",), silent=True),
        ReportLine(UNIT, "4", "Huyện C", ("–",), silent=True, units=20),
        ReportLine(UNIT, "5", "Xã D", ("1",)),
    )
    figures = Annex(
        "", "Số liệu", "", grids=(ReportTable((), lines), ReportTable((), lines)), notes=("Ghi chú",), code="figures"
    )
    silent = Annex("", "Chưa báo cáo", "", code="silent")
    made = with_chosen(report(figures, silent), USUAL_ANNEXES).annexes[0]
    for grid in made.grids:
        assert [(each.index, each.name) for each in grid.lines] == [("", "Tổng cộng"), ("1", "Xã A"), ("2", "Xã D")]
    assert made.notes[1].startswith("22 đơn vị chưa báo cáo nêu tại phụ lục danh sách kèm theo")
    for kept in (with_chosen(report(figures, silent), ("figures",)), with_chosen(report(figures), USUAL_ANNEXES)):
        assert kept.annexes[0].grids[0].lines == lines
