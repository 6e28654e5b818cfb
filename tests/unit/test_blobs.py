"""What every store of photos promises (server/blobs/__init__.py), on each kind of store."""

from __future__ import annotations

import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.installation.stores import InBucket, InFolder, Store

KINDS = ("folder", pytest.param("s3", marks=pytest.mark.slow))
PHOTO = b"photo"
KEY = hashlib.sha256(PHOTO).hexdigest()
AT = f"{KEY[:2]}/{KEY}"


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return InFolder(tmp_path / "photos")
    return InBucket(request.getfixturevalue("s3").bucket())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(PHOTO)
    return path


def read(store: Store, key: str) -> bytes | None:
    file = store.blobs.open(key)
    if file is None:
        return None
    with file:
        return file.read()


def test_what_was_put_is_there(store: Store, source: Path, tmp_path: Path) -> None:
    store.blobs.put(KEY, source)
    assert store.blobs.has(KEY)
    assert read(store, KEY) == PHOTO
    assert store.blobs.sha256(KEY) == KEY
    assert store.blobs.fetch(KEY, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == PHOTO
    assert store.names() == [AT]


def test_what_was_not_put_is_not_there(store: Store, tmp_path: Path) -> None:
    assert not store.blobs.has(KEY)
    assert read(store, KEY) is None
    assert store.blobs.sha256(KEY) is None
    assert not store.blobs.fetch(KEY, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


def test_a_large_photo(store: Store, source: Path, tmp_path: Path) -> None:
    data = secrets.token_bytes(8 * 1024 * 1024)
    key = hashlib.sha256(data).hexdigest()
    source.write_bytes(data)
    store.blobs.put(key, source)
    assert read(store, key) == data
    assert store.blobs.fetch(key, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == data


def test_what_is_stored_shares_nothing_with_its_source(store: Store, source: Path) -> None:
    store.blobs.put(KEY, source)
    with source.open("r+b") as file:
        file.write(b"other")
    store.blobs.put(KEY, source)
    assert read(store, KEY) == PHOTO
    assert store.names() == [AT]


def test_a_source_that_is_gone(store: Store, source: Path) -> None:
    source.unlink()
    with pytest.raises(FileNotFoundError):
        store.blobs.put(KEY, source)


@pytest.mark.parametrize("suffix", ["", "-320"])
@pytest.mark.parametrize("damaged", [b"phot0", b"pho", b""])
def test_damaged_bytes_give_way_to_good_ones(store: Store, source: Path, suffix: str, damaged: bytes) -> None:
    """A photo, and a thumbnail, whose key is not its own hash."""
    store.blobs.put(KEY + suffix, source)
    store.write(AT + suffix, damaged)
    store.blobs.put(KEY + suffix, source)
    assert read(store, KEY + suffix) == PHOTO


def test_damaged_bytes_are_set_aside_and_kept(store: Store, source: Path) -> None:
    store.blobs.put(KEY, source)
    store.write(AT, b"phot0")
    store.blobs.set_aside(KEY)
    assert not store.blobs.has(KEY)
    assert read(store, KEY) is None
    assert store.blobs.sha256(KEY) is None
    (kept,) = [name for name in store.names() if name.startswith(f"damaged/{KEY}")]
    store.blobs.set_aside(KEY)
    store.blobs.put(KEY, source)
    assert read(store, KEY) == PHOTO
    assert store.names() == sorted([kept, AT])


def test_what_is_held_is_listed_by_its_first_signs(store: Store, source: Path) -> None:
    thumb, other = f"{KEY}-320", f"{'0' if KEY[0] != '0' else '1'}{KEY[1:]}"
    for key in (KEY, thumb, other):
        store.blobs.put(key, source)
    assert store.blobs.held(KEY[:2]) == {KEY, thumb}
    store.write(AT, b"phot0")
    store.blobs.set_aside(KEY)
    assert not store.blobs.has(KEY)
    assert store.blobs.held(KEY[:2]) == {thumb}
    store.blobs.drop([thumb])
    assert store.blobs.held(KEY[:2]) == set()
    assert store.blobs.held(other[:2]) == {other}


def test_good_bytes_are_not_set_aside(store: Store, source: Path) -> None:
    store.blobs.set_aside(KEY)
    store.blobs.put(KEY, source)
    store.blobs.set_aside(KEY)
    assert read(store, KEY) == PHOTO
    assert store.names() == [AT]


def test_dropped_bytes_are_gone_also_those_set_aside(store: Store, source: Path) -> None:
    other = "f" * 64
    for key in (KEY, f"{KEY}-320", other):
        store.blobs.put(key, source)
    store.write(AT, b"phot0")
    store.blobs.set_aside(KEY)
    store.blobs.put(KEY, source)
    store.blobs.drop([KEY, f"{KEY}-320", "0" * 64])
    assert store.names() == [f"ff/{other}"]
    assert store.forgotten == {KEY, f"{KEY}-320", "0" * 64}
    store.blobs.drop([])
    assert store.names() == [f"ff/{other}"]


def test_many_at_once(store: Store, source: Path) -> None:
    """Two officers bring one photo, and each connection of theirs is cut and begun again."""
    with ThreadPoolExecutor(16) as threads:
        for each in [threads.submit(store.blobs.put, KEY, source) for _ in range(32)]:
            each.result()
    assert read(store, KEY) == PHOTO
    assert store.names() == [AT]


def test_a_check_finds_nothing_and_leaves_nothing(store: Store) -> None:
    store.blobs.check()
    assert store.names() == []


def test_a_sweep_leaves_photos_alone(store: Store, source: Path) -> None:
    store.blobs.put(KEY, source)
    assert store.blobs.sweep(2**53) == 0
    assert store.names() == [AT]
