"""Unsafe settings are refused at start, in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.services.reports.documents.closing import FOLDERS
from server.settings import RETAINED, Settings, UnsafeSettings

UNSAFE = {
    "LOA_SECRET_KEY": "short",
    "LOA_PUBLIC_URL": "http://loa.example.vn",
    "LOA_ALLOWED_ORIGINS": "https://a.example.vn *",
    "LOA_DATABASE_URL": "mysql://x",
    "LOA_DATABASE_POOL_URL": "postgresql://pool/loa",  # beside SQLite
    "LOA_WORKERS": "0",
    "LOA_CONNECTIONS": "0",
    "LOA_PORT": "x",
    "LOA_SESSION_IDLE_MINUTES": "9",
    "LOA_SESSION_HOURS": "169",
    "LOA_DEVICE_IDLE_DAYS": "30",
    "LOA_DEVICE_WRITES": "99",
    "LOA_DEVICE_WRITES_A_MINUTE": "0",
    "LOA_DEVICE_SECONDS": "0",
    "LOA_DEVICE_SECONDS_A_MINUTE": "0",
    "LOA_EXPORT_LINK_DAYS": "3661",
    "LOA_RETENTION": "signed=forever",
    "LOA_MAP_TILES": "https://tiles.example.vn/{z}/{x}.png",
    "LOA_MAP_ATTRIBUTION": "© Cục Bản đồ",
    "LOA_SECURITY_CONTACT": "ban quản trị",
    "LOA_TLS_CERT": __file__,
    "LOA_TLS_KEY": "no such file",
}


S3 = {
    "LOA_S3_ENDPOINT": "https://s3.example.vn",
    "LOA_S3_BUCKET": "photos",
    "LOA_S3_KEY_ID": "loa",
    "LOA_S3_SECRET": "nobody may read this",
}


def test_photos_on_s3(tmp_path: Path) -> None:
    env = {"LOA_DATA_DIR": str(tmp_path), **S3}
    assert Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)}).bucket is None
    bucket = Settings.from_environment(env).bucket
    assert bucket is not None
    assert (bucket.endpoint, bucket.name, bucket.region, bucket.prefix) == (
        "https://s3.example.vn",
        "photos",
        "us-east-1",
        "",
    )
    near = {**env, "LOA_S3_ENDPOINT": "http://127.0.0.1:8333/", "LOA_S3_PREFIX": "loa/hung-yen", "LOA_S3_CA": __file__}
    bucket = Settings.from_environment(near).bucket
    assert bucket is not None
    assert (bucket.endpoint, bucket.prefix, bucket.ca) == ("http://127.0.0.1:8333", "loa/hung-yen", Path(__file__))
    assert S3["LOA_S3_SECRET"] not in repr(Settings.from_environment(env))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in S3),
        ("LOA_S3_ENDPOINT", "s3.example.vn"),
        ("LOA_S3_ENDPOINT", "http://s3.example.vn"),
        ("LOA_S3_ENDPOINT", "https://s3.example.vn/photos"),
        ("LOA_S3_ENDPOINT", "https://loa:nobody@s3.example.vn"),
        ("LOA_S3_BUCKET", "Photos"),
        ("LOA_S3_BUCKET", "photos/loa"),
        ("LOA_S3_PREFIX", "/loa"),
        ("LOA_S3_PREFIX", "../loa"),
        ("LOA_S3_CA", "no such file"),
    ],
)
def test_photos_on_s3_need_right_settings(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(UnsafeSettings, match=name) as refused:
        Settings.from_environment({"LOA_DATA_DIR": str(tmp_path), **S3, name: value})
    assert "nobody" not in str(refused.value)


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_settings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeSettings, match=name):
        Settings.from_environment({"LOA_DATA_DIR": str(tmp_path), name: UNSAFE[name]})


@pytest.mark.parametrize(
    "url",
    [
        "http://tiles.example.vn/{z}/{x}/{y}.png",
        "https://tiles.example.vn/{z}/{x}/{q}.png",
        "https://{s}.example.vn/{z}/{x}/{y}.png",
        "https://*/{z}/{x}/{y}.png",
        "https://tiles.example.vn;script-src/{z}/{x}/{y}.png",
        "https://tiles.example.vn 'unsafe-inline'/{z}/{x}/{y}.png",
        "https://loa:nobody@tiles.example.vn/{z}/{x}/{y}.png",
        "https://[::1/{z}/{x}/{y}.png",
    ],
)
def test_tiles_are_on_one_https_server(tmp_path: Path, url: str) -> None:
    """Its name goes into the policy of a page, where it must not widen anything."""
    env = {"LOA_DATA_DIR": str(tmp_path), "LOA_MAP_ATTRIBUTION": "© Cục Bản đồ"}
    with pytest.raises(UnsafeSettings):
        Settings.from_environment({**env, "LOA_MAP_TILES": url})
    tiles = Settings.from_environment(
        {**env, "LOA_MAP_TILES": "https://tiles.example.vn/w?z={z}&x={x}&y={y}"}
    ).map_tiles
    assert tiles is not None
    assert tiles.origin == "https://tiles.example.vn"


def test_a_secret_is_made_once_and_kept_to_oneself(tmp_path: Path) -> None:
    first = Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)})
    again = Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)})
    assert first.keyring == again.keyring
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert not first.secure_cookies


def test_the_secret_may_lie_outside_the_data_folder(tmp_path: Path) -> None:
    env = {"LOA_DATA_DIR": str(tmp_path / "data"), "LOA_SECRET_KEY_FILE": str(tmp_path / "keys" / "secret")}
    first = Settings.from_environment(env)
    assert Settings.from_environment(env).keyring == first.keyring
    assert (tmp_path / "keys" / "secret").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "data" / "secret_key").exists()


def test_a_public_address_has_secure_cookies(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"LOA_DATA_DIR": str(tmp_path), "LOA_PUBLIC_URL": "https://loa.example.vn/", "LOA_TRUSTED_PROXIES": "1"}
    )
    assert settings.secure_cookies
    assert settings.public_url == "https://loa.example.vn"
    assert settings.security_contact == "mailto:security@loa.example.vn"


def test_https_without_tls_needs_a_word_about_the_proxy(tmp_path: Path) -> None:
    """Left out it is refused; 0 that was written is meant, and warned of at the start."""
    env = {"LOA_DATA_DIR": str(tmp_path), "LOA_PUBLIC_URL": "https://loa.example.vn"}
    with pytest.raises(UnsafeSettings, match=r"LOA_TLS_CERT .* LOA_TRUSTED_PROXIES"):
        Settings.from_environment(env)
    assert "all clients count as one address" in Settings.from_environment({**env, "LOA_TRUSTED_PROXIES": "0"}).warning
    assert Settings.from_environment({**env, "LOA_TRUSTED_PROXIES": "1"}).warning == ""
    tls = {"LOA_TLS_CERT": __file__, "LOA_TLS_KEY": __file__}
    assert Settings.from_environment({**env, **tls}).warning == ""


def test_how_long_an_archive_is_kept(tmp_path: Path) -> None:
    env = {"LOA_DATA_DIR": str(tmp_path)}
    assert Settings.from_environment(env).retention == {}
    said = Settings.from_environment({**env, "LOA_RETENTION": "signed=permanent evidence=5"}).retention
    assert said == {"signed": 0, "evidence": 5}
    assert set(FOLDERS) - {"drafts"} == set(RETAINED), "drafts are in no index"
    for wrong in ("signed", "signed=0", "signed=100", "photos=5", "signed permanent"):
        with pytest.raises(UnsafeSettings, match="LOA_RETENTION"):
            Settings.from_environment({**env, "LOA_RETENTION": wrong})
