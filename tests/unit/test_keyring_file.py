"""The file of later keys: whole, private, and of this installation, or the start stops with one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.core import keyring_file
from server.core.keyring import FIRST, Keyring
from server.settings import Settings, UnsafeSettings

SECRET = "a secret of at least thirty-two characters"
FIRST_RING = keyring_file.of_first(SECRET)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ring of three keys, the first secret among them."""
    made = tmp_path / keyring_file.NAME
    later = (keyring_file.new_secret(5), keyring_file.new_secret(6))
    keyring_file.write(made, Keyring((*FIRST_RING.secrets, *later)))
    return made


def settings(file: Path, **more: str) -> Settings:
    return Settings.from_environment({"LOA_DATA_DIR": str(file.parent), "LOA_SECRET_KEY": SECRET} | more)


def test_what_was_written_is_read(file: Path) -> None:
    ring = settings(file).keyring
    assert [secret.made_at for secret in ring.secrets] == [None, 5, 6]
    assert ring.secrets[0] == FIRST_RING.secrets[0]
    keyring_file.write(file, ring)
    assert settings(file).keyring == ring
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert SECRET not in file.read_text("utf-8")


def test_the_file_may_be_elsewhere(file: Path, tmp_path: Path) -> None:
    moved = file.rename(tmp_path / "another.json")
    assert len(settings(file).keyring.secrets) == 1
    assert len(settings(file, LOA_KEYRING_FILE=str(moved)).keyring.secrets) == 3


def test_once_the_first_secret_is_retired_it_is_not_read(file: Path) -> None:
    keyring_file.write(file, Keyring(settings(file).keyring.secrets[1:]))
    ring = Settings.from_environment({"LOA_DATA_DIR": str(file.parent)}).keyring
    assert FIRST not in {secret.id for secret in ring.secrets}
    assert len(ring.secrets) == 2
    assert not (file.parent / "secret_key").exists()


def test_without_its_first_secret_the_ring_is_refused_and_none_is_made(file: Path) -> None:
    for env in ({}, {"LOA_SECRET_KEY": SECRET + "!"}):
        with pytest.raises(UnsafeSettings, match="LOA_SECRET_KEY"):
            Settings.from_environment({"LOA_DATA_DIR": str(file.parent)} | env)
    assert not (file.parent / "secret_key").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_what_others_may_read_or_write_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(UnsafeSettings, match="chmod 600"):
        settings(file)


def test_what_cannot_be_read_is_refused(file: Path) -> None:
    file.unlink()
    file.mkdir()
    with pytest.raises(UnsafeSettings, match="LOA_KEYRING_FILE"):
        settings(file)


def changed(change: Callable[[Any], None]) -> Callable[[Path], None]:
    def go(file: Path) -> None:
        said = json.loads(file.read_text("utf-8"))
        change(said)
        file.write_text(json.dumps(said), "utf-8")

    return go


DAMAGED: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_text(""),
    "cut": lambda file: file.write_text(file.read_text()[:60]),
    "not text": lambda file: file.write_bytes(b"\xff\xfe"),
    "a list": lambda file: file.write_text("[]"),
    "newer": changed(lambda said: said.update(form=2)),
    "no keys": changed(lambda said: said.pop("keys")),
    "not even the first": changed(lambda said: said.update(first=None, keys=[])),
    "another id": changed(lambda said: said["keys"][0].update(id="00000000")),
    "another key": changed(lambda said: said["keys"][0].update(key=said["keys"][1]["key"])),
    "a short key": changed(lambda said: said["keys"][0].update(key="AAAA")),
    "no base64": changed(lambda said: said["keys"][0].update(key="!")),
    "no time": changed(lambda said: said["keys"][0].update(made_at=None)),
    "a key that is no object": changed(lambda said: said.update(keys=["x"])),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_what_is_damaged_is_refused(file: Path, how: str) -> None:
    DAMAGED[how](file)
    with pytest.raises(UnsafeSettings, match="damaged or of a newer Loa"):
        settings(file)


def test_a_secret_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(b"\xff" * 40)
    with pytest.raises(UnsafeSettings, match="cannot be read"):
        Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)})
