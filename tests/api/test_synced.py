"""What the hub says it keeps is on the disk by then, its name too (SPEC G1, P-5, B-6)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from server.blobs.files import FileBlobs
from server.core.keyring_file import of_first
from server.services.continuity import revocations
from server.services.recovery.rescue.rescue_store import RescueStore
from support.clients.client import Client, shot
from support.clients.uploading import announce, partial
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

FACE = shot()


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files and folders that were, in their order."""
    fsync, paths = os.fsync, list[Path]()

    def noting(file: int) -> None:
        paths.append(Path(f"/proc/self/fd/{file}").readlink())
        fsync(file)

    monkeypatch.setattr(os, "fsync", noting)
    return paths


def test_a_partial_upload(world: World, client: Callable[[str], Client], synced: list[Path]) -> None:
    """P-5: bytes without what its creation said would be nobody's."""
    one = client("xa1")
    announce(world, one, FACE)
    assert one.create_upload(FACE.sha256, len(FACE.data)).status_code == 201
    path = partial(world, "xa1", FACE.sha256)
    assert [path.with_name(f"{path.name}-about"), path.parent] == [each for each in synced if "partial" in each.parts]
    assert one.append(FACE.sha256, 0, FACE.data[:100]).status_code == 204
    assert path in synced


def test_who_was_shut_out(tmp_path: Path, synced: list[Path]) -> None:
    """B-6: another process made the file a moment ago, and has not come to that."""
    path = tmp_path / "revocations.ndjson"
    path.write_text('{"at": 1, "what": "device", "id": "c", "ended": true}\n')
    revocations.append(path, [{"at": 1, "what": "device", "id": "d", "ended": True}])
    assert synced == [path, tmp_path]


def test_new_folders(tmp_path: Path, synced: list[Path]) -> None:
    """Each in the one above it."""
    (tmp_path / "photo").write_bytes(b"damaged")
    blobs = FileBlobs(tmp_path / "data" / "photos")
    assert synced == [tmp_path, tmp_path / "data"]
    blobs.put(FACE.sha256, tmp_path / "photo")
    synced.clear()
    blobs.set_aside(FACE.sha256)
    photos = tmp_path / "data" / "photos"
    assert synced == [photos, photos / "damaged", photos / FACE.sha256[:2]]
    synced.clear()
    RescueStore(of_first("secret"), blobs, tmp_path / "data" / "rescue").room(".part")
    assert synced == [tmp_path / "data"]
