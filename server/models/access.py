"""Ways in: devices, enrolment codes, desk sessions, one-time links, counts of failed tries. Secrets are hashed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId


class Device(Base):
    """One officer on one installation. A replaced one may still push its outbox; a revoked one may do nothing.

    `script`: made by an administrator for a program; it neither replaces a phone nor is replaced by one. `code_by`: the
    person who made the code it enrolled with, if any. `confirmed_at`: when its officer confirmed it at the desk (SPEC
    D-6); empty until then for one that enrolled with a code. `quota_…`: pushes in that minute, bytes on that day
    (services/access/quotas.py).
    """

    __tablename__ = "device"

    id: Mapped[IdKey]
    officer_id: Mapped[OfficerId]
    label: Mapped[str] = mapped_column(String(200))
    mark: Mapped[str] = mapped_column(String(4))
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    script: Mapped[bool] = mapped_column(Boolean, default=False)
    app: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[Millis]
    seen_at: Mapped[Millis]
    quota_minute: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    quota_pushes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    quota_day: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    quota_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    replaced_at: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    code_by: Mapped[Id | None] = mapped_column(index=True)
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)


class EnrolmentCode(Base):
    """A code that turns an installation into a device, once, until it expires (SPEC ID-5).

    `digits` is 8 for a code made before codes had 16. `device_id` and `nonce_hash`: the device, and the nonce its
    client drew; the same nonce gets the same device (SPEC ID-4).
    """

    __tablename__ = "enrolment_code"

    code_hash: Mapped[Hash] = mapped_column(primary_key=True)
    digits: Mapped[int] = mapped_column(Integer, server_default="8")
    officer_id: Mapped[OfficerId]
    made_by: Mapped[Id | None]
    made_at: Mapped[Millis]
    expires_at: Mapped[Millis]
    used_at: Mapped[int | None] = mapped_column(BigInteger)
    device_id: Mapped[Id | None]
    nonce_hash: Mapped[str | None] = mapped_column(String(64))


class DeskSession(Base):
    """A browser signed in at the desk. Once ended here, its cookie is invalid."""

    __tablename__ = "desk_session"

    token_hash: Mapped[Hash] = mapped_column(primary_key=True)
    officer_id: Mapped[OfficerId]
    created_at: Mapped[Millis]
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class FailedTries(Base):
    """Failed sign-ins of one kind and subject since a moment (services/access/tries.py); `key` is a hash of both.

    Counted in the database, because each process would have its own counter in memory.
    """

    __tablename__ = "failed_tries"

    key: Mapped[Hash] = mapped_column(primary_key=True)
    since: Mapped[Millis] = mapped_column(index=True)
    count: Mapped[int] = mapped_column(Integer)


class WrongCodes(Base):
    """Number of wrong enrolment codes in an hour; `hour` counts from 1970. Keeps only the last days."""

    __tablename__ = "wrong_codes"

    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)


class WelcomeLink(Base):
    """A random token that lets its holder choose the account's password, once, within 72 hours."""

    __tablename__ = "welcome_link"

    token_hash: Mapped[Hash] = mapped_column(primary_key=True)
    officer_id: Mapped[OfficerId]
    made_at: Mapped[Millis]
    expires_at: Mapped[Millis]
    used_at: Mapped[int | None] = mapped_column(BigInteger)
