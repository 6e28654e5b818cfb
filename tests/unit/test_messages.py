"""Messages as people write them in a chat, and the totals that are read in them; what is unclear is said to be."""

from __future__ import annotations

import time
import unicodedata
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.services.totals.reading import MessageReading, ReadUnit, read
from sync.registry import KINDS

FIGURES = [figure.code for figure in KINDS.figures()]
UNITS = [
    ReadUnit("cn", "Xã Chính Nghĩa", "Chính Nghĩa"),
    ReadUnit("nl", "Xã Nhân La", "Nhân La"),
    ReadUnit("a", "Xã A", "A"),
    ReadUnit("t1", "Xã Tân Tiến", "Tân Tiến"),
    ReadUnit("t2", "Thị trấn Tân Tiến", "Tân Tiến"),
]
Totals = dict[str, int]


def reading(text: str) -> MessageReading:
    return read(text, UNITS, FIGURES, "me")


def totals(text: str, unit: str = "me") -> Totals:
    return {each.figure: each.amount for each in reading(text).proposals if each.unit == unit}


def left(text: str) -> list[tuple[str, str]]:
    return [(piece.text, piece.why) for piece in reading(text).left]


CLEAR: list[tuple[str, Totals]] = [
    ("treo 3 băng rôn, phát 20 lần", {"banners": 3, "airings": 20}),
    ("Đã treo 03 băng rôn; phát thanh 20 lần.", {"banners": 3, "airings": 20}),
    ("treo ba băng rôn, phát loa mười lăm lần", {"banners": 3, "airings": 15}),
    ("treo ba bang ron, phat loa muoi lam lan", {"banners": 3, "airings": 15}),
    ("TREO 3 BĂNG RÔN, PHÁT LOA 20 LẦN", {"banners": 3, "airings": 20}),
    ("1.200 tờ rơi", {"leaflets": 1200}),
    ("phát 1.200 tờ rơi, 300 tờ gấp", {"leaflets": 1200, "folded_leaflets": 300}),
    ("băng rôn: 3\ntờ rơi: 1200 tờ\nhội nghị: 1", {"banners": 3, "leaflets": 1200, "conferences": 1}),
    ("băng rôn 3 cái, tờ rơi 1.200 tờ, áp phích 20 tờ", {"banners": 3, "leaflets": 1200, "posters": 20}),
    ("băng rôn 3 tờ rơi 200 áp phích 10", {"banners": 3, "leaflets": 200, "posters": 10}),
    ("- 3 băng-rôn\n- 2 pa nô\n- 10 áp-phích", {"banners": 3, "panels": 2, "posters": 10}),
    ("treo 3 băng rôn + 2 pano & 10 áp phích", {"banners": 3, "panels": 2, "posters": 10}),
    ("treo 3 băng zôn và 2 pano", {"banners": 3, "panels": 2}),
    ("loa 2 lần/ngày x 10 ngày", {"airings": 20}),
    ("loa 2 lần/ngày × 10 ngày", {"airings": 20}),
    ("loa phát ngày 2 lần trong 10 ngày", {"airings": 20}),
    ("Loa truyền thanh mỗi ngày phát hai lần, phát trong 10 ngày", {"airings": 20}),
    ("10 ngày, loa phát mỗi ngày 2 lần", {"airings": 20}),
    ("loa phát ngày 2 lần trong 10 ngày, mỗi lần 15 phút", {"airings": 20, "minutes": 300}),
    ("phát thanh 3 lần/tuần x 4 tuần", {"airings": 12}),
    ("Số lần phát thanh: 20", {"airings": 20}),
    ("tiếp âm đài huyện 10 lần", {"airings_relay": 10}),
    ("mỗi thôn 3 băng rôn, 4 thôn", {"banners": 12}),
    ("500 tờ rơi/thôn x 4 thôn", {"leaflets": 2000}),
    ("phát cho 5 trường mỗi trường 100 tờ rơi", {"leaflets": 500}),
    ("1 buổi hội nghị 120 người", {"conferences": 1, "attendances": 120}),
    ("mít tinh 1 cuộc 250 người", {"rallies": 1, "attendances": 250}),
    ("tổ chức 01 lễ mít tinh, 300 lượt người dự", {"rallies": 1, "attendances": 300}),
    ("2 lớp tập huấn 60 người, 1 câu lạc bộ", {"trainings": 2, "attendances": 60, "models": 1}),
    ("6 buổi tuyên truyền, 240 lượt người nghe", {"oral_sessions": 6, "attendances": 240}),
    ("tuyên truyền lưu động 3 lượt", {"mobile_sessions": 3}),
    ("3 buổi tuyên truyền lưu động", {"mobile_sessions": 3}),
    ("đăng 5 bài facebook, 2 tin bài phát thanh", {"social_posts": 5, "scripts": 2}),
    ("đăng 4 bài trên trang zalo xã", {"social_posts": 4}),
    ("ký 200 bản cam kết", {"commitments": 200}),
    ("3 băng rôn (95 m)", {"banners": 3, "banner_metres": 95}),
    ("cấp phát 50 cuốn sổ tay", {"handbooks": 50}),
    ("hai mươi mốt băng rôn, một trăm hai mươi tờ rơi", {"banners": 21, "leaflets": 120}),
    ("một nghìn hai trăm tờ rơi, 3 nghìn tờ gấp", {"leaflets": 1200, "folded_leaflets": 3000}),
    ("một trăm linh năm tờ rơi, ba chục băng rôn", {"leaflets": 105, "banners": 30}),
    ("😀👍 treo 3 băng rôn 🎉", {"banners": 3}),
    ("treo được 3 chiếc băng rôn", {"banners": 3}),
    ("treo 3 băng rôn ở thôn 2", {"banners": 3}),
    ("ban hành 2 văn bản chỉ đạo", {"directives": 2}),
]


