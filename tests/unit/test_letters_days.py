"""Days and hours in a letter: by when to report, from when to when, up to which hour figures count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from server.services.letters import facts
from server.services.letters.recognition import found as f
from server.services.letters.recognition.reading import read
from support.letters.sentences import ASKED, HEAD

SENTENCE = "Sở Y tế đề nghị các xã báo cáo kết quả về Sở {due} để tổng hợp."


@pytest.mark.parametrize(
    ("due", "day", "note"),
    [
        ("trước ngày 03/8/2026", "2026-08-03", ""),
        ("trước ngày 03 tháng 8 năm 2026", "2026-08-03", ""),
        ("trước 3-8-2026", "2026-08-03", ""),
        ("chậm nhất là ngày 02/8/2026", "2026-08-03", f.INCLUSIVE),
        ("đến hết ngày 02.8.2026", "2026-08-03", f.INCLUSIVE),
        ("không muộn hơn ngày 31/12/2026", "2027-01-01", f.INCLUSIVE),
        ("trước ngày 03/8", "2026-08-03", f.NO_YEAR),
        ("trước 16h30 ngày 02/8/2026", "2026-08-03", f.WITH_HOUR),
        ("trước 16 giờ thứ Sáu, ngày 02/8/2026", "2026-08-03", f.WITH_HOUR),
        ("chậm nhất 10h00' ngày 02/8/2026", "2026-08-03", f.WITH_HOUR),
        ("trước 17:00 ngày 02/8/2026", "2026-08-03", f.WITH_HOUR),
        ("trước 16 giờ 00 ngày 02/8/2026", "2026-08-03", f.WITH_HOUR),
        ("trước lúc 16g30 ngày 02/8/2026", "2026-08-03", f.WITH_HOUR),
        ("trước ngày 30/02/2026", "", ""),
        ("trước ngày 15 hằng tháng", "", ""),
        ("sớm", "", ""),
    ],
)
def test_exclusive_and_inclusive_days(due: str, day: str, note: str) -> None:
    found = read(HEAD.format(month=6) + SENTENCE.format(due=due)).first(f.DUE)
    assert (found.value, found.note) == (day, note) if found else day == ""


@pytest.mark.parametrize(
    ("body", "day", "note"),
    [
        (
            f"{ASKED}đăng ký danh sách trước ngày 18/7/2026; kết quả báo cáo về Sở chậm nhất 10h00' ngày 02/10/2026.",
            *("2026-10-03", f.SEVERAL),
        ),
        (
            (
                "Thực hiện Công văn số 9/BYT ngày 01/6/2026 của Bộ Y tế yêu cầu báo cáo kết quả trước ngày 10/8/2026,"
                " Sở Y tế đề nghị các xã treo băng rôn."
            ),
            *("", ""),
        ),
        (
            (
                "Thực hiện Công văn số 9/BYT ngày 01/6/2026 của Bộ Y tế yêu cầu báo cáo kết quả trước ngày 10/8/2026,"
                " Sở Y tế đề nghị các xã báo cáo kết quả trước ngày 05/8/2026."
            ),
            *("2026-08-05", ""),
        ),
        (
            "Sở Y tế nhận được Công văn số 77/BYT, trong đó nêu trước ngày 30/6/2026 các tỉnh báo cáo kết quả.",
            *("", ""),
        ),
        ("Theo Báo cáo kết quả năm trước ngày 05/8/2025, đề nghị các xã treo băng rôn.", "", ""),
        (f"{ASKED}báo cáo kết quả của năm trước ngày 05/8/2026.", "", ""),
        (f"{ASKED}báo cáo kết quả trước ngày 10/6/2026.", "", ""),
        (
            f"{ASKED}báo cáo kết quả về Sở trước 01/8/2026 để Sở tổng hợp, báo cáo kết quả với tỉnh trước 05/8/2026.",
            *("2026-08-01", ""),
        ),
        (f"Để tổng hợp, báo cáo UBND tỉnh, {ASKED}gửi kết quả về Sở trước ngày 01/8/2026.", "2026-08-01", ""),
        (
            f"{ASKED}xây dựng kế hoạch chi tiết gửi về trước 20/6/2026; kết quả báo cáo trước 01/8/2026.",
            *("2026-08-01", f.SEVERAL),
        ),
        (
            f"{ASKED}báo cáo kết quả trước 01/8/2026; kế hoạch chi tiết gửi về trước 20/6/2026.",
            *("2026-08-01", f.SEVERAL),
        ),
        (f"{ASKED}gửi kế hoạch về Sở trước ngày 20/6/2026 để tổng hợp.", "", ""),
        (
            f"{ASKED}báo cáo nhanh trước ngày 30/6/2026, báo cáo kết quả chậm nhất ngày 31/7.",
            *("2026-08-01", f.SEVERAL),
        ),
        (f"{ASKED}báo cáo kết quả thực hiện kế hoạch về Sở trước ngày 01/8/2026.", "2026-08-01", ""),
    ],
)
def test_by_when_to_report_among_other_days(body: str, day: str, note: str) -> None:
    found = read(HEAD.format(month=6) + body).first(f.DUE)
    assert (found.value, found.note) == (day, note) if found else day == ""


@pytest.mark.parametrize(
    ("body", "days", "note"),
    [
        (
            (
                "Thực hiện Kế hoạch số 3/KH-UBND ngày 01/6/2026 của UBND tỉnh về đợt cao điểm từ ngày 01/7/2026 đến"
                f" ngày 30/9/2026, {ASKED}treo băng rôn từ ngày 20/7/2026 đến ngày 05/8/2026."
            ),
            ["2026-07-20", "2026-08-05"],
            f.OF_A_PART,
        ),
        (f"Từ ngày 01/01/2025 đến ngày 31/12/2025, triển khai tốt. {ASKED}treo băng rôn.", [], ""),
        (
            f"{ASKED}:\na) Tổ chức mít tinh (thời gian: trong khoảng từ 15 - 30/7/2026);\nb) Treo băng rôn.",
            ["2026-07-15", "2026-07-30"],
            f.OF_A_PART,
        ),
        (
            f"{ASKED}:\na) Mít tinh (từ 15 - 30/7/2026);\n2. Thời gian: từ ngày 01/7/2026 đến ngày 31/8/2026.",
            ["2026-07-01", "2026-08-31"],
            "",
        ),
    ],
)
def test_from_when_to_when(body: str, days: list[str], note: str) -> None:
    found = [read(HEAD.format(month=6) + body).first(field) for field in (f.FIRST, f.LAST)]
    assert [each.value for each in found if each] == days
    assert all(each.note == note for each in found if each)


@pytest.mark.parametrize(
    ("said_of_it", "moment", "note"),
    [
        ("Số liệu chốt đến 17 giờ 00 ngày 31/7/2026.", "2026-07-31T17:00", ""),
        ("Số liệu tính đến 16h30 ngày 31/7/2026.", "2026-07-31T16:30", ""),
        ("Số liệu tính đến hết ngày 31/7/2026.", "2026-07-31T23:59", f.END_OF_DAY),
        ("Số liệu tính đến 31 giờ ngày 31/7/2026.", "2026-07-31T23:59", f.END_OF_DAY),
        ("Số liệu tính đến ngày 31/5/2026.", "", ""),
        ("Theo số liệu cập nhật đến ngày 30/6/2026, toàn tỉnh có 3 vụ.", "", ""),
        (
            "Số liệu cập nhật đến ngày 30/6/2026 ghi nhận 3 vụ. Số liệu chốt đến 8h ngày 31/7/2026.",
            "2026-07-31T08:00",
            "",
        ),
    ],
)
def test_up_to_which_hour_figures_count(said_of_it: str, moment: str, note: str) -> None:
    reading = read(HEAD.format(month=6) + f"{ASKED}báo cáo kết quả. {said_of_it}")
    assert facts.proposed(reading).get("cutoff", "") == moment
    assert (facts.worked_out(reading).get("cutoff") == moment) == (note == f.END_OF_DAY)


def test_a_day_without_a_year_after_a_letter_of_december_is_of_the_next_year() -> None:
    found = read(HEAD.format(month=12) + SENTENCE.format(due="trước ngày 05/01")).first(f.DUE)
    assert found
    assert date.fromisoformat(found.value) - date(2026, 12, 10) < timedelta(days=60)


def test_a_day_that_no_report_is_asked_for_is_no_due_date() -> None:
    reading = read(HEAD.format(month=6) + "Sở Y tế đề nghị các xã dự họp trước ngày 03/8/2026.")
    assert reading.first(f.DUE) is None


TO_DISTRICTS = HEAD.replace("Các xã", "Ủy ban nhân dân các huyện, thị xã, thành phố").format(month=6)
BY_LEVEL = (
    "Sở Y tế đề nghị UBND cấp xã báo cáo kết quả về UBND cấp huyện trước ngày 28/7/2026; UBND cấp huyện báo cáo kết quả"
    " về Sở trước ngày 03/8/2026 để tổng hợp, báo cáo UBND tỉnh và Bộ trước ngày 10/8/2026."
)


@pytest.mark.parametrize(
    ("body", "days"),
    [
        (
            BY_LEVEL,
            {"due": ("2026-08-03", ""), "due_commune": ("2026-07-28", ""), "due_own": ("2026-08-10", "")},
        ),
        (
            "Sở Y tế đề nghị các đơn vị báo cáo kết quả về Sở trước ngày 03/8/2026.",
            {"due": ("2026-08-03", ""), "due_commune": ("2026-08-01", f.EARLIER)},
        ),
        (
            "Sở Y tế đề nghị các xã, phường báo cáo kết quả về UBND huyện trước ngày 03/8/2026.",
            {"due": ("2026-08-03", "")},
        ),
    ],
)
def test_each_level_has_its_own_day(body: str, days: dict[str, tuple[str, str]]) -> None:
    found = [each for each in read(TO_DISTRICTS + body).found if each.field.startswith("due")]
    assert {each.field: (each.value, each.note) for each in found} == days
