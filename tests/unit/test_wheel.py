"""The wheel: built for real, installed beside the packages of the run lock, and served without the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert

from server.models.installation import DEMO, Meta
from support.installation.databases import Sqlite
from support.installation.served import Served

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
DESK_BUILT = ("server/desk/static/built/map.js", "server/desk/static/built/map.css")
NOT_LENT = ("loa-", "_editable_impl_loa", "server", "sync")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-c", BUILD, folder], cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("loa-*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    """A new environment with the wheel, the packages of this one, and a folder of data."""

    program: Path
    folder: Path

    def loa(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("LOA_", "PYTHON"))}
        env |= {"LOA_DATA_DIR": str(self.folder / "data")}
        return subprocess.run(
            [self.program, *words], cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", wheel], check=True)
    (folder / "lent").mkdir()
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not package.name.startswith(NOT_LENT) and package.suffix != ".pth":
            (folder / "lent" / package.name).symlink_to(package)
    (site,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    (site / "lent.pth").write_text(f"{folder / 'lent'}\n")
    return Installed(folder / "venv" / "bin" / "loa", folder)


def test_the_wheel_has_no_demo_and_offers_none(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        (about,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        said = Parser().parsestr(file.read(about).decode())
    assert [name for name in names if name.startswith("server/demo") or "font" in name] == []
    assert said.get_all("Provides-Extra") is None
    assert [needed for needed in said.get_all("Requires-Dist", []) if "extra" in needed] == []
    assert {"server/cli/demo.py", "server/_data/pwa/index.html", "server/_data/migrations/env.py", *DESK_BUILT} <= set(
        names
    )
    assert (ROOT / "server" / "demo" / "making.py").exists()
    migrations = {str(path.relative_to(ROOT)) for path in (ROOT / "migrations").rglob("[0-9]*.py")}
    assert len(migrations) > 30
    assert {f"server/_data/{name}" for name in migrations} <= set(names)


@pytest.mark.costly
def test_it_serves_without_the_demo(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(installed.folder)
    told = installed.loa("demo")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("Error: This installation has no demo: make run sets one up in a checkout of Loa")
    assert not (installed.folder / "data").exists()
    made = installed.loa("init")
    assert made.returncode == 0, made.stderr
    data = installed.folder / "data"
    server = Served(f"sqlite:///{data / 'loa.sqlite'}", data, command=(installed.program, "serve", "--ready"))
    server.start()
    try:
        with urllib.request.urlopen(f"{server.url}/api/v1/health") as answer:
            assert json.load(answer).items() >= {"status": "ok", "demo": False}.items()
        with urllib.request.urlopen(f"{server.url}/app/") as answer:
            assert answer.status == 200
    finally:
        server.stop()


@pytest.mark.costly
def test_a_database_with_the_demo_is_served_by_it_too(installed: Installed, tmp_path: Path) -> None:
    """Made in a checkout; its accounts and codes are printed only there."""
    url = Sqlite(tmp_path).fresh()
    engine = create_engine(url)
    with engine.begin() as database:
        database.execute(insert(Meta).values(key=DEMO, value="1"))
    engine.dispose()
    server = Served(url, tmp_path / "data", command=(installed.program, "serve", "--ready"))
    server.start()
    try:
        with urllib.request.urlopen(f"{server.url}/api/v1/health") as answer:
            assert json.load(answer).items() >= {"status": "ok", "demo": True}.items()
    finally:
        server.stop()
