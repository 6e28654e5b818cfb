"""Helpers of upload tests: a record that names a photo, the server's state of it, and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from server.core.clock import new_id
from server.serving.installation import installed
from support.clients.client import Client, Shot
from support.world.world import World


def announce(world: World, one: Client, photo: Shot, unit: str = "12286") -> str:
    """Make a record that names the photo. Returns its id."""
    id_ = new_id()
    head = {"kind": "banner", "unit": world.units[unit], "campaign": world.campaign}
    row = one.sync({"id": id_, "at": 1, **head, "set": {"submitted": True, **photo.register}})["results"][0]
    assert row["result"] == "stored", row
    return id_


def bring(one: Client, photo: Shot) -> None:
    """Upload its bytes, thumbnail first (P-2)."""
    assert one.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb).status_code == 201
    assert one.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201


def state(one: Client, sha256: str) -> Any:
    """The photo's state in an exchange."""
    return [row["state"] for row in one.sync(photos=[sha256])["photos"]]


def blob(world: World, key: str) -> Path:
    """Path of the stored bytes."""
    folder: Path = installed(world.app).settings.data_dir
    return folder / "photos" / key[:2] / key


def partial(world: World, username: str, sha256: str) -> Path:
    """Path of the bytes of an unfinished upload."""
    folder: Path = installed(world.app).settings.data_dir
    return folder / "partial" / f"{world.officers[username]}.{sha256}"


def shown(one: Client, record: str, photo: Shot, size: str = "full") -> tuple[int, bytes]:
    """Status and bytes of a record's photo."""
    answer = one.get(f"/records/{record}/photos/{photo.sha256[:16]}/{size}")
    return answer.status_code, answer.data
