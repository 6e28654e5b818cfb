"""A server and an app of an earlier commit, built from the repository's own history, each beside the other of today."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from support.installation.databases import Engine
from support.installation.served import Served

ROOT = Path(__file__).parents[3]
LOA = (sys.executable, "-P", "-c", "from server.commands import main; main()")
FILL = """
import sys
from datetime import date
from pathlib import Path
from sqlalchemy import update
from server.core.db import writing
from server.models import Campaign
from support.world.world import world
with world(sys.argv[1], Path(sys.argv[2])) as made:
    with made.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(ends_on=date(2100, 1, 1)))  # a browser's clock is the machine's
    print(made.code("xa1"), made.token("xa2"), sep="\\n")
"""
"""The province of the tests, with a code of one officer of a commune and a token of another."""


def is_known(commit: str) -> bool:
    """Whether this checkout has its history: an archive of the sources has none."""
    asked = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(asked, cwd=ROOT, check=False, capture_output=True).returncode == 0


def driver(tree: Path, module: str) -> ModuleType:
    """What drives the pages of a tree in its own words: a module below its `tests/support`."""
    path = tree / "tests/support" / f"{module}.py"
    spec = importlib.util.spec_from_file_location(f"support_of_{tree.name}.{module.replace('/', '_')}", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found  # its dataclasses look for it
    spec.loader.exec_module(found)
    return found


@dataclass(frozen=True)
class Tree:
    """Sources of a server, with an app that it serves."""

    folder: Path

    def run(self, *words: str | Path, **env: str) -> str:
        """Run Python with this tree's packages; returns what it said."""
        done = subprocess.run(words, env=os.environ | self.env | env, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def env(self) -> dict[str, str]:
        return {"PYTHONPATH": f"{self.folder}{os.pathsep}{self.folder / 'tests'}"}

    @contextmanager
    def served(self, engine: Engine, data_dir: Path) -> Iterator[tuple[str, str, str]]:
        """Serve the province on a new database: (address, a code of xa1, a token of xa2)."""
        url = engine.empty()
        settings = {"LOA_DATABASE_URL": url, "LOA_DATA_DIR": str(data_dir)}
        self.run(*LOA, "db", "upgrade", **settings)
        code, token = self.run(sys.executable, "-P", "-c", FILL, url, data_dir).split()
        server = Served(url, data_dir, settings=self.env | {"LOA_WORKERS": "1"}, command=(*LOA, "serve"))
        server.start()
        try:
            yield server.url, code, token
        finally:
            server.kill()


def today_with(app: Path, folder: Path) -> Tree:
    """Today's server, serving a build of the app."""
    for name in ("server", "sync", "migrations", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", "recorded")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copytree(app, folder / "pwa/dist")
    return Tree(folder)


def earlier(commit: str, folder: Path) -> Tree:
    """The sources of a commit, with the app of then built by the packages of today."""
    folder.mkdir()
    archive = folder.with_suffix(".tar")
    subprocess.run(["git", "archive", "--output", archive, commit], cwd=ROOT, check=True)
    with tarfile.open(archive) as sources:
        sources.extractall(folder, filter="data")
    (folder / "pwa/node_modules").symlink_to(ROOT / "pwa/node_modules")
    words: list[str | Path] = [
        sys.executable,
        ROOT / "tools/setup.py",
        "npm",
        "--prefix",
        folder / "pwa",
        "run",
        "build",
    ]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return Tree(folder)
