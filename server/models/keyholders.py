"""Who opens confidential cases and annexes by key (services/keyholders/). No passphrase and no open key is stored."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import IdKey, Millis, OfficerId


class CaseKey(Base):
    """The key of the installation's cases: `public` seals. Its private half is with the holders.

    `recovery`: the private half sealed with the text of the recovery sheet; empty if there is none.
    """

    __tablename__ = "case_key"

    id: Mapped[IdKey]
    public: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[OfficerId]
    made_at: Mapped[Millis]
    recovery: Mapped[str] = mapped_column(Text)
    recovery_at: Mapped[int | None] = mapped_column(BigInteger)


class KeyHolder(Base):
    """An officer with a key pair of their own. `private` is sealed with their passphrase, stretched with `salt`.

    `wrapped`: the private half of the case key sealed to `public`; empty while nobody admitted them. `lost_at`: when
    they lost it, `lost_why` how (services/keyholders/losing.py). `seen`: the last line of the audit log about other
    holders that they confirmed. `look`: the day on which they looked at the cases last, sealed with the keyring.
    """

    __tablename__ = "key_holder"

    officer_id: Mapped[str] = mapped_column(String(16), ForeignKey("officer.id"), primary_key=True)
    public: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str] = mapped_column(String(32))
    private: Mapped[str] = mapped_column(Text)
    made_at: Mapped[Millis]
    wrapped: Mapped[str] = mapped_column(Text)
    admitted_by: Mapped[str] = mapped_column(String(16))
    admitted_at: Mapped[int | None] = mapped_column(BigInteger)
    lost_at: Mapped[int | None] = mapped_column(BigInteger)
    lost_why: Mapped[str] = mapped_column(String(16))
    seen: Mapped[Millis]
    look: Mapped[str] = mapped_column(Text)


class KeyOpening(Base):
    """A session in which a holder opened the case key: `sealed` with a secret that only the browser's cookie has.

    `name` is the hash of that secret.
    """

    __tablename__ = "key_opening"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[OfficerId]
    begun_at: Mapped[Millis]
    seen_at: Mapped[Millis]
    sealed: Mapped[str] = mapped_column(Text)
