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
    return tmp_path


def doctor() -> Result:
    return CliRunner().invoke(main, ["doctor"])


def test_a_secret_inside_the_data_folder_is_told_with_what_to_do(checked: Path) -> None:
    result = doctor()
    assert result.exit_code == 0
    assert f"First secret: {checked}/data/secret_key, inside the data folder" in result.output
    assert "LOA_SECRET_KEY_FILE" in result.output
    (checked / "data" / "secret_key").chmod(0o644)
    result = doctor()
    assert result.exit_code == 1
    assert "WRONG" in result.output


def test_one_outside_is_told_too(checked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_SECRET_KEY_FILE", str(checked / "keys" / "secret"))
    result = doctor()
    assert (result.exit_code, "outside the data folder." in result.output) == (0, True)
    assert not (checked / "data" / "secret_key").exists()
    monkeypatch.setenv("LOA_SECRET_KEY", "x" * 40)
    assert "First secret: LOA_SECRET_KEY" in doctor().output
