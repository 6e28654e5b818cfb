"""One-time links to the desk: the way in for somebody who has no password yet, or has lost it."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Hash, Millis, OfficerId


class WelcomeLink(Base):
    """A random token that lets its holder choose the account's password, once, within 72 hours."""

    __tablename__ = "welcome_link"

    token_hash: Mapped[Hash] = mapped_column(primary_key=True)
    officer_id: Mapped[OfficerId]
    made_at: Mapped[Millis]
    expires_at: Mapped[Millis]
    used_at: Mapped[int | None] = mapped_column(BigInteger)
