"""A letter is read as it stands: nothing is lost of what it says, nothing is made up of what it does not."""

from __future__ import annotations

import json
import time
import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.services.letters import facts
from server.services.letters.extraction import MOST_CHARS
from server.services.letters.plain import one_line, plain
from server.services.letters.recognition import found as f
from server.services.letters.recognition.asks import phrases
from server.services.letters.recognition.reading import Reading, read
from support.letters.files import FOLDER, SEED
from support.letters.files import LETTERS as SAMPLES
from sync.registry import KINDS
from sync.unit_figures import every_figure


def wanted(sample: Path) -> dict[str, list[str]]:
    """What a person reads in a sample, by field; a field that is not in the file is not asked about."""
    raw = json.loads((FOLDER / f"{sample.stem}.json").read_text("utf-8"))
    return {
        field: [] if value is None else value if isinstance(value, list) else [value] for field, value in raw.items()
    }


def said(reading: Reading) -> dict[str, list[str]]:
    return {field: [each.value for each in reading.every(field)] for field in f.FIELDS}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_letter_of_another_body_year_and_form(sample: Path) -> None:
    reading = read(plain(sample.read_text("utf-8")))
    told = said(reading)
    assert {field: told[field] for field in wanted(sample)} == wanted(sample)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
@pytest.mark.parametrize(
    "form", ["NFD", "no-break", "broken lines", "one column in spaces", "soft hyphens", "cut words"]
)
def test_it_is_the_same_letter_in_another_form(sample: Path, form: str) -> None:
    text = sample.read_text("utf-8")
    changed = {
        "NFD": lambda: unicodedata.normalize("NFD", text),
        "no-break": lambda: text.replace(" ", "\u00a0"),
        "broken lines": lambda: text.replace("phòng, chống mua bán người", "phòng,\nchống mua bán người"),
        "one column in spaces": lambda: text.replace("\t", "          "),
        "cut words": lambda: text.replace("mua bán người", "mua b\nán ng\nười"),
        "soft hyphens": lambda: text.replace("tuyên truyền", "tuyên tru\u00adyền"),
    }[form]()
    told, expected = said(read(plain(changed))), wanted(sample)
    if form == "broken lines":  # a list of slogans is read by its lines, and so is a subject
        expected = {field: value for field, value in expected.items() if field not in ("slogan", "subject", "above")}
    assert {field: told[field] for field in expected} == expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_what_is_said_to_be_read_stands_there(sample: Path) -> None:
    reading = read(plain(sample.read_text("utf-8")))
    for each in reading.found:
        words = one_line(reading.text[each.start : each.end])
        assert words
        assert each.note == "" or each.note in f.NOTES
        if each.field in (f.SLOGAN, f.TO, f.EVENT, f.YEAR, f.HOTLINE, f.TASK, f.PLACE, f.SIGNER, f.RECIPIENT):
            assert each.value == words


def test_the_seed_letter_comes_out_whole() -> None:
    values = facts.proposed(read(plain(SEED.read_text("utf-8"))))
    assert values["name"] == "Ngày toàn dân phòng, chống mua bán người năm 2021"
    assert len(values["tasks"].splitlines()) == 6
    assert values["tasks"].splitlines()[1].startswith("Xây dựng pano, treo băng rôn")
    assert {"banners", "panels", "posters", "leaflets", "folded_leaflets", "mobile_sessions", "airings"} <= set(
        values["figures"]
    )
    for left_open in ("number", "dated", "signer", "starts_on", "ends_on", "cutoff"):
        assert not values.get(left_open), left_open
    assert facts.worked_out(read(plain(SEED.read_text("utf-8")))) == {}, "all of it is just what the letter says"


def test_the_words_are_of_kinds_and_figures_that_there_are() -> None:
    assert set(phrases()["kinds"]) <= {kind.name for kind in KINDS.recorded()}
    assert set(phrases()["figures"]) <= {figure.code for figure in every_figure()}


SENTENCE = "Sở Y tế đề nghị các xã báo cáo kết quả về Sở {due} để tổng hợp."
HEAD = "SỞ Y TẾ\nSố: 1/SYT-NV\nHà Nội, ngày 10 tháng {month} năm 2026\n\nKính gửi: Các xã\n\n"


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


ASKED = "Sở Y tế đề nghị các xã "


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
            *("2026-08-01", f.SEVERAL),
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


def test_what_a_task_cites_at_the_end_is_no_basis() -> None:
    for basis in ("Căn cứ Luật A số 1/2025/QH15;\n", ""):
        tasks = "1. Treo băng rôn tại trụ sở xã.\n2. Phát thanh hai lần mỗi ngày."
        body = f"{basis}{ASKED}:\n{tasks}\n3. Kinh phí: theo Nghị quyết số 12/2025/NQ-HĐND."
        told = said(read(HEAD.format(month=6) + body))
        assert told[f.BASIS] == (["Luật A số 1/2025/QH15"] if basis else [])
        assert told[f.TASK] == ["Treo băng rôn tại trụ sở xã", "Phát thanh hai lần mỗi ngày"]
        assert told[f.KIND] == ["banner", "broadcast"]


