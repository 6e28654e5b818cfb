"""The case key as far as it is open: everybody seals with it, who opened it also reads and finds.

Rows of the time before there was a case key, and those that tell nothing of a case, are under the keyring.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.keyring import KEY_BYTES, Keyring
from server.core.points import Point
from server.core.problem_details import Problem
from server.models import CaseKey
from server.services.access import sealing as by_keyring
from server.services.access.sealing import SealedSecret
from server.services.keyholders import sealing

TAGS: Final = "cases-tags"


@dataclass(frozen=True, slots=True)
class Vault:
    """`id` and `public`: of the case key; empty while there is none. `private`: empty unless a holder opened it."""

    ring: Keyring
    id: str = ""
    public: bytes = b""
    private: bytes = field(default=b"", repr=False)

    @property
    def is_open(self) -> bool:
        """What it sealed can be read."""
        return bool(self.private) or not self.id

    def current(self, purpose: str) -> str:
        """Return the id of the key that seals now."""
        return self.id or self.ring.current(purpose).id

    def seal(self, purpose: str, place: str, text: str) -> SealedSecret:
        """Seal so that only holders read it. `place`: `table:row:field`."""
        if not self.id:
            return by_keyring.seal(self.ring, purpose, place, text)
        return SealedSecret(self.id, sealing.seal_to(self.public, f"{purpose}:{place}", text.encode()))

    def opened(self, purpose: str, place: str, sealed: SealedSecret) -> str | None:
        """Return the text; None if its key is lost, or the text was altered or belongs to another place.

        Raises Problem `case_locked` if nobody opened the key.
        """
        if not self.id or sealed.key_id != self.id:
            return by_keyring.opened(self.ring, purpose, place, sealed)
        self.need_open()
        found = sealing.opened_by(self.private, f"{purpose}:{place}", sealed.text)
        return None if found is None else found.decode()

    def need_open(self) -> None:
        """Raise Problem `case_locked` if nobody opened the key."""
        if not self.is_open:
            raise Problem("case_locked")

    def tags(self, kind: str, *values: str) -> list[str]:
        """Return keyed hashes by which rows are found. Raises Problem `case_locked`."""
        self.need_open()
        if not self.id:
            return [_tag(key.material, kind, value) for key in self.ring.all(TAGS) for value in values]
        key = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"loa:{TAGS}".encode()).derive(self.private)
        return [_tag(key, kind, value) for value in values]

    def tag(self, kind: str, value: str) -> str:
        """Return the hash to store."""
        if not self.id:
            return _tag(self.ring.current(TAGS).material, kind, value)
        return self.tags(kind, value)[0]


TAKE_OVER: Final[Point[Callable[[Session, Vault], object]]] = Point()
"""What seals rows of before anew, once the first holder made the case key. Capabilities add theirs."""
OPENED: Final[Point[Callable[[Session, Vault], object]]] = Point()
"""What is tidied each time that a holder opens the case key."""


def closed(session: Session, ring: Keyring) -> Vault:
    """Return the case key as it is while nobody is in: it only seals."""
    row = key(session)
    return Vault(ring) if row is None else Vault(ring, row.id, sealing.decoded(row.public))


def key(session: Session, *, lock: bool = False) -> CaseKey | None:
    """Return the case key's row; None while nobody made it."""
    query = select(CaseKey).order_by(CaseKey.made_at).limit(1)
    return session.scalar(query.with_for_update() if lock else query)


def _tag(material: bytes, kind: str, value: str) -> str:
    return hmac.digest(material, f"{kind}:{value}".encode(), "sha256").hex()
