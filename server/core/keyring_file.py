"""The file of later keys, in the data folder or where LOA_KEYRING_FILE says. Without it the first secret is the ring.

    {"form": 1, "first": "ff68403139a60991", "keys": [{"id": "3f2a91bc", "made_at": 1800000000000, "key": "…"}]}

`audit`, where a secret was retired, has the keys by which its part of the audit log is checked; an older Loa skips it.
`first` is the fingerprint of the first secret, which itself stays in LOA_SECRET_KEY or `secret_key`; null once that was
retired. A key's id is the beginning of its own fingerprint, so two hosts never give one id to two keys, and a damaged
key is noticed.
"""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from typing import Any

from server.core import atomic_files
from server.core.keyring import FIRST, KEY_BYTES, Keyring, Secret
from server.core.secrets_at_rest import fingerprints
from server.core.shell_words import t

NAME = "keyring.json"
FORM = 1
ID_LENGTH = 8


class BadKeyring(Exception):  # noqa: N818  # the name reads well before the sentence it prints
    """The file cannot be used; the message says why and what to do."""


def read(path: Path, first: str | None) -> Keyring | None:
    """Return the ring of this file; None if there is no such file. `first`: the first secret, if there is one.

    Raises BadKeyring for a file that others may read, that is damaged, or that belongs to another first secret.
    """
    said = _said(path)
    if said is None:
        return None
    try:
        begun, later = said["first"], tuple(_secret(row) for row in said["keys"])
        audit = tuple(_bytes(text) for text in said.get("audit", ()))
    except (TypeError, KeyError, ValueError) as error:
        raise _damaged(path) from error
    if begun is None:
        if not later:
            raise _damaged(path)
        return Keyring(later, audit)
    if first is None or _fingerprint(oldest := _first(first)) != begun:
        raise BadKeyring(
            t(
                "The keyring {path} was begun with another secret: set LOA_SECRET_KEY to that one, or put the file "
                "secret_key back.",
                path=path,
            )
        )
    return Keyring((oldest, *later), audit)


def of_first(secret: str) -> Keyring:
    """Return the ring of an installation that never added a key."""
    return Keyring((_first(secret),))


def new_secret(now: int) -> Secret:
    """Return a fresh random secret; `now` in ms."""
    material = secrets.token_bytes(KEY_BYTES)
    return Secret(_id(material), material, now)


def write(path: Path, ring: Keyring) -> None:
    """Write the file, readable by this user only: all of it, or it stays as it was."""
    begun = next((_fingerprint(secret) for secret in ring.secrets if secret.id == FIRST), None)
    keys = [
        {"id": secret.id, "made_at": secret.made_at, "key": _text(secret.material)}
        for secret in ring.secrets
        if secret.id != FIRST
    ]
    said: dict[str, Any] = {"form": FORM, "first": begun, "keys": keys}
    if ring.audit:
        said["audit"] = [_text(material) for material in ring.audit]
    with atomic_files.replacing(path) as unfinished:
        unfinished.touch(0o600)
        unfinished.write_text(json.dumps(said, indent=1) + "\n", "utf-8")


def _said(path: Path) -> dict[str, Any] | None:
    """Return what stands in the file. Raises BadKeyring."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8")
        said = json.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise BadKeyring(
            t("The keyring {path} cannot be read ({error}); see LOA_KEYRING_FILE.", path=path, error=error.strerror)
        ) from error
    except ValueError as error:
        raise _damaged(path) from error
    if mode & 0o077:
        raise BadKeyring(t("The keyring {path} is open to others on this machine: chmod 600 it.", path=path))
    if not isinstance(said, dict) or said.get("form") != FORM:
        raise _damaged(path)
    return said


def _secret(row: Any) -> Secret:
    """Return one key of the file. Raises TypeError, KeyError or ValueError."""
    material, made_at = _bytes(row["key"]), row["made_at"]
    if row["id"] != _id(material) or not isinstance(made_at, int):
        raise ValueError(row["id"])
    return Secret(row["id"], material, made_at)


def _bytes(text: str) -> bytes:
    material = base64.b64decode(text, altchars=b"-_", validate=True)
    if len(material) != KEY_BYTES:
        raise ValueError(len(material))
    return material


def _text(material: bytes) -> str:
    return base64.urlsafe_b64encode(material).decode("ascii")


def _first(secret: str) -> Secret:
    return Secret(FIRST, secret.encode())


def _id(material: bytes) -> str:
    return _fingerprint(Secret("", material))[:ID_LENGTH]


def _fingerprint(secret: Secret) -> str:
    return fingerprints(Keyring((secret,)))[0]


def _damaged(path: Path) -> BadKeyring:
    return BadKeyring(t("The keyring {path} is damaged or of a newer Loa; put the copy of it back.", path=path))