def test_what_is_asked_right_behind_a_basis_without_a_body() -> None:
    asked = "đề nghị các xã báo cáo kết quả trước ngày 10/8/2026"
    told = said(read(HEAD.format(month=6) + f"Thực hiện Kế hoạch số 9/KH-UBND, {asked}."))
    assert (told[f.BASIS], told[f.DUE], told[f.TASK]) == (["Kế hoạch số 9/KH-UBND"], ["2026-08-10"], [asked])


def test_short_items_of_a_list_are_tasks() -> None:
    items = ["Treo băng rôn", "Phát tờ rơi", "Tuyên truyền lưu động", "Tổ chức hội thi"]
    told = said(read(HEAD.format(month=6) + f"{ASKED}:\n" + "".join(f"- {item};\n" for item in items)))
    assert told[f.TASK] == items


def test_the_kinds_that_a_letter_names_are_proposed_and_none_that_it_forbids() -> None:
    body = f"{ASKED}không in tờ rơi, không tổ chức mít tinh; treo băng rôn."
    assert facts.proposed(read(HEAD.format(month=6) + body))["kinds"] == ["banner"]
    every = [kind.name for kind in KINDS.recorded()]
    assert facts.proposed(read(HEAD.format(month=6) + f"{ASKED}quan tâm."))["kinds"] == every


def test_a_number_without_a_colon_and_a_stamp() -> None:
    head = "UBND TỈNH A\nBAN CHỈ ĐẠO 138\nHỎA TỐC\nSố 27/BCĐ138-CAT\nHà Nội, ngày 10 tháng 6 năm 2026\n"
    told = said(read(f"{head}V/v triển khai Kế hoạch số 5/KH-UBND\n\nKính gửi: Các xã\n\n{ASKED}treo băng rôn."))
    assert told[f.NUMBER] == ["27/BCĐ138-CAT"]
    assert told[f.ISSUER] == ["BAN CHỈ ĐẠO 138"]
    bare = said(read(f"SỞ Y TẾ\nV/v triển khai Kế hoạch số 5/KH-UBND\n\nKính gửi: Các xã\n\n{ASKED}treo băng rôn."))
    assert bare[f.NUMBER] == []
    for stamp in ("KHẨN", "THƯỢNG KHẨN", "MẬT", "HOẢ TỐC HẸN GIỜ"):
        head = f"SỞ Y TẾ TỈNH A\n{stamp}\nSố: 1/SYT\n\nKính gửi: Các xã\n"
        assert said(read(head))[f.ISSUER] == ["SỞ Y TẾ TỈNH A"]


@pytest.mark.parametrize(
    ("signed", "role", "name"),
    [
        ("GIÁM ĐỐC\n\nPHẠM VĂN MẪU\n", "GIÁM ĐỐC", "PHẠM VĂN MẪU"),
        ("TUQ. GIÁM ĐỐC\nTRƯỞNG PHÒNG BẢO TRỢ XÃ HỘI\n\nĐại tá CAO MINH MẪU", None, "CAO MINH MẪU"),
        ("GIÁM ĐỐC\n(Đã ký)\n\nPHỤ LỤC\nĐịa Bàn Trọng Điểm\n", "GIÁM ĐỐC", ""),
        ("GIÁM ĐỐC\n\nPHỤ LỤC I\nNỘI DUNG\n", "GIÁM ĐỐC", ""),
        ("KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC\nPhạm Văn Mẫu\nPHỤ LỤC\nLÊ THỊ KHÁC\n", None, "Phạm Văn Mẫu"),
    ],
)
def test_who_signs(signed: str, role: str | None, name: str) -> None:
    foot = "./.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n"
    reading = read(HEAD.format(month=6) + f"{ASKED}treo băng rôn{foot}{signed}")
    assert reading.value(f.SIGNER) == name
    assert role is None or reading.value(f.SIGNER_ROLE) == role


def test_a_day_without_a_year_after_a_letter_of_december_is_of_the_next_year() -> None:
    found = read(HEAD.format(month=12) + SENTENCE.format(due="trước ngày 05/01")).first(f.DUE)
    assert found
    assert date.fromisoformat(found.value) - date(2026, 12, 10) < timedelta(days=60)


def test_a_day_that_no_report_is_asked_for_is_no_due_date() -> None:
    reading = read(HEAD.format(month=6) + "Sở Y tế đề nghị các xã dự họp trước ngày 03/8/2026.")
    assert reading.first(f.DUE) is None


def test_a_persons_telephone_is_no_hotline() -> None:
    text = HEAD.format(month=6) + "Sở Y tế đề nghị liên hệ đồng chí Lan, điện thoại 0912.345.678."
    assert read(text).first(f.HOTLINE) is None


def test_what_is_quoted_without_being_called_a_slogan_is_none() -> None:
    assert read(HEAD.format(month=6) + "Sở Y tế đề nghị thực hiện mô hình “Gia đình an toàn”.").every(f.SLOGAN) == []


