"""Whether this installation holds the sample data of the demo."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.models import Meta
from server.models.installation import DEMO


def is_demo(session: Session) -> bool:
    """True in a database of sample data."""
    return session.get(Meta, DEMO) is not None
