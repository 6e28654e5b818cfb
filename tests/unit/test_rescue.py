"""A rescue file opens whole or is refused with its own code: cut, altered, foreign, newer (SPEC R-2 to R-6)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.blobs.files import FileBlobs
from server.core.keyring import Purpose
from server.core.keyring_file import of_first
from server.core.secrets_at_rest import rescue_key_text
from server.services.recovery.rescue.opening import Sealed
from server.services.recovery.rescue.rescue_store import RescueStore
from support.clients.rescue_file import rescue_file
from sync import rescue
from sync.errors import Refused

SECRET = "a secret of at least thirty-two characters"  # not one of anybody's
DEVICE = "AAAAAAAAAAAAAAAA"
RING = of_first(SECRET)
KEY = rescue_key_text(DEVICE, RING.current(Purpose.RESCUE))
OTHER_KEY = rescue_key_text(DEVICE, of_first(SECRET + "!").current(Purpose.RESCUE))
WRITES = [{"id": "W" * 16, "at": 1, "record": "R" * 16, "set": {"note": "Thôn Tạ Thượng"}}, None, {"odd": [1.5]}]
PHOTOS = [b"a thumbnail", b"a photo" * 50]
WHOLE = rescue_file(DEVICE, KEY, WRITES, PHOTOS, iv=b"8 bytes!")
PLACES = st.integers(0, len(WHOLE) - 1)
VECTOR = Path(__file__).parents[2] / "sync" / "vectors" / "rescue.json"
any_file = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def opened(folder: Path, data: bytes, *, intact: bool = False) -> tuple[list[Any], set[str], bool]:
    """(writes, hashes of photos, damaged). Raises Refused."""
    path = folder / "file.loa"
    path.write_bytes(data)
    sealed = Sealed(path, RING)
    contents = sealed.check(intact=intact)
    for sha256, block in contents.photos.items():
        assert hashlib.sha256(sealed.contents(block)).hexdigest() == sha256
    return list(sealed.writes()), set(contents.photos), contents.damaged


def refusal(folder: Path, data: bytes, *, intact: bool = False) -> str:
    with pytest.raises(Refused) as told:
        opened(folder, data, intact=intact)
    return told.value.code


def hashes(photos: Sequence[bytes]) -> set[str]:
    return {hashlib.sha256(photo).hexdigest() for photo in photos}


def test_what_a_phone_sealed_is_read(tmp_path: Path) -> None:
    """R-2, R-3, R-4"""
    writes, photos, damaged = opened(tmp_path, WHOLE)
    assert writes[:2] == WRITES[:2]
    assert (len(writes), photos, damaged) == (3, hashes(PHOTOS), False)


def test_a_file_that_waits_is_as_durable_as_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    hub = RescueStore(RING, FileBlobs(tmp_path / "photos"), tmp_path)
    monkeypatch.setattr("os.fsync", lambda handle: synced.append(Path(f"/proc/self/fd/{handle}").readlink()))
    (tmp_path / "new.part").write_bytes(WHOLE)
    hub.hold(tmp_path / "new.part", DEVICE)
    assert synced == [hub.held(DEVICE), tmp_path]
    assert hub.held(DEVICE).read_bytes() == WHOLE


@any_file
@given(at=PLACES, flip=st.integers(1, 255))
def test_any_byte_changed_is_refused(tmp_path: Path, at: int, flip: int) -> None:
    """R-6"""
    changed = bytearray(WHOLE)
    changed[at] ^= flip
    assert refusal(tmp_path, bytes(changed)).startswith("rescue_")


@any_file
@given(length=PLACES)
@pytest.mark.slow
def test_a_file_that_ends_early_is_cut(tmp_path: Path, length: int) -> None:
    assert refusal(tmp_path, WHOLE[:length]) == ("rescue_cut" if length else "rescue_empty")


@any_file
@given(more=st.binary(min_size=1, max_size=50))
def test_nothing_comes_behind_the_end(tmp_path: Path, more: bytes) -> None:
    assert refusal(tmp_path, WHOLE + more) == "rescue_altered"


def split(data: bytes) -> tuple[bytes, list[bytes]]:
    """The start and the blocks of a file."""
    at = len(rescue.MAGIC) + 4 + int.from_bytes(data[len(rescue.MAGIC) : len(rescue.MAGIC) + 4], "big")
    start, blocks = data[:at], []
    while at < len(data):
        end = at + 5 + int.from_bytes(data[at + 1 : at + 5], "big")
        blocks.append(data[at:end])
        at = end
    return start, blocks


def test_no_block_is_moved_dropped_doubled_or_brought_from_another_file(tmp_path: Path) -> None:
    start, blocks = split(WHOLE)
    _, others = split(rescue_file(DEVICE, KEY, WRITES, PHOTOS, iv=b"another!"))
    assert start + b"".join(blocks) == WHOLE
    for odd in (
        [blocks[0], blocks[2], blocks[1], blocks[3]],
        [blocks[1], blocks[2], blocks[3]],
        [blocks[0], blocks[1], blocks[3]],
        [blocks[0], blocks[0], *blocks[1:]],
        [blocks[0], others[1], *blocks[2:]],
        [blocks[0], b"W" + blocks[1][1:], *blocks[2:]],
    ):
        assert refusal(tmp_path, start + b"".join(odd)) == "rescue_altered"


@any_file
@given(data=st.binary(max_size=200))
def test_what_is_no_rescue_file_is_told_so(tmp_path: Path, data: bytes) -> None:
    wanted = {"rescue_empty", "rescue_not_ours", "rescue_cut"}
    assert refusal(tmp_path, data) in wanted


@any_file
@given(data=st.binary(max_size=200))
def test_any_bytes_behind_the_magic_are_refused(tmp_path: Path, data: bytes) -> None:
    assert refusal(tmp_path, rescue.MAGIC + data) in {"rescue_altered", "rescue_cut"}


def test_other_files_have_their_own_codes(tmp_path: Path) -> None:
    assert refusal(tmp_path, rescue_file(DEVICE, KEY, WRITES, magic=b"LOARESCUE2\n")) == "rescue_newer"
    assert refusal(tmp_path, b"PK\3\4 an archive") == "rescue_not_ours"
    assert (
        refusal(
            tmp_path,
            rescue_file(DEVICE, OTHER_KEY, WRITES),
        )
        == "rescue_altered"
    )
    assert refusal(tmp_path, rescue_file("B" * 16, KEY, WRITES)) == "rescue_altered"
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(rescue.FILE_BYTES + 1)
    with pytest.raises(Refused) as told:
        Sealed(large, RING)
    assert told.value.code == "rescue_too_large"


def test_too_many_blocks_are_not_counted_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue, "BLOCKS", 3)
    assert refusal(tmp_path, WHOLE) == "rescue_too_large"


def test_of_a_damaged_file_what_opens_is_taken_when_asked_for(tmp_path: Path) -> None:
    """R-6"""
    start, blocks = split(WHOLE)
    hole = bytearray(blocks[1])
    hole[7] ^= 1
    writes, photos, damaged = opened(tmp_path, start + blocks[0] + bytes(hole) + b"".join(blocks[2:]), intact=True)
    assert (len(writes), photos, damaged) == (3, hashes(PHOTOS[1:]), True)
    writes, photos, damaged = opened(tmp_path, start + b"".join(blocks[:2]) + blocks[2][:40], intact=True)
    assert (len(writes), photos, damaged) == (3, hashes(PHOTOS[:1]), True)
    assert opened(tmp_path, WHOLE, intact=True)[2] is False
    assert refusal(tmp_path, start + blocks[0][:40], intact=True) == "rescue_cut"
    assert refusal(tmp_path, rescue_file("B" * 16, KEY, WRITES), intact=True) == "rescue_altered"


def test_a_block_of_writes_that_is_no_list_is_one_write_that_nobody_can_read(tmp_path: Path) -> None:
    blocks = [(b"W", b"{not json"), (b"W", b'{"a": 1}'), (b"W", json.dumps(WRITES[:1]).encode()), (b"E", b"")]
    writes, _, _ = opened(tmp_path, rescue_file(DEVICE, KEY, [], blocks=blocks))
    assert writes == [None, None, WRITES[0]]


def test_the_vector() -> None:
    """The same file from the same key, iv and contents: the phone's tests make it too."""
    for case in json.loads(VECTOR.read_text("utf-8"))["cases"]:
        blocks = [(kind.encode(), base64.b64decode(plain)) for kind, plain in case["blocks"]]
        iv = base64.urlsafe_b64decode(case["header"]["iv"] + "=")
        made = rescue_file(
            case["header"]["device"], case["key"], [], iv=iv, made_at=case["header"]["made_at"], blocks=blocks
        )
        assert base64.b64encode(made).decode() == case["file"]
        header = rescue.read_header(made)
        assert (header.device, header.made_at, header.app) == tuple(
            case["header"][name] for name in ("device", "made_at", "app")
        )
