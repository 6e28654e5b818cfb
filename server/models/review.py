"""Review: what a reviewer keeps for oneself."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Millis


class ReviewerText(Base):
    """A reviewer's own wording of a ready reason (services/review/return_templates.py)."""

    __tablename__ = "reviewer_text"

    officer_id: Mapped[str] = mapped_column(String(16), ForeignKey("officer.id"), primary_key=True)
    template: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(String(2000))
    at: Mapped[Millis]
