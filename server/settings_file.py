"""The settings file: one TOML file that Loa reads itself, so that no shell and no systemd reads it another way.

    # /etc/loa/loa.toml
    public_url = "https://loa.example.vn"
    data_dir = "/srv/loa"
    database_url = 'postgresql://loa:p&#$w@localhost/loa'
    user = "loa"

A key is a setting's name in small letters without `LOA_`. The environment overrides the file. `LOA_SETTINGS` names
another file; empty, it says that there is none (as `make run` and the tests do).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from server.core.shell_words import t

PLACE: Final = Path("/etc/loa/loa.toml")
NAME: Final = "LOA_SETTINGS"
PATHS: Final = frozenset(
    """
    data_dir keyring_file secret_key_file revocations_file tls_cert tls_key pg_bin s3_ca backup_dir alert_command
    """.split()  # noqa: SIM905  # a list to read
)
"""Settings that are paths: in the file they begin with `/`, because a service has another folder than a shell."""
KEYS: Final = PATHS | frozenset(
    """
    database_url database_pool_url secret_key host port workers threads connections public_url allowed_origins
    trusted_proxies jobs soffice audit_days audit_witness retire_worker security_contact session_idle_minutes
    session_hours export_link_days device_idle_days device_writes device_writes_a_minute device_seconds
    device_seconds_a_minute retention alert_smtp alert_from alert_to map_tiles map_attribution s3_endpoint s3_bucket
    s3_key_id s3_secret s3_region s3_prefix user
    """.split()  # noqa: SIM905  # a list to read
)


class BadSettingsFile(Exception):  # noqa: N818  # it reads as the sentence it prints
    """The file cannot be used; the message says which line or key, and what to do."""


def place(environment: Mapping[str, str]) -> Path | None:
    """Return the file that counts in this environment, or None if there is none."""
    named = environment.get(NAME)
    if named is None:
        return PLACE if PLACE.exists() else None
    return Path(named).absolute() if named else None


def merged(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment over the settings of its file. Raises BadSettingsFile."""
    path = place(environment)
    return dict(environment) if path is None else read(path) | dict(environment)


def read(path: Path) -> dict[str, str]:
    """Return the file's settings by their names in the environment. Raises BadSettingsFile."""
    try:
        with path.open("rb") as file:
            said = tomllib.load(file)
    except PermissionError as error:
        raise BadSettingsFile(
            t("The settings {path} cannot be read by this user; run the command as root (sudo).", path=path)
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettingsFile(
            t("The settings {path} cannot be read ({error}); see {variable}.", path=path, error=error, variable=NAME)
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettingsFile(
            t(
                "The settings {path} cannot be read: {error}. Put each text between single quotes.",
                path=path,
                error=error,
            )
        ) from error
    return {f"LOA_{key.upper()}": _text(path, key, value) for key, value in said.items()}


def _text(path: Path, key: str, value: object) -> str:
    if key not in KEYS:
        import difflib  # noqa: PLC0415  # every command reads this file, and few are wrong

        (near, *_) = [*difflib.get_close_matches(key, KEYS, 1), ""]
        if near:
            raise BadSettingsFile(
                t("{path} has the unknown setting {key}; is it {near}?", path=path, key=key, near=near)
            )
        raise BadSettingsFile(t("{path} has the unknown setting {key}.", path=path, key=key))
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    if isinstance(value, bool | int):
        return str(int(value))
    if not isinstance(value, str):
        raise BadSettingsFile(t("{path}: {key} must be a text between quotes, or a number.", path=path, key=key))
    if key in PATHS and value and not value.startswith("/"):
        raise BadSettingsFile(
            t(
                "{path}: {key} must begin with /, for a service runs in another folder than your shell.",
                path=path,
                key=key,
            )
        )
    return value
