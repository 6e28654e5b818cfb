"""Letters that nobody wrote: nothing breaks, and what is found stands in the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.services.letters import facts
from server.services.letters.legacy import decoded, repaired
from server.services.letters.plain import one_line, plain
from server.services.letters.recognition.found import FIELDS, NOTES
from server.services.letters.recognition.reading import read
from support.letters.files import LETTERS as SAMPLES

WORDS = sorted({word for path in SAMPLES for word in path.read_text("utf-8").split()})
PIECES = st.one_of(
    st.sampled_from(WORDS), st.sampled_from(["\n", "\n\n", "\t", "“", "”", "  ", "ngày", "/"]), st.text(max_size=6)
)
LETTERS = st.lists(PIECES, max_size=120).map(" ".join)
LINES = st.lists(
    st.sampled_from([line for path in SAMPLES for line in path.read_text("utf-8").splitlines()]),
    max_size=40,
).map("\n".join)


@given(st.one_of(LETTERS, LINES, st.text(max_size=400)))
def test_what_is_found_stands_in_the_text(raw: str) -> None:
    text = plain(repaired(raw))
    reading = read(text)
    for each in reading.found:
        assert each.field in FIELDS
        assert 0 <= each.start < each.end <= len(text)
        assert one_line(text[each.start : each.end])
        assert each.value
        assert each.note == "" or each.note in NOTES
    facts.proposed(reading)
    facts.worked_out(reading)


@given(st.one_of(LETTERS, st.text(max_size=400)))
def test_plain_text_stays_as_it_is(raw: str) -> None:
    text = plain(raw)
    assert plain(text) == text
    assert "\r" not in text
    assert "\u00ad" not in text


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_none(data: bytes) -> None:
    text = decoded(data)
    assert text is None or isinstance(plain(text), str)
