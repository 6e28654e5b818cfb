"""Whether a photo may leave the review, and what of it is covered first: a person says so, photo by photo.

    going(rule, NOTHING)                     in a campaign with the usual rule: it goes, and *Trình* names it
    going(rule, PhotoAnswer(face=True))      it stays: a child can be recognised, and nothing is covered
    going(rule, PhotoAnswer(parts=(…,)))     it goes as a copy with these parts covered

To leave means the photos of a report in Word, the leader's sheet and copies with a stamp. The photo itself stays as it
came: it is the evidence, for the review and the archive. A covered copy is made where it is needed (masking.py), so a
purge has none to remove.

Only what was said is stored, one mark after the other. A paper that is presented keeps the answers of that moment
itself (reports/workflow/paper_documents.py), so what is said later changes nothing in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.bulk import one_of
from server.core.clock import now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if
from server.models import Campaign, FaceRule, PhotoMark, PhotoRef, Record, Stream
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns.amending import to_amend
from server.services.photos import photo_index
from server.services.records import streams
from server.services.records.stored import ORIGINAL
from server.services.units.scope import Scope
from sync.protocol import PHOTO_KEY_LENGTH

ASKED, MARKED, NONE = "asked", "marked", "none"
RULES: Final = (ASKED, MARKED, NONE)
"""Of a campaign, for photos that leave the review.

`asked`, the usual one: somebody answers for each photo of a report, and of the file beside it, before it is presented,
and whoever presents it without sees which ones lack an answer. It stops nobody.
`marked`: nobody is asked; what was marked goes covered.
`none`: no photo with a child's face goes, covered or not, and none that nobody has answered for.
"""
WHOLE: Final = 10_000
"""The picture's width and height, in which parts are measured."""
LEAST: Final = 50
MOST_PARTS: Final = 40
Part = tuple[int, int, int, int]
"""A rectangle: x, y, width, height."""
PhotoName = tuple[str, str]
"""A record, and the key of a photo in it."""


@dataclass(frozen=True, slots=True)
class PhotoAnswer:
    """What holds for a photo. `face`: whether a child's face can be recognised; None: nobody answered.

    `number`: how often something was said of it.
    """

    face: bool | None = None
    unused: bool = False
    parts: tuple[Part, ...] = ()
    number: int = 0


NOTHING: Final = PhotoAnswer()


def going(rule: str, said: PhotoAnswer) -> bool:
    """True if the photo may leave the review, covered where parts are drawn."""
    if said.unused or (said.face and not said.parts):
        return False
    return said.face is False if rule == NONE else True


def is_open(rule: str, said: PhotoAnswer) -> bool:
    """True if the campaign asks whether a child can be recognised, and nobody has answered."""
    return rule != MARKED and said.face is None and not said.unused


def may_mark(scope: Scope, unit_id: str) -> bool:
    """True for who decides on the unit's records or makes reports with them: its members, and reviewers above."""
    return scope.may_write(unit_id)


def of(session: Session, record_ids: Collection[str]) -> Mapping[PhotoName, PhotoAnswer]:
    """Return what holds for the photos of these records; photos of which nobody said anything are left out."""
    query = select(PhotoMark).where(one_of(PhotoMark.record_id, record_ids)).order_by(PhotoMark.number)
    return {(row.record_id, row.sha256[:PHOTO_KEY_LENGTH]): _answer(row) for row in session.scalars(query)}


def most_marked(session: Session, places: Sequence[ColumnElement[bool]]) -> int:
    """Return of how many records of one stream photos were marked, at most: no more can be kept out of a report.

    `places`: conditions on Stream.
    """
    joined = select(func.count(PhotoMark.record_id.distinct()).label("n")).join(
        Record, Record.id == PhotoMark.record_id
    )
    each = joined.join(Stream, Stream.id == Record.stream_id).where(*places).group_by(Stream.id).subquery()
    return session.scalar(select(func.max(each.c.n))) or 0


def _answer(row: PhotoMark) -> PhotoAnswer:
    return PhotoAnswer(row.face, row.unused, tuple(_part(each) for each in row.parts), row.number)


def _part(stored: Iterable[int]) -> Part:
    x, y, width, height = stored
    return x, y, width, height


