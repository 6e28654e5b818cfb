"""What tests of uploads share: a record that names a photo, what the hub says of it, and where its files are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from server.core.clock import new_id
from support.client import Client, Shot
from support.world import World


def announce(world: World, one: Client, photo: Shot, unit: str = "12286") -> str:
    """A record that names the photo."""
    id_ = new_id()
    head = {"kind": "banner", "unit": world.units[unit], "campaign": world.campaign}
    row = one.sync({"id": id_, "at": 1, **head, "set": {"submitted": True, **photo.register}})["results"][0]
    assert row["result"] == "stored", row
    return id_


def bring(one: Client, photo: Shot) -> None:
    """Its bytes, thumbnail first (P-2)."""
    assert one.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb).status_code == 201
    assert one.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201


def state(one: Client, sha256: str) -> Any:
    """What an exchange says of the photo."""
    return [row["state"] for row in one.sync(photos=[sha256])["photos"]]


def blob(world: World, key: str) -> Path:
    """Where the stored bytes are."""
    folder: Path = world.app.extensions["loa_settings"].data_dir
    return folder / "photos" / key[:2] / key


def partial(world: World, username: str, sha256: str) -> Path:
    """Where the bytes of an upload that is not whole are."""
    folder: Path = world.app.extensions["loa_settings"].data_dir
    return folder / "partial" / f"{world.officers[username]}.{sha256}"
