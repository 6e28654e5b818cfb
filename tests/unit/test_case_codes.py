"""Codes of cases: random, checked, and never a number of a telephone or a document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.services.cases import codes
from server.services.cases.codes import LENGTH, SIGNS

CODES = st.builds(codes.new)


@given(CODES, st.integers(0, LENGTH - 1), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_found(code: str, place: int, sign: str) -> None:
    wrong = code[:place] + sign + code[place + 1 :]
    assert codes.is_right(wrong) == (wrong == code)


@given(CODES, st.integers(0, LENGTH - 2))
def test_two_signs_that_changed_places_are_found(code: str, place: int) -> None:
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert codes.is_right(wrong) == (wrong == code)


@given(CODES)
def test_it_is_typed_as_it_is_read(code: str) -> None:
    assert codes.typed(f" {codes.written(code).lower()} ") == code
    assert len(codes.spoken(code).split()) == LENGTH


@given(st.from_regex(r"0?[0-9]{8,12}", fullmatch=True) | st.sampled_from(["Nguyễn Thị Lan", "NGUYEN LAN"]))
def test_a_number_or_a_name_is_none(text: str) -> None:
    assert codes.typed(text) == ""


def test_codes_are_not_alike() -> None:
    assert len({codes.new() for _ in range(5_000)}) == 5_000
