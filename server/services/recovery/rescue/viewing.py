"""Reports on files that were handed in. They are read by ids, so they always show the present state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.paging import ListPage, page_of
from server.models import Device, Officer, Record, Rescue, Stream, Unit
from server.services.records.streams import number_text
from server.services.recovery.rescue import device_status
from server.services.recovery.rescue.taking import LATER, REFUSED, STORED, THERE, is_untaken
from server.services.units.scope import Scope

PAGE = 30


@dataclass(frozen=True, slots=True)
class Titles:
    """Records that the person may see, by the names people use: `Chính Nghĩa BR-17`."""

    known: Mapping[str, str]

    def __getitem__(self, record_id: str) -> str:
        return self.known.get(record_id, "")


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that was handed in, as its page shows it. `device` is empty if the server no longer knows it."""

    row: Rescue
    by: str
    author: str
    device: str
    titles: Titles

    @property
    def records(self) -> list[str]:
        """The records it wrote to, in the order of the file."""
        kept = [write["record"] for write in self.row.writes if write["result"] in (STORED, THERE)]
        return list(dict.fromkeys(kept))

    @property
    def left(self) -> list[Mapping[str, Any]]:
        """The writes that were not taken."""
        return [write for write in self.row.writes if write["result"] in (REFUSED, LATER)]

    @property
    def photos_left(self) -> list[Mapping[str, Any]]:
        """The photos that were not taken."""
        return [] if self.row.held else [photo for photo in self.row.photos if photo["result"] == REFUSED]

    def count(self, what: str, result: str) -> int:
        """Number of `writes` or `photos` with this result."""
        rows: list[Mapping[str, Any]] = getattr(self.row, what)
        return sum(_fate(row) == result for row in rows)


def _fate(row: Mapping[str, Any]) -> str:
    """Nobody takes words out of a file later, though another file may bring them with their record."""
    return REFUSED if is_untaken(row) else str(row["result"])


def see(session: Session, scope: Scope, rescue_id: str) -> Seen:
    """One file. Raises Problem `not_found`."""
    return _seen(session, scope, [device_status.row(session, scope, rescue_id)])[0]


def handed_in(session: Session, scope: Scope, page: int = 1) -> ListPage[Seen]:
    """A page of the files this person handed in, the newest first."""
    mine = select(Rescue).where(Rescue.officer_id == scope.officer_id)
    found = page_of(session, mine.order_by(Rescue.at.desc(), Rescue.id), page, PAGE)
    return found.showing(_seen(session, scope, [row[0] for row in found.rows]))


def titles(session: Session, scope: Scope, record_ids: Collection[str]) -> Titles:
    """Titles of these records, as far as the person may see them."""
    query = (
        select(Record.id, Record.kind, Record.number, Unit.id.label("unit"), Unit.short_name)
        .join(Stream, Stream.id == Record.stream_id)
        .join(Unit, Unit.id == Stream.unit_id)
        .where(Record.id.in_(record_ids))
    )
    rows = [row for row in session.execute(query) if scope.may_see(row.unit)]
    return Titles({row.id: f"{row.short_name} {number_text(row.kind, row.number)}" for row in rows})


def _seen(session: Session, scope: Scope, rows: Sequence[Rescue]) -> list[Seen]:
    people = {row.officer_id for row in rows} | {row.author_id for row in rows if row.author_id}
    names = dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(people))).all())
    ids = {row.device_id for row in rows}
    devices = {
        device.id: f"{device.label or '?'} ({device.mark})"
        for device in session.scalars(select(Device).where(Device.id.in_(ids)))
    }
    return [
        Seen(
            row=row,
            by=names[row.officer_id],
            author=names.get(row.author_id or "", ""),
            device=devices.get(row.device_id, ""),
            titles=titles(session, scope, {write["record"] for write in row.writes}),
        )
        for row in rows
    ]