@pytest.mark.parametrize(("text", "expected"), CLEAR, ids=[text for text, _ in CLEAR])
def test_a_message_of_one_unit(text: str, expected: Totals) -> None:
    assert totals(text) == expected
    assert not [each for each in reading(text).proposals if each.doubts], "nothing doubtful in it"
    assert left(text) == []


@pytest.mark.parametrize("text", [text for text, _ in CLEAR])
def test_the_form_of_the_letters_does_not_matter(text: str) -> None:
    """Decomposed letters, as iPhones send them, and capitals."""
    assert totals(unicodedata.normalize("NFD", text)) == totals(text)
    assert totals(text.upper()) == totals(text)


LEFT: list[tuple[str, str]] = [
    ("chưa treo băng rôn", "number"),
    ("treo 3-4 băng rôn", "number"),
    ("nhận 500 tờ rơi", "not_done"),
    ("in 1.000 tờ rơi", "not_done"),
    ("dự kiến treo 10 băng rôn", "not_done"),
    ("hỏng 2 băng rôn", "not_done"),
    ("chưa treo 3 băng rôn", "not_done"),
    ("loa 2 lần/ngày", "rate"),
    ("mỗi thôn 3 băng rôn", "rate"),
    ("loa 2 lần/ngày từ 20/7 đến 29/7", "rate"),
    ("treo 15 cờ phướn", "number"),
    ("treo băng rôn hai bên đường", "number"),
    ("một số băng rôn", "number"),
    ("băng rôn 3 tờ rơi", "number"),
    ("3 x 4 băng rôn", "product"),
    ("150 hộ ký", "number"),
    ("95,5 m băng rôn", "number"),
    ("hai ba băng rôn", "number"),
    ("50% hộ có tờ rơi", "number"),
    ("9999999999 băng rôn", "number"),
    ("Không phát sinh", "nil"),
    ("tuyên truyền 20 lần", "number"),
]


@pytest.mark.parametrize(("text", "why"), LEFT, ids=[text for text, _ in LEFT])
def test_what_is_unclear_is_said_to_be_and_nothing_is_taken(text: str, why: str) -> None:
    assert totals(text) == {}
    assert [reason for _, reason in left(text)] == [why]


@pytest.mark.parametrize(
    ("text", "expected", "unread"),
    [
        ("nhận 500 tờ rơi, đã phát 300 tờ", {"leaflets": 300}, "nhận 500 tờ rơi"),
        ("treo 15 cờ phướn và 2 băng rôn", {"banners": 2}, "treo 15 cờ phướn"),
        ("phát 1.200 tờ rơi, tờ gấp", {"leaflets": 1200}, "tờ gấp"),
        ("treo 5 băng rôn (hỏng 1)", {"banners": 5}, "treo 5 băng rôn (hỏng 1)"),
        ("phát 1.200 tờ rơi 3 lần", {"leaflets": 1200}, "phát 1.200 tờ rơi 3 lần"),
        ("treo 3 băng rôn. Gọi 0912345678", {"banners": 3}, "Gọi 0912345678"),
        ("tổ chức hội nghị 120 người", {"attendances": 120}, "tổ chức hội nghị 120 người"),
    ],
)
def test_what_is_left_over_stands_beside_what_was_read(text: str, expected: Totals, unread: str) -> None:
    assert totals(text) == expected
    assert unread in [piece for piece, _ in left(text)]


@pytest.mark.parametrize(
    ("text", "figure", "amount", "doubt"),
    [
        ("khoảng 50 băng rôn", "banners", 50, "about"),
        ("treo hơn 20 băng rôn", "banners", 20, "about"),
        ("phát 1,200 tờ rơi", "leaflets", 1200, "grouped"),
        ("phát 10 000 tờ rơi", "leaflets", 10000, "grouped"),
        ("treo 3 băng rôn ở thôn 2, 2 băng rôn ở thôn 3", "banners", 5, "repeated"),
        ("nhận 500 tờ rơi, đã phát 300 tờ", "leaflets", 300, "inferred"),
        ("3 băng rôn ở xã Nhân La", "banners", 3, "other_unit"),
    ],
)
def test_what_to_look_at_before_confirming(text: str, figure: str, amount: int, doubt: str) -> None:
    found = {each.figure: each for each in reading(text).proposals}[figure]
    assert (found.amount, doubt in found.doubts) == (amount, True)


