"""`loa doctor` says where the keys lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.commands import main


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LOA_DATA_DIR", str(tmp_path / "data"))
    for name in ("LOA_SECRET_KEY", "LOA_SECRET_KEY_FILE", "LOA_KEYRING_FILE"):
        monkeypatch.delenv(name, raising=False)
    for folder in ("data", "keys"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "secret_key").write_text("x" * 40)
        (tmp_path / folder / "secret_key").chmod(0o600)
    return tmp_path


def doctor() -> Result:
    """Whatever the machine lacks besides."""
    return CliRunner().invoke(main, ["doctor"])


def test_a_secret_inside_the_data_folder_is_told_with_what_to_do(checked: Path) -> None:
    said = doctor().output
    assert f"First secret: {checked}/data/secret_key, inside the data folder" in said
    assert "LOA_SECRET_KEY_FILE" in said
    assert "read by others" not in said
    (checked / "data" / "secret_key").chmod(0o644)
    result = doctor()
    assert result.exit_code == 1
    assert "Others can read a file of keys" in result.output


def test_one_outside_is_told_too(checked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_SECRET_KEY_FILE", str(checked / "keys" / "secret_key"))
    assert f"First secret: {checked}/keys/secret_key, outside the data folder." in doctor().output
    monkeypatch.setenv("LOA_SECRET_KEY", "x" * 40)
    assert "First secret: LOA_SECRET_KEY" in doctor().output
