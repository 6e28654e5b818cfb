"""Unsafe settings are refused at start, in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.settings import Settings, UnsafeSettings

UNSAFE = {
    "LOA_SECRET_KEY": "short",
    "LOA_PUBLIC_URL": "http://loa.example.vn",
    "LOA_ALLOWED_ORIGINS": "https://a.example.vn *",
    "LOA_DATABASE_URL": "mysql://x",
    "LOA_WORKERS": "0",
    "LOA_CONNECTIONS": "0",
    "LOA_PORT": "x",
    "LOA_TLS_CERT": __file__,
    "LOA_TLS_KEY": "no such file",
}


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_settings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeSettings, match=name):
        Settings.from_environment({"LOA_DATA_DIR": str(tmp_path), name: UNSAFE[name]})


def test_a_secret_is_made_once_and_kept_to_oneself(tmp_path: Path) -> None:
    first = Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)})
    again = Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)})
    assert first.secret_key == again.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert not first.secure_cookies


def test_a_public_address_has_secure_cookies(tmp_path: Path) -> None:
    settings = Settings.from_environment({"LOA_DATA_DIR": str(tmp_path), "LOA_PUBLIC_URL": "https://loa.example.vn/"})
    assert settings.secure_cookies
    assert settings.public_url == "https://loa.example.vn"
