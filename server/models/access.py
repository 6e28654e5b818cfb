"""Ways in: devices, enrolment codes, desk sessions, second factors, one-time links, counts of failed tries.

Secrets are hashed; that of an authenticator, which the server must know, is sealed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId


class Device(Base):
    """One officer on one installation. A replaced one may still push its outbox; a revoked one may do nothing.

    `script`: made by an administrator for a program; it neither replaces a phone nor is replaced by one. `code_by`: the
    person who made the code it enrolled with, if any. `confirmed_at`: when its officer confirmed it at the desk (SPEC
    D-6); empty until then for one that enrolled with a code. `quota_…`: pushes in that minute, bytes on that day, the
    moments (ms) at which its writes and its seconds of the processor are earned back, and until when a push of several
    transactions may be under way (services/access/devices.py). `held_…`: writes and
    photos that were on it alone, and the bytes of the photos, as it reported at `held_at` (SPEC X-45); empty if it
    never did.
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
    quota_writes_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    quota_work_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    quota_pushing_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    replaced_at: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    code_by: Mapped[Id | None] = mapped_column(index=True)
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    held_writes: Mapped[int | None] = mapped_column(Integer)
    held_photos: Mapped[int | None] = mapped_column(Integer)
    held_bytes: Mapped[int | None] = mapped_column(BigInteger)
    held_at: Mapped[int | None] = mapped_column(BigInteger)


class PersonQuota(Base):
    """What the devices of an officer who has several spent together, as in `device` (services/access/devices.py).

    No part of `officer`: a push that locked that row could wait for an act at the desk, and that act for the push.
    """

    __tablename__ = "person_quota"

    officer_id: Mapped[str] = mapped_column(String(16), ForeignKey("officer.id"), primary_key=True)
    writes_until: Mapped[int] = mapped_column(BigInteger)
    work_until: Mapped[int] = mapped_column(BigInteger)


class EnrolmentCode(Base):
    """A code that turns an installation into a device, once, until it expires (SPEC ID-5).

    `digits` is 16, and read by nobody any more. `device_id` and `nonce_hash`: the device, and the nonce its
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
    """A browser signed in at the desk. Once ended here, its cookie is invalid.

    `seen_at`: the last page, to within minutes. `proved_at`: when password or second factor were last given.
    `second_at`: when the second factor was first given. `address` and `browser`: where it signed in from.
    """

    __tablename__ = "desk_session"

    token_hash: Mapped[Hash] = mapped_column(primary_key=True)
    officer_id: Mapped[OfficerId]
    created_at: Mapped[Millis]
    seen_at: Mapped[int] = mapped_column(BigInteger, server_default="0")
    proved_at: Mapped[int] = mapped_column(BigInteger, server_default="0")
    second_at: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")
    browser: Mapped[str] = mapped_column(String(60), default="", server_default="")
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class SecondFactor(Base):
    """An authenticator app of an account. It counts from `confirmed_at` until `ended_at`; an account has one at most.

    `sealed`: its secret (services/access/sealing.py), with the key `key_id`. `last_step`: the 30 seconds of the last
    code that was taken; no code of that time or before is taken again.
    """

    __tablename__ = "second_factor"

    id: Mapped[IdKey]
    officer_id: Mapped[OfficerId]
    key_id: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[Millis]
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A printed code that stands in for an authenticator, once. It ends with its second factor."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[Hash] = mapped_column(primary_key=True)
    factor_id: Mapped[str] = mapped_column(String(16), ForeignKey("second_factor.id"), index=True)
    made_at: Mapped[Millis]
    used_at: Mapped[int | None] = mapped_column(BigInteger)


class RequiredFactor(Base):
    """A role whose holders need a second factor at the desk. `by_id`: who required it; None: somebody in the shell."""

    __tablename__ = "required_factor"

    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[Millis]
    by_id: Mapped[Id | None]


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
