"""What uploads do with files: stored bytes are nobody else's, a full disk loses nothing, a stop is made up for."""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.blobs.files import FileBlobs
from server.core.clock import new_id
from server.core.db import reading
from server.core.problem_details import Problem
from server.models import Meta, PhotoRef
from server.services.photos import garbage, photo_index, uploads
from server.services.photos.uploads import Upload
from server.serving.installation import installed
from support.clients.client import MakeClient, Shot, shot
from support.clients.uploading import announce, blob, partial, state
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

SHA256 = "0" * 64


def taken(upload: Upload, offset: int, data: bytes) -> int:
    """Bytes that do not make it whole: nothing is judged, so neither streams nor blobs are asked."""
    return uploads.take(upload, offset, BytesIO(data), lambda _: [], FileBlobs(upload.path.parent / "photos"))


def test_what_is_stored_shares_nothing_with_its_source(tmp_path: Path) -> None:
    source, blobs = tmp_path / "source", FileBlobs(tmp_path / "photos")
    source.write_bytes(b"photo")
    key = hashlib.sha256(b"photo").hexdigest()
    blobs.put(key, source)
    with source.open("r+b") as file:
        file.write(b"other")
    blobs.put(key, source)
    stored = blobs.open(key)
    assert stored is not None
    with stored:
        assert stored.read() == b"photo"
    assert [path.name for path in (tmp_path / "photos").rglob("*") if path.is_file()] == [key]


@pytest.mark.parametrize("suffix", ["", "-320"])
def test_bytes_that_a_disk_damaged_give_way_to_good_ones(tmp_path: Path, suffix: str) -> None:
    """A photo, and a thumbnail, whose key is not its own hash; a backup has the old file under a second name."""
    source, folder = tmp_path / "source", tmp_path / "photos"
    source.write_bytes(b"photo")
    key = hashlib.sha256(b"photo").hexdigest() + suffix
    blobs = FileBlobs(folder)
    blobs.put(key, source)
    (tmp_path / "backup").hardlink_to(folder / key[:2] / key)
    (folder / key[:2] / key).write_bytes(b"phot0")
    blobs.put(key, source)
    assert (folder / key[:2] / key).read_bytes() == b"photo"
    assert (tmp_path / "backup").read_bytes() == b"phot0"