@pytest.mark.parametrize(
    "text", ["không tổ chức hội nghị", "Hội nghị: không", "hội nghị: KPS", "hội nghị: 0", "0 hội nghị"]
)
def test_nothing_to_report_of_a_figure(text: str) -> None:
    assert totals(text) == {"conferences": 0}


def test_several_units_in_one_message() -> None:
    text = (
        "Kính gửi anh Hòa, số liệu các xã:\n"
        "1. Xã A: 3 băng rôn; loa 2 lần/ngày x 10 ngày, 1 buổi hội nghị 120 người\n"
        "- Chính Nghĩa: treo 5 băng rôn, phát 800 tờ rơi\n"
        "x. Nhân La - hai pano\n"
        "Xã Không Biết: 4 băng rôn\n"
        "Tân Tiến: 9 băng rôn"
    )
    assert totals(text, "a") == {"banners": 3, "airings": 20, "conferences": 1, "attendances": 120}
    assert totals(text, "cn") == {"banners": 5, "leaflets": 800}
    assert totals(text, "nl") == {"panels": 2}
    unknown = [each for each in reading(text).proposals if not each.unit]
    assert [(each.unit_text, each.figure, each.amount) for each in unknown] == [
        ("Xã Không Biết", "banners", 4),
        ("Tân Tiến", "banners", 9),
    ], "a name that nobody has, and one that two have"
    assert ("Xã Không Biết:", "no_unit") in left(text)


def test_a_name_on_a_line_of_its_own_holds_for_what_follows() -> None:
    text = "Xã Chính Nghĩa\n3 băng rôn\n2 pano\nNhân La\n4 băng rôn"
    assert totals(text, "cn") == {"banners": 3, "panels": 2}
    assert totals(text, "nl") == {"banners": 4}


def test_how_an_amount_was_computed_is_shown() -> None:
    found = {each.figure: each for each in reading("loa 2 lần/ngày x 10 ngày, mỗi lần 15 phút").proposals}
    assert found["airings"].working == "2 × 10"
    assert found["minutes"].working == "15 × 20"
    assert found["airings"].said == "2 lần/ngày x 10 ngày"


def test_a_figure_that_is_not_asked_is_left() -> None:
    found = read("treo 3 băng rôn, 2 pano", UNITS, ["banners"], "me")
    assert [(each.figure, each.amount) for each in found.proposals] == [("banners", 3)]
    assert [(piece.text, piece.why) for piece in found.left] == [("2 pano", "not_asked")]


def test_every_figure_is_known_by_its_own_label() -> None:
    """From the kinds, without a word in the list of synonyms."""
    for figure in KINDS.figures():
        label = figure.label["vi"]
        if len(label.split()) > 1:
            assert totals(f"{label}: 7").get(figure.code) == 7, label


@given(st.text(max_size=200))
@pytest.mark.costly
def test_any_text_is_read_whole_and_unchanged(text: str) -> None:
    found = reading(text)
    assert "".join(piece.text for piece in found.pieces) == unicodedata.normalize("NFC", text)
    assert all(each.amount >= 0 for each in found.proposals)


@given(
    st.lists(
        st.sampled_from(
            [
                "3",
                "2 lần",
                "băng rôn",
                "tờ rơi",
                "/ngày",
                "x",
                "10 ngày",
                "2 thôn",
                "15 phút",
                "= 30 lần",
                "tổng cộng",
                "trong đó",
                "(",
                ")",
                ",",
                "và",
                "mỗi",
                "loa",
                "không",
                "Xã A:",
                "\n",
            ]
        ),
        max_size=14,
    )
)
def test_no_order_of_words_takes_a_number_that_is_not_there(words: list[str]) -> None:
    text = " ".join(words)
    for each in reading(text).proposals:
        for part in (each.working or str(each.amount)).split(" + "):
            factors = [int(factor) for factor in part.split(" × ")]
            assert prod(factors) <= each.amount
            if len(factors) == 1 and factors[0]:
                assert part in text.split(), "taken as it stands"
            for factor in factors:
                assert not factor or set(primes(factor)) <= {2, 3, 5}, "made of 2, 3 and 10 alone"


def primes(number: int) -> list[int]:
    return [each for each in range(2, number + 1) if number % each == 0 and all(each % less for less in range(2, each))]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["treo 3 băng rôn phát 20 lần loa ", "3 ", "2 lần x 3 ", "băng rôn ", "mỗi ngày 2 lần ", "Xã A: "]
)
@pytest.mark.costly
def test_a_long_message_takes_no_long_time(text: str) -> None:
    begun = time.process_time()
    reading(text * 4000)
    assert time.process_time() - begun < 5