def read_parts(text: str) -> tuple[Part, ...]:
    """Read `x,y,width,height x,y,…` as a page sends it. Raises Problem `bad_request`."""
    found: list[Part] = []
    for word in text.split():
        numbers = [int(each) for each in word.split(",") if each.isascii() and each.isdecimal() and len(each) <= 5]
        refuse_if(len(numbers) != 4 or word.count(",") != 3, "bad_request", "parts")
        x, y, width, height = numbers
        refuse_if(min(width, height) < LEAST or x + width > WHOLE or y + height > WHOLE, "bad_request", "parts")
        found.append((x, y, width, height))
    refuse_if(len(found) > MOST_PARTS, "bad_request", "parts")
    return tuple(found)


def mark(session: Session, scope: Scope, record_id: str, key: str, said: PhotoAnswer) -> bool:
    """Store what a person says of a photo. `said.number`: the mark that was on the screen.

    Returns False, and stores nothing, if somebody said something else meanwhile: parts that were drawn are not to go
    lost. Raises Problem `not_found`, `forbidden`.
    """
    named = photo_index.reference(session, scope, record_id, key, ORIGINAL)
    stream = streams.lock(session, [named.stream_id])[named.stream_id].stream
    # Purged meanwhile: nothing of it may stay (SPEC L-18).
    refuse_if(session.get(PhotoRef, (named.sha256, record_id), populate_existing=True) is None, "not_found")
    refuse_if(not may_mark(scope, stream.unit_id), "forbidden")
    last = of(session, [record_id]).get((record_id, key), NOTHING)
    same = (said.face, said.unused, said.parts) == (last.face, last.unused, last.parts)
    if same or said.number != last.number:
        return same
    row = PhotoMark(record_id=record_id, sha256=named.sha256, number=last.number + 1, face=said.face)
    row.unused, row.parts = said.unused, [list(part) for part in said.parts]
    row.officer_id, row.at = scope.officer_id, now_ms()
    add_now(session, row)
    log.append(
        session,
        Act.PHOTO_MARKED,
        ("record", record_id),
        old=_logged(last) if last.number else None,
        new={"hash": key, "unit": stream.unit_id, **_logged(said)},
    )
    return True


def _logged(said: PhotoAnswer) -> dict[str, str | int]:
    face = {None: "unanswered", True: "face", False: "no_face"}[said.face]
    return {"status": f"{face}_unused" if said.unused else face, "amount": len(said.parts)}


def rule_of(session: Session, campaign_id: str) -> str:
    """Return the rule of a campaign."""
    row = session.get(FaceRule, campaign_id)
    return row.rule if row is not None else ASKED


def rules_of(session: Session, record_ids: Collection[str]) -> Mapping[str, str]:
    """Return the rule of each record's campaign, where it is not the usual one."""
    joined = select(PhotoRef.record_id, FaceRule.rule).join(Stream, Stream.id == PhotoRef.stream_id)
    joined = joined.join(FaceRule, FaceRule.campaign_id == Stream.campaign_id)
    return dict(session.execute(joined.where(one_of(PhotoRef.record_id, record_ids)).distinct()).all())


def set_rule(session: Session, scope: Scope, campaign_id: str, rule: str) -> Campaign:
    """Set the rule of a campaign. Raises Problem as `to_amend` does, or `bad_request`."""
    campaign = to_amend(session, scope, campaign_id, lock=True)
    refuse_if(rule not in RULES, "bad_request", "rule")
    before = rule_of(session, campaign_id)
    if rule != before:
        row = session.get(FaceRule, campaign_id) or FaceRule(campaign_id=campaign_id)
        row.rule, row.by_id, row.at = rule, scope.officer_id, now_ms()
        add_now(session, row)
        new = {"status": f"faces_{rule}", "unit": campaign.unit_id}
        log.append(session, Act.FACE_RULE_SET, ("campaign", campaign_id), old={"status": f"faces_{before}"}, new=new)
    return campaign


def erase(session: Session, moments: Mapping[str, int], _blobs: Blobs) -> tuple[()]:
    """Remove what was said of the photos of these records, which are purged."""
    session.execute(delete(PhotoMark).where(one_of(PhotoMark.record_id, moments)))
    return ()
