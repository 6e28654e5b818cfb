"""Slogans in a letter: of every list and in every kind of quotes; places and names are none."""

from __future__ import annotations

import pytest

from server.services.letters.recognition import found as f
from server.services.letters.recognition.reading import read
from support.letters.sentences import HEAD


def test_what_is_quoted_without_being_called_a_slogan_is_none() -> None:
    assert read(HEAD.format(month=6) + "Sở Y tế đề nghị thực hiện mô hình “Gia đình an toàn”.").every(f.SLOGAN) == []


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
