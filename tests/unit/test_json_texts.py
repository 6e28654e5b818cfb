"""The quick JSON text parses to what Python's own parses to, whatever the value; what is hashed is Python's own."""

from __future__ import annotations

import json
import math
from datetime import date
from enum import StrEnum
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.core.bulk import json_text
from server.core.canonical import canonical, digest

TEXTS = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=8)
"""Halves of surrogate pairs, too: Hypothesis leaves them out unless they are asked for."""
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=24
)


class Word(StrEnum):
    ONE = "một"


def nested(depth: int) -> Any:
    """Lists in lists."""
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


BEYOND = (2**64, -(2**63) - 1, 10**400, "\ud83c", {"\udfff": "a"}, {1: "a", 2.5: "b"}, nested(600))
"""What orjson alone does not take."""


def parsed(text: str) -> str:
    """What it says, with what in Python is equal but of another type, or in another order, told apart."""
    return repr(json.loads(text))


@given(VALUES)
@example("\u0000\u007f\u2028\ufeff\U0001f389")
@example([2**63, 2**64 - 1, -(2**63), 2**53 + 1, -0.0, 5e-324, 1.7976931348623157e308])
@example({"\ud800": ["\udfff", 2**80, {"": None}]})
def test_it_parses_to_the_same(value: Any) -> None:
    assert parsed(json_text(value)) == parsed(json.dumps(value))


@pytest.mark.parametrize("value", BEYOND, ids=lambda value: type(value).__name__)
def test_what_the_library_does_not_take(value: Any) -> None:
    with pytest.raises(TypeError):
        orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    assert parsed(json_text(value)) == parsed(json.dumps(value))


def test_half_a_pair_goes_out_as_ascii() -> None:
    """The text can be encoded, so an answer that holds one is sent, and a row that holds one is stored."""
    assert json_text({"a": "ế\ud800"}).encode() == b'{"a":"\\u1ebf\\ud800"}'


def test_what_json_does_not_have_is_refused() -> None:
    for value in (date(2021, 7, 30), {1, 2}, b"x", object()):
        with pytest.raises(TypeError):
            json_text(value)
    assert json_text([Word.ONE, (1, 2)]) == '["một",[1,2]]'


def test_what_is_hashed_is_as_it_always_was() -> None:
    """Chains, seals and signatures of earlier versions are checked with these bytes."""
    value = {"ế": [1, 2.5, None, True], "a": {"b\n": 2**70}, "\u2028": "\x7f"}
    text = '{"a":{"b\\n":1180591620717411303424},"ế":[1,2.5,null,true],"\u2028":"\x7f"}'
    assert canonical(value) == text
    assert digest(text) == "055e002982905bec26d6eaffc87ac2bd73694f94f691797a6b8b58373b28d44b"
    with pytest.raises(ValueError, match="JSON"):
        canonical(math.nan)
