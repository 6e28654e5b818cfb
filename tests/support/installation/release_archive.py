"""Archives of releases for tests: of this tree, and of the release after it, each signed by a throw-away key."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from server import migrate

ROOT = Path(__file__).parents[3]
MIGRATION = '''"""A dummy table of the next release, and what may go wrong while it is made."""
import os, time
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{before}"
branch_labels = depends_on = None
{more}
def upgrade() -> None:
    op.create_table("dummy", sa.Column("id", sa.Integer, primary_key=True))
    fault = os.environ.get("TEST_FAULT")
    if fault == "full":
        raise OSError(28, "No space left on device")
    if fault == "power":
        with open(os.environ["TEST_MARK"], "w") as file:
            file.write("here")
        time.sleep(600)
def downgrade() -> None:
    op.drop_table("dummy")
'''


def made_archive(folder: Path, python: str) -> tuple[Path, Path]:
    """The archive of this tree with the packages of this Python alone, and the key that signed it."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    env = os.environ | {"LOA_SIGNING_KEY": str(folder / "key"), "LOA_RELEASE_DIST": str(folder / "dist")}
    made = subprocess.run(
        [sys.executable, ROOT / "tools/release.py", python], env=env, check=False, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    (file,) = (folder / "dist").glob("loa-*.tar.gz")
    return file, folder / "key"


def unpacked(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (made,) = folder.iterdir()
    return made


def next_release(archive: Path, key: Path, folder: Path, more: str = "") -> Path:
    """The archive with a later version and one more migration, signed anew. `more`: what the migration says, too."""
    made = unpacked(archive, folder)
    about = json.loads((made / "release.json").read_text()) | {"version": "9.9.9", "revision": "9999"}
    (made / "release.json").write_text(json.dumps(about, indent=1))
    (wheel,) = made.glob("wheels/loa-*.whl")
    _change(wheel, "server/_data/build.json", json.dumps(about))
    (before,) = migrate.expected()
    _change(wheel, "server/_data/migrations/versions/9999_dummy.py", MIGRATION.format(before=before, more=more))
    files = sorted(path for path in made.rglob("*") if path.is_file() and not path.name.startswith("SHA256SUMS"))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(made)}\n" for path in files]
    (made / "SHA256SUMS").write_text("".join(lines))
    (made / "SHA256SUMS.sig").unlink()
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "loa-release", made / "SHA256SUMS"], check=True)
    with tarfile.open(folder / "next.tar.gz", "w:gz", compresslevel=1) as tar:
        tar.add(made, "loa-9.9.9")
    return folder / "next.tar.gz"


def _change(wheel: Path, name: str, text: str) -> None:
    """Put a file into a wheel, in place of the one of that name."""
    before = wheel.rename(wheel.with_suffix(".before"))
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as new:
        for each in old.infolist():
            if each.filename != name:
                new.writestr(each, old.read(each))
        new.writestr(name, text)
    before.unlink()
