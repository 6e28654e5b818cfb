"""Seals: a unit's statements over its submitted set, one after the other (SPEC L-1, L-2).

And what is kept of the figures of each unit, so that those of a country are not added up anew for each page.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Json
from server.models.columns import Hash, Id, IdKey, Millis, OfficerId, StreamId


class Seal(Base):
    """One statement over a stream, "these are our figures", up to `position`.

    `on_behalf`: made by somebody above the unit. `taken_back_at`, `taken_back_by`, `reason`: set when it no longer
    holds. `prepared_by` made the figures, and a leader (`approved_by`, with title and day) approved them: as whoever
    confirmed wrote, "" where nothing was written.
    """

    __tablename__ = "seal"
    __table_args__ = (
        Index(
            None,
            "stream_id",
            "position",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
    )

    id: Mapped[IdKey]
    stream_id: Mapped[StreamId]
    position: Mapped[int] = mapped_column(BigInteger)
    officer_id: Mapped[OfficerId]
    on_behalf: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[Millis]
    taken_back_at: Mapped[int | None] = mapped_column(BigInteger)
    taken_back_by: Mapped[Id | None]
    reason: Mapped[str] = mapped_column(String(2000), default="")
    prepared_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    approved_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    approved_title: Mapped[str] = mapped_column(String(100), default="", server_default="")
    approved_on: Mapped[str] = mapped_column(String(10), default="", server_default="")


class SummedCampaign(Base):
    """A campaign of which sums are kept (services/figures/kept.py), of `unit_id` and all below it.

    `rules`: a digest of what they depend on beside the streams: the tree, due dates, figures. `catalogue`: the version
    of the catalogue at which it was right: while that is the same, nothing of it has changed. `number` counts how often
    they were made those of now. Without `rules` none are kept.
    """

    __tablename__ = "summed_campaign"

    campaign_id: Mapped[IdKey]
    unit_id: Mapped[Id]
    number: Mapped[int] = mapped_column(BigInteger)
    rules: Mapped[Hash]
    catalogue: Mapped[str] = mapped_column(String(200))


class SummedStream(Base):
    """A stream in the sums: the unit that its own is today, the part of the tree it is in, and its state then.

    Of its records: how many wait for somebody, by state, and how many are in a figure.
    """

    __tablename__ = "summed_stream"

    stream_id: Mapped[IdKey]
    campaign_id: Mapped[Id] = mapped_column(index=True)
    unit_id: Mapped[Id]
    part_id: Mapped[Id]
    mark: Mapped[str] = mapped_column(String(120))
    waiting: Mapped[int] = mapped_column(Integer, server_default="0")
    amended: Mapped[int] = mapped_column(Integer, server_default="0")
    returned: Mapped[int] = mapped_column(Integer, server_default="0")
    in_a_figure: Mapped[int] = mapped_column(Integer, server_default="0")


class SummedUnit(Base):
    """What was added up of one unit, with all that it took over."""

    __tablename__ = "summed_unit"

    campaign_id: Mapped[IdKey]
    unit_id: Mapped[IdKey]
    sums: Mapped[dict[str, Any]] = mapped_column(Json)


class SummedPart(Base):
    """What was added up of a part of the tree: the sum of its units."""

    __tablename__ = "summed_part"

    campaign_id: Mapped[IdKey]
    part_id: Mapped[IdKey]
    sums: Mapped[dict[str, Any]] = mapped_column(Json)
