"""Messages as communes send them: each number is read right, or what it stands in is named as not read.

Abbreviations, no tone marks, products, sums with their parts, dates and telephone numbers that are no figures.
"""

from __future__ import annotations

import pytest

from server.services.totals.reading import ReadUnit, read
from sync.registry import KINDS

FIGURES = [figure.code for figure in KINDS.figures()]
UNITS = [ReadUnit("cn", "Xã Chính Nghĩa", "Chính Nghĩa")]
Unread = list[tuple[str, str]]

MESSAGES: list[tuple[str, dict[str, int], Unread]] = [
    # (message, totals, what is left over with the reason)
    ("treo 3 băng rôn, phát 20 lần mỗi lần 15 phút", {"banners": 3, "airings": 20, "minutes": 300}, []),
    ("phát thanh: 3 thôn x 2 buổi x 15 phút", {"airings": 6, "minutes": 90}, []),
    ("3 thôn x 2 buổi x 15 phút", {}, [("3 thôn x 2 buổi x 15 phút", "product")]),
    ("Loa 2 lần/ngày x 10 ngày x 15 phút", {"airings": 20, "minutes": 300}, []),
    ("Phát 15p x 2 lần x 7 ngày trên loa", {"airings": 14, "minutes": 210}, []),
    ("loa 3 lần / tuần x 4 tuần x 15'", {"airings": 12, "minutes": 180}, []),
    ("phát 20 lần x 15 phút = 300 phút", {"airings": 20, "minutes": 300}, []),
    ("loa 02 lần/ngày x 15 ngày = 30 lần", {"airings": 30}, []),
    ("loa 2 lần/ngày x 15 ngày = 28 lần", {}, [("loa 2 lần/ngày x 15 ngày = 28 lần", "product")]),
    ("8 thôn, mỗi thôn phát 2 buổi, mỗi buổi 3 lần", {"airings": 48}, []),
    ("mỗi thôn phát 5 lượt, 4 thôn, mỗi lượt 10 phút", {"airings": 20, "minutes": 200}, []),
    ("loa 5 cụm x 2 lần x 10 ngày", {}, [("loa 5 cụm x 2 lần x 10 ngày", "product")]),
    ("2 lần/ngày x 2 tuần loa", {}, [("2 lần/ngày x 2 tuần loa", "rate")]),
    ("2 hội nghị x 50 người", {"conferences": 2, "attendances": 100}, []),
    ("tổ chức 2 hội nghị, mỗi hội nghị 50 người", {"conferences": 2, "attendances": 100}, []),
    ("2 buổi TTLĐ x 3 thôn", {"mobile_sessions": 6}, []),
    ("có 3 băng rôn x 2 mặt", {}, [("có 3 băng rôn x 2 mặt", "product")]),
    ("treo 3 băng rôn 5m x 0,8m", {"banners": 3}, [("treo 3 băng rôn 5m x 0,8m", "product")]),
    (
        "phát thanh ngày 2 lượt, mỗi lượt 10p, từ 20/7 đến 29/7",
        {},
        [("phát thanh ngày 2 lượt", "rate"), ("mỗi lượt 10p", "rate")],
    ),
    # how often, and over how many days
    (
        "dc 4 bang ron va 200 to roi a, phat loa 2 lan 1 ngay trong 10 ngay",
        {"banners": 4, "leaflets": 200, "airings": 20},
        [],
    ),
    ("phát 20 lần trong 10 ngày", {}, [("phát 20 lần trong 10 ngày", "product")]),
    ("phát 20 lần tại 3 thôn", {}, [("phát 20 lần tại 3 thôn", "product")]),
    (
        "phát thanh sáng 1 lần chiều 1 lần trong 10 ngày",
        {},
        [("phát thanh sáng 1 lần chiều 1 lần trong 10 ngày", "product")],
    ),
    ("phát 20 lần, thời lượng 15 phút", {"airings": 20}, [("15 phút", "product")]),
    ("phát thanh 20 lần (15 phút/lần)", {"airings": 20, "minutes": 300}, []),
    ("Phát thanh: 20 lần/300 phút", {"airings": 20, "minutes": 300}, []),
    ("Phát được 20 buổi phát thanh, thời lượng 10 phút/buổi", {"airings": 20, "minutes": 200}, []),
    # abbreviations, several lines, emoji
    ("BR: 5 cái, tờ rơi 1.200 tờ, phát 20 lượt", {"banners": 5, "leaflets": 1200, "airings": 20}, []),
    ("Xã em bđk treo 4 BR ạ, tổ TTLĐ đi 3 buổi", {"banners": 4, "mobile_sessions": 3}, []),
    ("xã đã treo 3 bđk băng rôn", {}, [("xã đã treo 3 bđk băng rôn", "number")]),
    ("Đ/c Hùng: 20 lượt pt, 3br, 500 tr", {"airings": 20, "banners": 3}, [("500 tr", "number")]),
    ("2 HN 80ng", {"conferences": 2, "attendances": 80}, []),
    (
        "xã báo cáo ngày 28/7/2021:\n✅ 5 băng rôn\n✅ 1.200 tờ rơi\n✅ 14 lượt phát thanh\nLH đc Hòa 0912.345.678",
        {"banners": 5, "leaflets": 1200, "airings": 14},
        [("LH đc Hòa 0912.345.678", "number")],
    ),
    ("🎤 loa: 20 lần 🪧 băng rôn: 5 📄 tờ rơi: 300", {"airings": 20, "banners": 5, "leaflets": 300}, []),
    ("Không có hội nghị\nBăng rôn: 6\nTờ rơi: không có", {"conferences": 0, "banners": 6, "leaflets": 0}, []),
    ("dang 3 tin len fb xa, zalo thon 5 tin", {"social_posts": 3}, [("zalo thon 5 tin", "number")]),
    # ranges, and numbers in words
    (
        "treo 3-4 băng rôn, phát khoảng hai mươi lần loa",
        {"airings": 20},
        [("treo 3-4 băng rôn", "number")],
    ),
    ("treo từ 3 đến 5 băng rôn", {}, [("treo từ 3 đến 5 băng rôn", "number")]),
    ("treo 3 hoặc 4 băng rôn", {}, [("treo 3 hoặc 4 băng rôn", "number")]),
    ("3, 4 băng rôn", {}, [("3", "number"), ("4 băng rôn", "number")]),
    ("một nghìn hai tờ rơi", {}, [("một nghìn hai tờ rơi", "number")]),
    ("mot tram hai muoi to roi", {"leaflets": 120}, []),
    ("1 ngàn 2 tờ rơi", {}, [("1 ngàn 2 tờ rơi", "number")]),
    ("phát 1k2 tờ rơi", {}, [("phát 1k2 tờ rơi", "number")]),
    # a sum with its parts, and how a number comes about
    ("📢 Phát loa 28 lần (2 lần/ngày, 14 ngày)", {"airings": 28}, []),
    ("cấp phát 1200 tờ rơi cho 12 thôn (100 tờ/thôn)", {"leaflets": 1200}, []),
    ("phát 300 tờ rơi cho 3 trường x 100 tờ", {"leaflets": 300}, []),
    (
        "phát 200 tờ rơi cho 3 trường x 100 tờ",
        {"leaflets": 200},
        [("phát 200 tờ rơi cho 3 trường x 100 tờ", "part")],
    ),
    (
        "tổng cộng 7 băng rôn, trong đó thôn Đoài 3 băng rôn, thôn Đông 4 băng rôn",
        {"banners": 7},
        [],
    ),
    ("Tổng số băng rôn: 7\n- Thôn Đoài: 3 băng rôn\n- Thôn Đông: 4 băng rôn", {"banners": 7}, []),
    (
        "Tổng 7 băng rôn, xã 5 băng rôn, trường 4 băng rôn",
        {},
        [("7 băng rôn", "unequal"), ("5 băng rôn", "unequal"), ("4 băng rôn", "unequal")],
    ),
    (
        "Tờ rơi 1.200 tờ (trong đó 200 tờ gấp)",
        {"leaflets": 1200},
        [("Tờ rơi 1.200 tờ (trong đó 200 tờ gấp)", "part")],
    ),
    ("Kế hoạch 10 băng rôn, đã treo 7 băng rôn", {"banners": 7}, [("Kế hoạch 10 băng rôn", "not_done")]),
    ("băng rôn: 3+2", {}, [("băng rôn: 3", "number"), ("2", "number")]),
    ("3+2 băng rôn", {}, [("3", "number"), ("2 băng rôn", "number")]),
    (
        "treo 3 băng rôn, tăng 2 băng rôn so với năm ngoái",
        {"banners": 3},
        [("tăng 2 băng rôn so với năm ngoái", "not_done")],
    ),
    ("1. Băng rôn: 3\n2. Tờ rơi: 200\n3/ Loa: 20 lần", {"banners": 3, "leaflets": 200, "airings": 20}, []),
    # dates, times and numbers of papers
    (
        "Tính đến 16h ngày 30/7 xã đã treo 07 băng rôn (mỗi băng rôn 5m), in 300 tờ rơi",
        {"banners": 7, "banner_metres": 35},
        [("in 300 tờ rơi", "not_done")],
    ),
    ("treo 5 băng rôn từ 20/7 đến 30/7/2021", {"banners": 5}, []),
    ("CV số 1234/SLĐTBXH-PCTNXH: xã có 2 băng rôn", {"banners": 2}, []),
    ("băng rôn 3/4 thôn", {}, [("băng rôn 3/4 thôn", "number")]),
    ("tuần 1: phát 5 lần; tuần 2: phát 6 lần", {"airings": 11}, []),
    ("phát thanh 120 giờ", {}, [("phát thanh 120 giờ", "number")]),
]


