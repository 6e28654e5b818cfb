"""Warnings: what a reviewer should look at before a record is approved. An act on many records leaves these out.

A warning is a condition on Record, so that a list of thousands is asked in one statement. The queue's own are here;
another capability adds its own:

    WARNINGS.add("hint", lambda session, streams: reading.matching(LOOK), place=50)  # server/capabilities/hints.py

Some warnings come of checks that are made in the background. A record that is still to be checked has none yet, which
says nothing about it: acts on many records leave out what is not ready (records/readiness.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.points import Point
from server.models import Photo, PhotoRef, Record, Stream
from server.services.records import late
from server.services.records.stored import DOCUMENT
from sync.registry import KINDS

Of = ColumnElement[bool]
"""Which streams are asked about: a condition on Stream."""
Warn = Callable[[Session, Of], ColumnElement[bool]]
"""(session, streams) -> SQL condition on Record: it has this warning. It may assume that Record is of these streams."""
WARNINGS: Final[Point[Warn]] = Point()
"""By name; the desk's words are `warning.<name>`."""
ONE_BY_ONE: Final[Point[Warn]] = Point()
"""By name: those of them with which no act on many records approves, whatever it was asked for."""
SHOWN: Final = ("conflict", "amended", "late", "no_photo", "hint")
"""Those that a list shows in its own way; it names the others."""


def _conflict(_session: Session, _streams: Of) -> ColumnElement[bool]:
    return Record.conflicted.is_(True)


def _amended(_session: Session, _streams: Of) -> ColumnElement[bool]:
    return Record.state == "amended"


def _late(session: Session, streams: Of) -> ColumnElement[bool]:
    return late.any_mark(session, streams)


def _no_photo(_session: Session, _streams: Of) -> ColumnElement[bool]:
    """A kind that needs a photo, or a record that names some, of which none can be looked at."""
    own = PhotoRef.role != DOCUMENT
    needs = [kind.name for kind in KINDS.recorded() if kind.source["photos"]["required"]]
    return and_(or_(Record.kind.in_(needs), _named(own)), not_(_came(own)))


def _no_document(_session: Session, _streams: Of) -> ColumnElement[bool]:
    """A record that names documents of which none can be read."""
    own = PhotoRef.role == DOCUMENT
    return and_(_named(own), not_(_came(own)))


def _named(own: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(PhotoRef.record_id == Record.id, own)


def _came(own: ColumnElement[bool]) -> ColumnElement[bool]:
    verified = and_(Photo.sha256 == PhotoRef.sha256, Photo.state == "verified")
    return exists().where(PhotoRef.record_id == Record.id, own, PhotoRef.held, verified)


def _missing(_session: Session, _streams: Of) -> ColumnElement[bool]:
    """A required field that nobody ever filled in."""
    conditions = [
        and_(Record.kind == kind.name, or_(*(Record.survivors[name].as_string().is_(None) for name in names)))
        for kind in KINDS.recorded()
        if (names := [field.name for field in kind.fields if field.required and not field.retired])
    ]
    return or_(*conditions)


OWN: Final[tuple[tuple[str, Warn], ...]] = (
    ("conflict", _conflict),
    ("amended", _amended),
    ("late", _late),
    ("no_photo", _no_photo),
    ("missing", _missing),
    ("no_document", _no_document),
)


def condition(session: Session, streams: Of) -> ColumnElement[bool]:
    """SQL condition on Record: it has a warning."""
    return or_(*(warn(session, streams) for _, warn in _all()))


def one_by_one(session: Session, streams: Of) -> ColumnElement[bool]:
    """SQL condition on Record: somebody must look at it before it is approved."""
    return or_(false(), *(must(session, streams) for _, must in ONE_BY_ONE.named()))


def of(session: Session, found: Collection[Record], *, but: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """The names of the warnings of these records, by id, without those in `but`; records without one are left out."""
    ids = [record.id for record in found]
    streams = one_of(Stream.id, {record.stream_id for record in found})
    names: dict[str, tuple[str, ...]] = {}
    for name, warn in [each for each in _all() if each[0] not in but] if found else ():
        for id_ in session.scalars(select(Record.id).where(one_of(Record.id, ids), warn(session, streams))):
            names[id_] = (*names.get(id_, ()), name)
    return names


def _all() -> tuple[tuple[str, Warn], ...]:
    return (*OWN, *WARNINGS.named())
