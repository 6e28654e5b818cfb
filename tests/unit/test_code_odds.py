"""The odds of guessing an enrolment code, reckoned from the constants that hold and the pace that is kept."""

from __future__ import annotations

import secrets
import time

import pytest

from server.core.secrets_at_rest import CODES, new_code
from server.services.access.code_door import GUESSES_A_SECOND, RateLimit
from sync.code import CODE_DIGITS, check_digit, is_whole

LIVE_CODES = 10_600
HOURS = 72
HOSTS = 3


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only the test moves."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def looked_up(clock: list[float], seconds: int, blocks: int) -> int:
    """Codes that a host looks up for a crowd that asks ten times as often as it may, from so many address blocks."""
    pace, taken = RateLimit(GUESSES_A_SECOND, GUESSES_A_SECOND), 0
    for _ in range(seconds * GUESSES_A_SECOND * 10):
        clock[0] += 1 / (GUESSES_A_SECOND * 10)
        block = f"b{secrets.randbelow(blocks)}"
        if pace.take(block):
            taken += 1
            pace.note_wrong(block)
    return taken


@pytest.mark.parametrize("blocks", [1, 10**9])
def test_however_many_addresses_guess_the_odds_of_one_success_are_below_one_in_a_thousand(
    clock: list[float], blocks: int
) -> None:
    seconds = 20
    a_second = (looked_up(clock, seconds, blocks) - GUESSES_A_SECOND) / seconds
    assert a_second <= GUESSES_A_SECOND * 1.01
    guesses = HOSTS * (a_second * HOURS * 3600 + GUESSES_A_SECOND)
    assert guesses * LIVE_CODES / CODES <= 1 / 1000


def test_an_address_that_guessed_nothing_wrong_goes_through_beside_one_that_does(clock: list[float]) -> None:
    pace = RateLimit(GUESSES_A_SECOND, GUESSES_A_SECOND)
    for number in range(5_000):
        clock[0] += 0.001
        if pace.take("guesser"):
            pace.note_wrong("guesser")
        if number % 100 == 99:
            assert pace.take(f"officer {number}")


def test_codes_are_whole_and_differ_in_fifteen_digits() -> None:
    drawn = {new_code() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(is_whole(code) for code in drawn)
    assert CODES == 10 ** (CODE_DIGITS - 1)


def test_every_wrong_digit_and_every_swap_of_neighbours_is_found() -> None:
    for _ in range(50):
        code = new_code()
        wrong = {code[:at] + digit + code[at + 1 :] for at in range(CODE_DIGITS) for digit in "0123456789"}
        swapped = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(CODE_DIGITS - 1)}
        assert [other for other in (wrong | swapped) - {code} if is_whole(other)] == []
    assert check_digit("572") == "4"  # Damm's own example