@pytest.mark.parametrize(("text", "expected", "unread"), MESSAGES, ids=[text[:40] for text, _, _ in MESSAGES])
def test_each_number_is_right_or_said_to_be_unread(text: str, expected: dict[str, int], unread: Unread) -> None:
    found = read(text, UNITS, FIGURES, "me")
    assert {each.figure: each.amount for each in found.proposals} == expected
    assert [(piece.text, piece.why) for piece in found.left] == unread


@pytest.mark.parametrize(
    ("text", "figure", "doubt"),
    [
        ("treo thêm 2 băng rôn nữa, tổng là 7 băng rôn", "banners", "repeated"),
        ("treo mới 2 băng rôn, tận dụng 3 băng rôn cũ", "banners", "repeated"),
        ("phát khoảng hai mươi lần loa", "airings", "about"),
        ("khoảng 2 lần/ngày x 10 ngày loa", "airings", "about"),
    ],
)
def test_what_may_be_counted_otherwise_is_a_doubt(text: str, figure: str, doubt: str) -> None:
    found = {each.figure: each for each in read(text, UNITS, FIGURES, "me").proposals}
    assert doubt in found[figure].doubts


def test_a_product_is_shown_as_it_was_computed() -> None:
    found = {each.figure: each for each in read("loa: 3 thôn x 2 buổi x 15 phút", UNITS, FIGURES, "me").proposals}
    assert found["airings"].working == "2 × 3"
    assert found["minutes"].working == "2 × 3 × 15"
    assert found["minutes"].said == "3 thôn x 2 buổi x 15 phút"
