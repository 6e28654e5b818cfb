"""The three ways of sealing a key: to a public key (HPKE, RFC 9180), with a passphrase, and with a random secret.

Each sealed text opens only in its own place, as everywhere (access/sealing.py).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.core import passwords
from server.core.keyring import KEY_BYTES

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_NONCE_BYTES: Final = 12
SALT_BYTES: Final = 16
SIGNS: Final = "ACDEGHKMPQRTVXY2346789"
CHECK_SIGNS: Final = 12
"""Signs of a public key that two people compare by voice: 53 bits, so that nobody finds another key with the same."""
GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class OwnPair:
    """A holder's pair as it is stored, in base64: `private` is sealed with the passphrase, stretched with `salt`."""

    public: str
    salt: str
    private: str


def new_key() -> tuple[bytes, bytes]:
    """Return the private and the public half of a new key."""
    made = X25519PrivateKey.generate()
    return made.private_bytes_raw(), made.public_key().public_bytes_raw()


def public_of(private: bytes) -> bytes:
    """Return the public half."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal_to(public: bytes, place: str, data: bytes) -> str:
    """Seal for those who have the private half."""
    return encoded(_SUITE.encrypt(data, X25519PublicKey.from_public_bytes(public), info=place.encode()))


def opened_by(private: bytes, place: str, text: str) -> bytes | None:
    """Return what was sealed to this key; None if it was to another, for another place, or altered."""
    try:
        return _SUITE.decrypt(decoded(text), X25519PrivateKey.from_private_bytes(private), info=place.encode())
    except (ValueError, InvalidTag):
        return None


def seal_with(secret: bytes, place: str, data: bytes) -> str:
    """Seal with a secret of at least 128 random bits, or with one that was stretched."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return encoded(nonce + AESGCM(_key(secret, place)).encrypt(nonce, data, place.encode()))


def opened_with(secret: bytes, place: str, text: str) -> bytes | None:
    """Return what was sealed with this secret; None if it was another, for another place, or altered."""
    try:
        whole = decoded(text)
        return AESGCM(_key(secret, place)).decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], place.encode())
    except (ValueError, InvalidTag):
        return None


def new_pair(officer_id: str, passphrase: str) -> OwnPair:
    """Make a holder's pair. Takes a tenth of a second; never within a transaction. Raises Problem `busy`."""
    private, public = new_key()
    salt = secrets.token_bytes(SALT_BYTES)
    stretched = passwords.stretch(passphrase, salt, officer_id)
    return OwnPair(encoded(public), encoded(salt), seal_with(stretched, _own(officer_id), private))


def private_of(officer_id: str, pair: OwnPair, passphrase: str) -> bytes | None:
    """Return a holder's private half; None for a wrong passphrase. As slow as `new_pair`. Raises Problem `busy`."""
    stretched = passwords.stretch(passphrase, decoded(pair.salt), officer_id)
    return opened_with(stretched, _own(officer_id), pair.private)


def check_signs(officer_id: str, public: str) -> str:
    """Return the signs by which two people compare a holder's key, in groups."""
    number = int.from_bytes(hashlib.sha256(f"key holder:{officer_id}:{public}".encode()).digest())
    signs = ""
    for _ in range(CHECK_SIGNS):
        number, nth = divmod(number, len(SIGNS))
        signs += SIGNS[nth]
    return grouped(signs)


def grouped(signs: str) -> str:
    """Return signs in groups of four, as they are printed."""
    return "-".join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))


def typed(text: str) -> str:
    """Return the signs that somebody typed, without blanks and dashes."""
    return "".join(char for char in text[:100].upper() if char.isalnum())


def encoded(data: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(data).decode("ascii")


def decoded(text: str) -> bytes:
    """Return the bytes of a text. Raises ValueError."""
    return base64.b64decode(text, validate=True)


def _own(officer_id: str) -> str:
    return f"key_holder:{officer_id}:private"


def _key(secret: bytes, place: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"loa:{place.partition(':')[0]}".encode()).derive(secret)
