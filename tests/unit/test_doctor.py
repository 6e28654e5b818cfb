"""`loa doctor` runs every check, each with what to do, in the shell's language; its status is the worst of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import upgrade
from server.commands import main
from server.core import restore_state
from server.core.findings import Level
from server.desk import words


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LOA_DATA_DIR", str(tmp_path / "data"))
    for name in ("LOA_SECRET_KEY", "LOA_SECRET_KEY_FILE", "LOA_KEYRING_FILE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for folder in ("data", "keys"):
        (tmp_path / folder).mkdir(mode=0o700)
        (tmp_path / folder / "secret_key").write_text("x" * 40)
        (tmp_path / folder / "secret_key").chmod(0o600)
    return tmp_path


def doctor(*words: str) -> Result:
    """Whatever the machine lacks besides."""
    return CliRunner().invoke(main, ["doctor", *words])


def test_a_secret_inside_the_data_folder_is_told_with_what_to_do(checked: Path) -> None:
    said = doctor().output
    assert f"First secret: {checked}/data/secret_key, inside the data folder" in said
    assert "LOA_SECRET_KEY_FILE" in said
    assert "Other users of the machine" not in said
    (checked / "data" / "secret_key").chmod(0o644)
    result = doctor()
    assert result.exit_code == Level.BAD
    assert f"!! Other users of the machine can read {checked}/data/secret_key. Run chmod" in result.output


def test_one_outside_is_no_finding(checked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_SECRET_KEY_FILE", str(checked / "keys" / "secret_key"))
    assert "First secret" not in doctor().output


def test_vietnamese_by_the_shells_language_and_json(checked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    assert f"Khóa đầu tiên {checked}/data/secret_key nằm trong thư mục dữ liệu" in doctor().output
    found = json.loads(doctor("--json").output)
    assert {"check": "tables", "outcome": "silent", "level": Level.BAD, "values": {}} in found
    assert doctor("--json").exit_code == Level.BAD


def test_what_was_begun_and_not_finished_is_named(checked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(checked / "opt/releases/1.0.0"))
    (checked / "opt").mkdir()
    assert "not finished" not in doctor().output
    (checked / "data" / restore_state.NAME).write_text("{}")
    (checked / "opt" / upgrade.JOURNAL).write_text("{}")
    result = doctor()
    assert "!! A restore was begun and not finished" in result.output
    assert "!! An upgrade was begun and not finished. Run loa rollback" in result.output
    assert result.exit_code == Level.BAD


def test_what_is_not_good_says_what_to_do() -> None:
    for lang in words.LANGUAGES:
        texts = words.catalogue(lang)
        outcomes = {key for key in texts if key.startswith("check.") and key.count(".") == 2}
        good = {key for key in outcomes if key.endswith((".good", ".same"))}
        assert {key for key in outcomes - good if f"{key}.do" not in texts} == set()
