"""The second copy of the repository, encrypted by restic as docs/operate.md has it: on a disk, and on a real S3."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from support.clients.client import Client
from support.installation.backups import ONE
from support.installation.machine import Machine
from support.installation.s3 import S3

pytestmark = [
    pytest.mark.slow,
    pytest.mark.costly,
    pytest.mark.databases("sqlite"),
    pytest.mark.skipif(shutil.which("restic") is None, reason="no restic here"),
]
PAPER = Path(__file__).parents[2] / "docs" / "operate.md"


def told() -> list[str]:
    """The commands that an administrator is told, in their order."""
    block = re.search(r"```\n(export RESTIC.*?)```", PAPER.read_text("utf-8"), re.DOTALL)
    assert block
    return [line.partition(" #")[0].strip() for line in block[1].splitlines()]


@pytest.mark.parametrize("where", ["disk", "s3"])
def test_a_copy_by_restic_is_brought_back(
    here: Machine, there: Machine, calling: Client, tmp_path: Path, s3: S3, where: str
) -> None:
    assert calling.token
    store, back = tmp_path / "loa", tmp_path / "back"
    kept = replace(here, more={"LOA_BACKUP_DIR": str(store)})
    kept.done("backup")
    (tmp_path / "password").write_text("on paper")
    at = str(tmp_path / "copy")
    if where == "s3":
        bucket = s3.bucket()
        at = f"s3:{bucket.endpoint}/{bucket.name}/{bucket.prefix}"
    places = {
        "/etc/loa/restic_password": str(tmp_path / "password"),
        "sftp:backup@other:/loa": at,
        "/mnt/other/loa": str(store),
        "/mnt/back": str(back),
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "RESTIC_"))}
    env |= {"AWS_ACCESS_KEY_ID": "owner", "AWS_SECRET_ACCESS_KEY": "owner's secret", "HOME": str(tmp_path)}
    commands = told()
    assert {line.split()[1] for line in commands if line.startswith("restic")} == {
        "init",
        "backup",
        "forget",
        "check",
        "restore",
    }
    script = "\n".join(["set -e", *commands])
    for name, place in places.items():
        assert name in script
        script = script.replace(name, place)
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    brought = back / store.relative_to("/")
    assert "whole" in replace(here, more={"LOA_BACKUP_DIR": str(brought)}).done("backup", "verify")
    (night,) = (brought / "nights").iterdir()
    assert "2 records; 5 photos" in there.done("restore", "--without-keys", night)
    if where == "disk":
        held = b"".join(path.read_bytes() for path in Path(at).rglob("*") if path.is_file())
        assert ONE.data[:64] not in held