@pytest.mark.parametrize(
    "said_of_it",
    [
        "lập đường dây nóng, liên hệ ông Ba 0912 345 678 để được hướng dẫn.",
        "không dùng số đường dây nóng cũ 18001567.",
        "không sử dụng đường dây nóng 18001567.",
        "gửi số điện thoại đường dây nóng của xã, ví dụ 0911222333.",
        "gọi đường dây nóng 0214.3840.",
        "gọi Tổng đài hỗ trợ kỹ thuật phần mềm: 18001260.",
    ],
)
def test_a_number_that_is_not_the_hotline(said_of_it: str) -> None:
    assert read(HEAD.format(month=6) + f"Sở Y tế đề nghị các xã {said_of_it}").first(f.HOTLINE) is None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("đường dây nóng của Phòng: 0214.3840.\n113 và tổng đài 113", "0214.3840. 113"),
        ("đường dây nóng: 0237 3852 555.\n10. Treo băng rôn", "0237 3852 555"),
        ("đường dây nóng: 0912 345 678.\n1. Treo băng rôn", "0912 345 678"),
        ("đường dây nóng cũ 18001567, nay là đường dây nóng 111", "111"),
        ("đường dây nóng 1900.969.680", "1900.969.680"),
        ("đường dây nóng +84 912 345 678", "+84 912 345 678"),
    ],
)
def test_the_number_of_the_hotline_as_it_is_written(written: str, number: str) -> None:
    found = read(HEAD.format(month=6) + f"Sở Y tế đề nghị các xã phổ biến {written}").first(f.HOTLINE)
    assert found
    assert found.value == number


@pytest.mark.parametrize(
    "asked",
    [
        "treo khẩu hiệu tại các vị trí sau:\n- Trụ sở UBND xã\n- Nhà văn hóa thôn\n",
        "treo khẩu hiệu tuyên truyền về Luật số 53 theo Quyết định “Phê duyệt Đề án 1”.",
        "treo khẩu hiệu tại xã có mô hình “Xã không có tội phạm”.",
    ],
)
def test_places_and_names_are_no_slogans(asked: str) -> None:
    assert read(HEAD.format(month=6) + f"Sở Y tế đề nghị các xã {asked}").every(f.SLOGAN) == []


def test_slogans_of_two_lists_and_of_quotes_are_all_found() -> None:
    lists = "1. Khẩu hiệu cho trẻ em:\n- Hãy học bơi\n- Hãy gọi 111\n2. Thông điệp:\n- Vì trẻ em\n"
    text = HEAD.format(month=6) + f"Sở Y tế đề nghị:\n{lists}3. Khẩu hiệu: “Ở nhà”, “Ở trường”; khẩu hiệu “Ở xã”."
    assert [each.value for each in read(text).every(f.SLOGAN)] == [
        *("Hãy học bơi", "Hãy gọi 111", "Vì trẻ em", "Ở nhà", "Ở trường", "Ở xã"),
    ]


@pytest.mark.parametrize("quotes", ["“{}”", "«{}»", '"{}"', "„{}”"])
def test_quotes_of_every_kind(quotes: str) -> None:
    text = HEAD.format(month=6) + f"Sở Y tế đề nghị treo khẩu hiệu: {quotes.format('Chung tay vì trẻ em')}."
    assert [each.value for each in read(text).every(f.SLOGAN)] == ["Chung tay vì trẻ em"]


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "“", '"', "\n", "-\n", "Căn cứ ", "số 1/", "ngày 1/1 ", "khẩu hiệu ", "SỞ ", "Kính gửi: ", "A ", "1.\n"),
        *(
            "trước ngày 1/1 báo cáo ",
            "tháng năm ",
            "Ngày toàn dân ",
            "đường dây nóng ",
            "TM. ",
            "- x; ",
            "và Luật số 1 ",
        ),
        *(
            "Thực hiện ",
            "Sở Y tế đề nghị ",
            "Nơi nhận:\n- a;\n",
            "./.",
            "\t",
            ", ",
            "từ ngày 1/1 đến ",
            "Hà Nội, ngày ",
        ),
        *("- khẩu hiệu:\n", "khẩu hiệu “ab” ", "khẩu hiệu: \n“ab” ", "đường dây nóng 0912 345 678 cũ "),
        *("để tổng hợp báo cáo trước 1/8 ", "từ 1/7 đến 2/7 ", "số liệu tính đến 1/1/2020 ", "không in tờ rơi "),
        *("GIÁM ĐỐC\nPHẠM VĂN MẪU\n", "PHỤ LỤC\n", "Số 1/A\n", "Nơi nhận: PHỤ LỤC\n", "- Treo băng rôn;\n"),
        *("khẩu hiệu tại các cơ quan sau: \n- ab\n", "khẩu hiệu theo Luật số “a”", "hotline 0912 "),
    ],
)
@pytest.mark.costly
def test_a_text_made_to_cost_time_costs_none(unit: str) -> None:
    text = plain((unit * MOST_CHARS)[:MOST_CHARS])
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 3