@pytest.mark.parametrize("moment", ["before it looks", "as it moves"])
def test_right_bytes_that_came_for_damaged_ones_are_not_moved_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A backup found them damaged; a phone brings them while it moves them out of the way (B-13)."""
    source, folder, rename = tmp_path / "source", tmp_path / "photos", Path.rename
    source.write_bytes(b"photo")
    key = hashlib.sha256(b"photo").hexdigest()
    blobs = FileBlobs(folder)
    blobs.put(key, source)
    (folder / key[:2] / key).write_bytes(b"phot0")

    def put_and_rename(self: Path, target: Path) -> Path:
        monkeypatch.undo()
        blobs.put(key, source)
        return rename(self, target)

    if moment == "as it moves":
        monkeypatch.setattr(Path, "rename", put_and_rename)
    else:
        blobs.put(key, source)
    blobs.set_aside(key)
    assert (folder / key[:2] / key).read_bytes() == b"photo"
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [key]


def test_another_length_begins_anew_in_a_new_file(tmp_path: Path) -> None:
    partials = uploads.Partials(tmp_path)
    first = partials.create("officer", SHA256, 10)
    taken(first, 0, b"12345")
    kept = tmp_path / "another name"
    kept.hardlink_to(first.path)
    assert partials.create("officer", SHA256, 10).offset == 5
    second = partials.create("officer", SHA256, 11)
    assert (second.offset, kept.read_bytes()) == (0, b"12345")
    with pytest.raises(Problem, match="not_found"):
        taken(first, 0, b"12345")


def test_what_comes_late_makes_no_file(tmp_path: Path) -> None:
    upload = uploads.Partials(tmp_path).create("officer", SHA256, 10)
    upload.path.unlink()
    with pytest.raises(Problem, match="not_found"):
        taken(upload, 0, b"12345")
    assert not upload.path.exists()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system writes a file up to this size and no further, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_half_a_piece_keeps_that_half(tmp_path: Path) -> None:
    data = bytes(range(256)) * 8
    upload = uploads.Partials(tmp_path).create("officer", SHA256, len(data) + 1)
    with files_of_at_most(1_500), pytest.raises(OSError, match="No space left"):
        taken(upload, 0, data)
    assert upload.offset == 1_500
    assert taken(upload, 1_500, data[1_500:]) == len(data)
    assert upload.path.read_bytes() == data


def stopped(world: World, username: str, photo: Shot) -> None:
    """The server stopped when all bytes were there and nothing was said of them."""
    upload = installed(world.app).partials.create(world.officers[username], photo.sha256, len(photo.data))
    upload.path.write_bytes(photo.data)


def test_what_came_whole_before_a_stop_is_finished_when_asked(world: World, client: MakeClient) -> None:
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    stopped(world, "xa1", photo)
    assert one.offset(photo.sha256) == -1
    made = one.create_upload(photo.sha256, len(photo.data), photo.data[:100])
    assert (made.status_code, made.headers["Upload-Offset"]) == (201, str(len(photo.data)))
    assert state(one, photo.sha256) == ["verified"]
    assert not list(partial(world, "xa1", photo.sha256).parent.glob(f"*{photo.sha256}*"))
    stopped(world, "xa1", photo)
    assert one.append(photo.sha256, len(photo.data), b"").status_code == 204


def test_finished_twice_is_finished(world: World, client: MakeClient) -> None:
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    upload = installed(world.app).partials.create(world.officers["xa1"], photo.sha256, len(photo.data))
    assert one.append(photo.sha256, 0, photo.data).status_code == 204
    with world.app.app_context():
        with reading() as session:
            streams = list(session.scalars(select(PhotoRef.stream_id).where(PhotoRef.sha256 == photo.sha256)))
        blobs = installed(world.app).blobs
        assert uploads.take(upload, len(photo.data), BytesIO(), lambda _: streams, blobs) == len(photo.data)


def test_bytes_that_were_lost_are_asked_for_again(world: World, client: MakeClient) -> None:
    """A database may be restored that is newer than the photos."""
    one, photo = client("xa1"), shot()
    record = announce(world, one, photo)
    one.create_upload(photo.sha256, len(photo.data), photo.data)
    blob(world, photo.sha256).unlink()
    with world.app.app_context(), reading() as session:
        units, blobs = [world.units["12286"]], installed(world.app).blobs
        states = photo_index.states(session, world.officers["xa1"], units, [photo.sha256])
    assert states == [{"sha256": photo.sha256, "state": "verified"}], "by the database alone"
    assert photo_index.there(states, blobs) == [{"sha256": photo.sha256, "state": "wanted"}]
    assert one.create_upload(photo.sha256, len(photo.data)).headers["Upload-Offset"] == "0"
    assert one.append(photo.sha256, 0, photo.data).status_code == 204
    assert one.get(f"/records/{record}/photos/{photo.sha256[:16]}/full").data == photo.data


@pytest.mark.parametrize("noted", [False, True])
def test_bytes_that_a_purge_dropped_on_the_way_are_stored_again(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch, noted: bool
) -> None:
    """A purge of another record that had the same photo; it was done, or it failed behind the store (L-11)."""
    one, photo = client("xa1"), shot()
    record = announce(world, one, photo)
    keep_bytes = garbage.keep_bytes

    def beside(session: Session) -> None:
        keep_bytes(session)
        blob(world, photo.sha256).unlink()
        if noted:
            session.merge(Meta(key=garbage.DROPPED, value=new_id()))
            session.flush()

    with monkeypatch.context() as patch:
        patch.setattr(garbage, "keep_bytes", beside)
        assert one.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201
    assert one.get(f"/records/{record}/photos/{photo.sha256[:16]}/full").data == photo.data
