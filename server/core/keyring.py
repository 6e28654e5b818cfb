"""The installation's keys: one current key, and the older ones that still open what they made.

    keyring.current(Purpose.CODES)   # makes new things
    keyring.all(Purpose.CODES)       # newest first: what any of them made is recognised
    keyring.by_id("cases", id_)      # for what stores the id of its key beside it

Nobody gets a secret itself, only a key derived for one purpose (HKDF-SHA256, RFC 5869), which is of no use for another.
The exception is the first secret, from the time when there was one for everything: for the purposes of that time its
key is the secret, so that what it made stays valid. Their messages or salts keep those apart (secrets_at_rest.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FIRST: Final = "0"
"""Id of the first secret: LOA_SECRET_KEY or the file `secret_key`."""
KEY_BYTES: Final = 32


class Purpose(StrEnum):
    """The purposes from the time of one secret. Closed: a later purpose is a plain constant beside its use."""

    BROWSERS = "known-browser"
    CODES = "codes"
    CURSORS = "cursors"
    FINGERPRINT = "fingerprint"
    FORMS = "csrf"
    HELD = "held"
    RESCUE = "rescue"
    SESSIONS = "sessions"
    STAND_IN = "stand-in"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of the ring. `made_at` in ms; None for the first one, whose age nobody noted."""

    id: str
    material: bytes = field(repr=False)
    made_at: int | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A key for one purpose; `id` is that of its secret."""

    id: str
    material: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keyring:
    """All secrets, oldest first and at least one; the last is current.

    `audit`: what is left of retired secrets, the key by which their part of the audit log is checked.
    """

    secrets: tuple[Secret, ...]
    audit: tuple[bytes, ...] = field(default=(), repr=False)

    def current(self, purpose: str) -> Key:
        """The key to make new things with."""
        return _derived(self.secrets[-1], purpose)

    def all(self, purpose: str) -> list[Key]:
        """The keys to recognise things by, newest first."""
        return [_derived(secret, purpose) for secret in reversed(self.secrets)]

    def by_id(self, purpose: str, id_: str) -> Key | None:
        """The key with this id; None if it was retired or never in this ring."""
        return next((key for key in self.all(purpose) if key.id == id_), None)

    def without(self, id_: str, purpose: str) -> Keyring:
        """Return the ring without this secret, but with the key it had for one purpose: the audit log's."""
        gone = next(secret for secret in self.secrets if secret.id == id_)
        stay = tuple(secret for secret in self.secrets if secret.id != id_)
        return Keyring(stay, (*self.audit, _derived(gone, purpose).material))

    def signing(self, purpose: str) -> list[bytes]:
        """The keys in the order of itsdangerous: oldest first. It signs with the last and accepts any."""
        return [_derived(secret, purpose).material for secret in self.secrets]


def _derived(secret: Secret, purpose: str) -> Key:
    if secret.id == FIRST and purpose in set(Purpose):
        return Key(secret.id, secret.material)
    hkdf = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"loa:{purpose}".encode())
    return Key(secret.id, hkdf.derive(secret.material))
