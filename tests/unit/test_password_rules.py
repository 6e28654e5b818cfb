"""Passwords that others would try first are refused, in every spelling; ordinary good ones are not."""

from __future__ import annotations

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from server.services.access.password_rules import PASSWORD_LENGTH, PasswordFault, fault

ABOUT = ("Nguyễn Thị Hoa", "xa.chinhnghia", "0912345678", "Xã Chính Nghĩa", "Huyện Kim Động", "Tỉnh Hưng Yên")
COMMON = FREQUENCY_LISTS["passwords"][:3000]


@pytest.mark.slow
@pytest.mark.costly
def test_the_3000_most_common_ones_are_refused_also_with_a_year_or_a_sign_behind() -> None:
    assert len(COMMON) == 3000
    for nth, word in enumerate(COMMON):
        for text in (word, f"{word}2021" if nth % 2 else f"{word.capitalize()}123!"):
            assert fault(text, ABOUT) is not None, text


@pytest.mark.parametrize(
    "password",
    [
        "password12",
        "P@ssw0rd2021",
        "Abc@123456",
        "1234567890",
        "aaaaaaaaaa",
        "12/07/2021!",
        "qwertyuiop",
        "asdfghjkl;",
        "1q2w3e4r5t",
        "zaq12wsxcde3",
        "matkhau123",
        "Mật khẩu 123",
        "một mật khẩu mới",
        "anhyeuem123",
        "Admin@2021",
        "hungyen2021",
        "Hưng Yên 2021",
        "HƯNG YÊN 2021!",
        "Chinh@Nghia2021",
        "Chính Nghĩa 12304",
        "xachinhnghia1",
        "xa.chinhnghia",
        "kimdong@331",
        "Kim Động 331",
        "Nguyễn Thị Hoa",
        "nguyenthihoa1985",
        "Nguyễn Thị Hoa 1985",
        "thihoa1990",
        "0912345678",
    ],
)
def test_what_others_would_guess_is_refused(password: str) -> None:
    assert len(password) >= PASSWORD_LENGTH
    assert fault(password, ABOUT) is PasswordFault.GUESSABLE


@pytest.mark.parametrize(
    "password",
    [
        "mật khẩu để thử 111",
        "correct horse battery",
        "tre già măng mọc",
        "bốn con chim nhỏ",
        "k9$Tq!w2Lp",
        "hai mốt con sên " * 30,
    ],
)
def test_a_good_one_is_taken(password: str) -> None:
    assert fault(password, ABOUT) is None


def test_names_matter_only_to_whose_they_are() -> None:
    assert fault("trịnh công phượng 77", ABOUT) is None
    assert fault("trịnh công phượng 77", ("Trịnh Công Phượng",)) is PasswordFault.GUESSABLE


def test_a_short_one_is_short() -> None:
    assert fault("k9$Tq!w2L", ABOUT) is PasswordFault.SHORT
