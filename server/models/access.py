"""Ways in: phones, their codes, desk sessions, and the count of wrong tries. Secrets are stored hashed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId


class Device(Base):
    """One officer on one installation. A replaced one may still hand in its outbox; a revoked one may do nothing.

    `script`: made by an administrator for a program; it never replaces a phone nor is replaced by one.
    `code_by`: who made the code it came with, if a person did. `confirmed_at`: when its officer said at the desk that
    it is theirs (SPEC D-6); empty for one that came by a code until then.
    `quota_…`: pushes of that minute, bytes of that day (services/access/quotas.py).
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

    `digits` is 8 for one that was made before codes had 16.
    `device_id` and `nonce_hash`: the device, and what its phone drew for it; the same gets the same (SPEC ID-4).
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
    """A browser signed in at the desk; ended here, its cookie opens nothing any more."""

    __tablename__ = "desk_session"

    token_hash: Mapped[Hash] = mapped_column(primary_key=True)
    officer_id: Mapped[OfficerId]
    created_at: Mapped[Millis]
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class FailedTries(Base):
    """Failed sign-ins of one kind and subject since a moment (services/access/tries.py); `key` is a hash of both.

    Counted in the database: a limiter in memory is one for each process.
    """

    __tablename__ = "failed_tries"

    key: Mapped[Hash] = mapped_column(primary_key=True)
    since: Mapped[Millis] = mapped_column(index=True)
    count: Mapped[int] = mapped_column(Integer)


class WrongCodes(Base):
    """How many wrong enrolment codes came in an hour; `hour` counts from 1970. Rows of the last days only."""

    __tablename__ = "wrong_codes"

    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)
