"""The form of a write, judged with no knowledge of kinds (SPEC W-1, W-2, W-4, ID-1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync import protocol
from sync.errors import Refused
from sync.text import encode_id, is_id
from sync.write import Create, Write, read, wire

ID, RECORD, OTHER = "w" * 16, "r" * 16, "s" * 16
HOME = {"kind": "banner", "unit": "u" * 16, "campaign": "c" * 16}
EDIT: dict[str, Any] = {"id": ID, "at": 5, "record": RECORD, "set": {"note": "x"}, "seen": [OTHER]}
CREATE: dict[str, Any] = {"id": ID, "at": 5, "record": ID, "set": {"note": "x"}, **HOME}


def test_an_edit_and_a_create_as_they_are_meant() -> None:
    """W-1, W-2."""
    assert read(EDIT) == Write(ID, 5, RECORD, {"note": "x"}, (OTHER,))
    assert read(CREATE) == Write(ID, 5, ID, {"note": "x"}, (), Create("banner", "u" * 16, "c" * 16))
    assert [wire(read(each)) for each in (EDIT, CREATE)] == [EDIT, CREATE]


def test_absent_record_means_a_create_and_absent_seen_nothing_seen() -> None:
    """W-1, W-2."""
    assert read({key: CREATE[key] for key in CREATE if key != "record"}) == read(CREATE)
    assert read({key: EDIT[key] for key in EDIT if key != "seen"}).seen == ()
    assert read(EDIT | {"seen": None}).seen == ()
    assert read(EDIT | {"seen": [OTHER, ID, OTHER]}).seen == tuple(sorted((OTHER, ID)))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"set": {}}, "set"),
        ({"set": None}, "set"),
        ({"set": [["note", "x"]]}, "set"),
        ({"set": {"__proto__": "x"}}, "__proto__"),
        ({"set": {"note": {"__proto__": 1}}}, "__proto__"),
        ({"at": None}, "at"),
        ({"at": True}, "at"),
        ({"at": 2**53}, "at"),
        ({"seen": "w" * 16}, "seen"),
        ({"seen": ["w" * 15]}, "seen"),
        ({"seen": [OTHER] * (protocol.SEEN_IDS + 1)}, "seen"),
        ({"id": None}, "id"),
        ({"record": 7}, "id"),
    ],
)
def test_what_is_not_of_the_form_is_refused_by_its_part(change: dict[str, Any], field: str) -> None:
    """W-1, W-8."""
    with pytest.raises(Refused) as refused:
        read(EDIT | change)
    assert (refused.value.code, refused.value.field) == ("bad_write", field)


@pytest.mark.parametrize(
    "raw",
    [
        *({key: CREATE[key] for key in CREATE if key != missing} for missing in HOME),
        CREATE | {"kind": "Băng rôn"},
        CREATE | {"unit": "Chính Nghĩa"},
        CREATE | {"campaign": 1},
    ],
)
def test_a_create_says_kind_unit_and_campaign(raw: dict[str, Any]) -> None:
    """W-2."""
    with pytest.raises(Refused) as refused:
        read(raw)
    assert (refused.value.code, refused.value.field) == ("bad_write", "kind")


@pytest.mark.parametrize("name", HOME)
def test_any_other_write_must_not_carry_them(name: str) -> None:
    """W-2, ID-3: not even with the values they have."""
    with pytest.raises(Refused) as refused:
        read(EDIT | {name: HOME[name]})
    assert (refused.value.code, refused.value.field) == ("bad_write", "record")


@pytest.mark.parametrize("text", ["", "a" * 15, "a" * 17, "a" * 15 + "=", "a" * 15 + "+", "á" * 16, "a" * 15 + "\n"])
def test_an_id_has_one_form(text: str) -> None:
    """ID-1."""
    assert not is_id(text)
    assert not is_id(None)


def test_every_96_bits_make_an_id() -> None:
    """ID-1: and no others are made."""
    assert {len(encode_id(bytes([n]) * 12)) for n in range(256)} == {16}
    assert all(is_id(encode_id(bytes([n]) * 12)) for n in range(256))
    with pytest.raises(ValueError, match="12 bytes"):
        encode_id(bytes(13))


@pytest.mark.parametrize("char", ["\x01", "\x7f", '"', "'", "\\", "đ", "\ufffd", "🎉", "\U000e0001"])
def test_bytes_are_counted_as_they_are_sent(char: str) -> None:
    """W-8: to the byte, whatever its characters need in JSON."""
    most = protocol.WRITE_BYTES
    each = len(json.dumps(char, ensure_ascii=False).encode()) - 2
    fields = {f"note{number}": char * (8_000 // each) for number in range(8)}

    def size(fill: str) -> int:
        return len(json.dumps({**EDIT, "set": fields | {"fill": fill}}, ensure_ascii=False).encode())

    room = most - size("")
    fill = char * (room // each) + "x" * (room % each)
    assert size(fill) == most
    assert read(EDIT | {"set": fields | {"fill": fill}}).id == ID
    with pytest.raises(Refused) as told:
        read(EDIT | {"set": fields | {"fill": f"{fill}x"}})
    assert told.value.code == "write_too_large"
