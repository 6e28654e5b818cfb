"""The number of the hotline in a letter, and the numbers that are not."""

from __future__ import annotations

import pytest

from server.services.letters.recognition import found as f
from server.services.letters.recognition.reading import read
from support.letters.sentences import HEAD


def test_a_persons_telephone_is_no_hotline() -> None:
    text = HEAD.format(month=6) + "Sở Y tế đề nghị liên hệ đồng chí Lan, điện thoại 0912.345.678."
    assert read(text).first(f.HOTLINE) is None


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
