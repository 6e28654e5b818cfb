"""What lists and searches find a record by (sync/record.py)."""

from __future__ import annotations

import re
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sync.record import WORD_LENGTH, State, findable, words
from sync.registry import KINDS
from sync.text import fold
from sync.values import Value
from sync.write import Write

_ODD = st.sampled_from(
    ["Σ", "ς", "İ", "đ", "Ấ", "\u0301", "\u0323", "\u2000", "\x1c", "\x85", "\u200b", "_", "가", "x" * 50]
)


def whole(text: str) -> list[str]:
    """The words of a text that is folded in one piece, which is the rule (F-12)."""
    return sorted({word[:WORD_LENGTH] for word in re.findall(r"[^\W_]+", fold(text))})


@given(st.lists(st.one_of(_ODD, st.text()), max_size=30).map("".join))
def test_a_text_has_the_words_that_it_has_in_one_piece(text: str) -> None:
    assert words(text) == words(text) == whole(text)


def test_every_character_between_blanks_is_folded_as_in_one_piece() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    cased = [each for each in every if unicodedata.category(each) not in ("Cn", "Co", "Cs", "Lo")]
    text = "".join(f"aΣ{each}b {each}\u0301 {each}" for each in cased)
    assert words(text) == whole(text)


def state(**fields: list[Value]) -> State:
    """Each field with the values that survived, the one shown first at the front."""
    return State(
        {name: tuple(Write("w" * 16, 1, "w" * 16, {name: each}) for each in said) for name, said in fields.items()}
    )


def test_of_a_conflict_the_first_value_that_is_one_counts_and_the_words_of_every_side() -> None:
    place: Value = {"lat_e6": 20_700_000, "lon_e6": 106_000_000, "accuracy_m": 8}
    found = findable(
        KINDS["banner"],
        state(
            slogan=[None, "s1", "s2"],
            put_up_on=["hôm qua", "2021-07-21", "2021-07-22"],
            taken_down_on=["2021-07-30"],
            place=[{"lat_e6": 91_000_000, "lon_e6": 0, "accuracy_m": 1}, place],
            hamlet=["Thôn Đông"],
            note=["cổng chợ", None, "THÔN 3"],
        ),
    )
    assert (found.day, found.place, found.slogan, found.photos) == (
        "2021-07-21",
        (20_700_000, 106_000_000),
        "s1",
        False,
    )
    assert found.words == ("3", "cho", "cong", "dong", "thon")


def test_a_schedule_says_its_first_day_and_a_null_island_is_a_place() -> None:
    schedule: Value = {"from": "2021-07-21", "to": "2021-07-30", "times_a_day": 2}
    assert findable(KINDS["broadcast"], state(schedule=["2021-07-20", schedule])).day == "2021-07-21"
    nowhere: Value = {"lat_e6": 0, "lon_e6": 0, "accuracy_m": 1}
    assert findable(KINDS["banner"], state(place=[nowhere])).place == (0, 0)


def test_a_kind_that_no_file_has_any_more_is_found_by_its_photos_alone() -> None:
    said: dict[str, list[Value]] = {"note": ["chợ"], f"photos/{'0' * 16}": [{"sha256": "0" * 64}]}
    found = findable(None, state(**said))
    assert (found.day, found.place, found.slogan, found.photos, found.words) == ("", None, "", True, ())
