"""The case key as far as it is open: everybody seals with it, who opened it also reads and finds.

Rows of the time before there was a case key, and those that tell nothing of a case, are under the keyring.

Sessions in which a holder opened the case key. It lies sealed with a secret that only the browser's cookie has.

So nothing at rest opens it: neither this table nor the keyring, nor both.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from server.core.clock import MINUTE_MS, now_ms
from server.core.db import add_now
from server.core.keyring import KEY_BYTES, Keyring
from server.core.points import Point
from server.core.problem_details import refuse_if
from server.core.secrets_at_rest import new_token, token_hash
from server.models import CaseKey, KeyHolder, KeyOpening
from server.services.access import sealing as by_keyring
from server.services.access.sealing import SealedSecret
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.keyholders import sealing

IDLE_MS: Final = 30 * MINUTE_MS
"""Long enough for a form of the annex to be filled in; cases ask again after five minutes (cases/entering.py)."""
WHOLE_MS: Final = 8 * 60 * MINUTE_MS
TOUCHED_EVERY_MS: Final = MINUTE_MS // 2


def begin(session: Session, officer_id: str, private: bytes) -> str:
    """Keep the case key open for this session. Returns the secret for its cookie; an earlier opening ends."""
    now = now_ms()
    old = or_(KeyOpening.officer_id == officer_id, KeyOpening.seen_at < now - IDLE_MS)
    session.execute(delete(KeyOpening).where(old))
    secret = new_token()
    name = token_hash(secret)
    sealed = sealing.seal_with(secret.encode(), f"key_opening:{name}", private)
    add_now(session, KeyOpening(name=name, officer_id=officer_id, begun_at=now, seen_at=now, sealed=sealed))
    log.append(session, Act.CASE_KEY_OPENED, ("officer", officer_id))
    return secret


def opened(session: Session, officer_id: str, secret: str) -> tuple[bytes, bool] | None:
    """Return the case key, and whether `touch` is due; None if it is closed, or its holder lost it."""
    row = session.get(KeyOpening, token_hash(secret))
    if row is None or row.officer_id != officer_id:
        return None
    now, holder = now_ms(), session.get(KeyHolder, officer_id)
    idle = now - row.seen_at
    if not (0 <= idle <= IDLE_MS and 0 <= now - row.begun_at <= WHOLE_MS):
        return None
    if holder is None or not holder.wrapped or holder.lost_at is not None:
        return None
    private = sealing.opened_with(secret.encode(), f"key_opening:{row.name}", row.sealed)
    return None if private is None else (private, idle >= TOUCHED_EVERY_MS)


def touch(session: Session, secret: str) -> None:
    """Note that something is being done."""
    row = session.get(KeyOpening, token_hash(secret))
    if row is not None:
        row.seen_at = now_ms()


def end_all(session: Session, officer_id: str) -> None:
    """Close what an officer opened."""
    session.execute(delete(KeyOpening).where(KeyOpening.officer_id == officer_id))


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
        refuse_if(not self.is_open, "case_locked")

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
