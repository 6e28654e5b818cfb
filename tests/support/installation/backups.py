"""Backups in tests: two photos, a script, and ways to damage them."""

from __future__ import annotations

from errno import ENOSPC
from pathlib import Path

from sqlalchemy import create_engine

from support.clients.client import Client, Shot, shot
from support.clients.uploading import state
from support.installation.machine import Machine

LETTER = Path(__file__).parents[3] / "docs"
ONE, TWO = shot(1), shot(2)


def bring(client: Client, photo: Shot) -> None:
    for data, sha256 in ((photo.thumb, photo.thumb_sha256), (photo.data, photo.sha256)):
        assert client.create_upload(sha256, len(data), data).status_code == 201
    assert state(client, photo.sha256) == ["verified"]


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()  # it is a hard link and shares its bytes
    path.write_bytes(content)


def full_disk(*_args: object, **_named: object) -> None:
    raise OSError(ENOSPC, "No space left on device")


def kept_records(machine: Machine, aside: str) -> int:
    if machine.url.startswith("sqlite"):
        return len(Machine(f"sqlite:///{aside}", machine.data_dir).rows()["record"])
    engine = create_engine(machine.url)
    with engine.connect() as connection:
        name = aside.removeprefix("schema ")
        count = connection.exec_driver_sql(f'SELECT count(*) FROM "{name}".record').scalar_one()
    engine.dispose()
    return int(count)
