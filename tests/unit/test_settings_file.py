"""The settings file is read by Loa itself: one reading of each sign, whoever starts it; faults are one sentence."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from server import settings_file
from server.settings import Settings, UnsafeSettings

ROOT = Path(__file__).parents[2]
URL = r"postgresql://loa:p&a#s$HOME%21;`w`\\@localhost/loa?options=-csearch_path%3Dloa"


def written(folder: Path, text: str) -> dict[str, str]:
    (folder / "loa.toml").write_text(text, "utf-8")
    return {"LOA_SETTINGS": str(folder / "loa.toml")}


def test_signs_that_shells_and_systemd_read_differently(tmp_path: Path) -> None:
    env = written(
        tmp_path,
        f"""
        data_dir = '{tmp_path}/data'
        database_url = '{URL}'
        allowed_origins = ["https://a.example.vn", "https://b.example.vn"]
        jobs = false
        threads = 64
        """,
    )
    settings = Settings.from_environment(env)
    assert settings.database_url == URL.replace("postgresql:", "postgresql+psycopg:")
    assert "p&a" not in settings.database_name
    assert settings.allowed_origins == ("https://a.example.vn", "https://b.example.vn")
    assert (settings.jobs, settings.threads) == (False, 64)
    assert Settings.from_environment(env | {"LOA_THREADS": "8"}).threads == 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("database-url = 'x'", "unknown setting database-url; is it database_url"),
        ("data_dir = 'var'", "data_dir must begin with /"),
        ("public_url = https://loa.example.vn", "Put each text between single quotes"),
        ("port = 80.5", "port must be a text between quotes, or a number"),
        ("[server]\nport = 80", "unknown setting server"),
    ],
)
def test_a_fault_is_one_sentence_that_names_the_file(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UnsafeSettings, match=re.escape(told)) as refused:
        Settings.from_environment(written(tmp_path, text))
    assert "loa.toml" in str(refused.value)


def test_a_file_that_was_named_and_is_missing_is_no_default(tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match="cannot be read"):
        Settings.from_environment({"LOA_SETTINGS": str(tmp_path / "gone.toml")})


def test_each_setting_can_stand_in_the_file() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "server").rglob("*.py"))
    used = {name.removeprefix("LOA_").lower() for name in re.findall(r'"(LOA_[A-Z0-9_]+)"', source)}
    assert used - {"settings", "signers", "s3_"} == settings_file.KEYS


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.slow
@pytest.mark.costly
def test_what_root_runs_is_the_service_users(tmp_path: Path) -> None:
    """A backup or a database of root's could not be opened by the service."""
    nobody = pwd.getpwnam("nobody")
    data = tmp_path / "data"
    data.mkdir()
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o755)
    shutil.chown(data, nobody.pw_uid, nobody.pw_gid)
    env = {"PATH": os.environ["PATH"], **written(tmp_path, f"data_dir = '{data}'\nuser = 'nobody'\n")}
    loa = [sys.executable, "-m", "server.commands"]
    made = subprocess.run([*loa, "init"], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert f"Database: sqlite:///{data}/loa.sqlite" in made.stderr
    assert {path.stat().st_uid for path in data.rglob("*")} == {nobody.pw_uid}
    (tmp_path / "loa.toml").write_text(f"data_dir = '{data}'\nuser = 'no-such-user'\n")
    told = subprocess.run([*loa, "user", "list"], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert "no user no-such-user" in told.stderr
