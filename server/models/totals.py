"""Totals without evidence: what a unit, or the level above it, says of a figure beside its records (services/totals/).

Triggers let nobody alter or delete these rows (migration 1000): the steps of one figure are its history.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base
from server.models.columns import Step, StreamId


class TotalStep(Step, Base):
    """One act on a figure's total of a stream: `state`, `confirm` or `withdraw`.

    The last one says all of it: a confirmation repeats what it confirms. `amount` 0: nothing
    to report. `reach`: `whole` (the amount contains what records show) or `besides` (it comes on top of `base`, the
    amount of the records at that moment). `on_behalf`: stated by somebody above the unit, who waits for it to confirm.
    `reported`: the unit itself has stated or confirmed a total of this figure. `reason`: of a change.
    """

    __tablename__ = "total_step"
    __table_args__ = (UniqueConstraint("stream_id", "figure", "number"),)

    of = ("stream_id", "figure")

    stream_id: Mapped[StreamId]
    figure: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int] = mapped_column(BigInteger)
    reach: Mapped[str] = mapped_column(String(8))
    base: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(String(2000), default="")
    on_behalf: Mapped[bool] = mapped_column(Boolean, default=False)
    reported: Mapped[bool] = mapped_column(Boolean, default=False)
