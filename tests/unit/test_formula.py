"""Text of a CSV file never becomes a formula."""

from __future__ import annotations

import pytest

from server.core.spreadsheet import harmless


@pytest.mark.parametrize(
    "text", ["=1+1", " =1", "+1", "-1", "@A1", "\t=1", "\uff1dcmd|'/c calc'!A0", "\u3000\uff0b1", "\uff20x"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    """Also in the full width of an East Asian keyboard."""
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=1", "Xã Chính Nghĩa", "", "１＋１", 5, -5, None, True])
def test_anything_else_stays_as_it_is(value: object) -> None:
    assert harmless(value) == value
