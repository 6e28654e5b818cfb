"""The story of Xã Chính Nghĩa: each state and each kind of trouble once, where a visitor looks first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from server.demo import words
from server.demo.activities import Activities
from server.demo.letter import ENDS
from server.demo.people import COMMUNE_USERS
from server.demo.steps import HOUR, MINUTE, Changed, Decided, Recorded, Step
from server.demo.story import Teller, spoiled

FIRST, SECOND = COMMUNE_USERS


def story(teller: Teller) -> Iterator[Step]:
    """Yield the steps of two officers on two phones, and of the district's reviewer."""
    yield from _settled(teller)
    yield from _together(teller)
    yield from _others(teller)
    yield from _photos_again(teller)
    record = teller.recorder
    yield record.banner("waiting", 1)
    yield record.broadcast("waiting", 0)
    draft = record.broadcast("draft", 0)
    yield replace(draft, submitted=False)
    yield replace(record.banner("practice", 3), practice=True)


def _settled(teller: Teller) -> Iterator[Step]:
    """Yield records that are counted, edited after counting, returned and not yet corrected, not counted."""
    for name in ("counted", "amended"):
        record = teller.recorder.banner(name, 12)
        yield from _and(record, teller.decided(record, "counted"))
        if name == "amended":
            yield _later(record, FIRST, 47 * HOUR, {"quantity": 2, "note": "Treo thêm một chiếc ở cổng chợ."})
    on_air = teller.recorder.broadcast("counted", 9)
    yield from _and(on_air, teller.decided(on_air, "counted"))
    for name, fault in (("returned", words.BLURRED), ("twice", words.TWICE)):
        record = teller.recorder.banner(name, 5, fault.flaw)
        yield from _and(record, teller.decided(record, fault.verdict, fault.reason, fault.field))


def _photos_again(teller: Teller) -> Iterator[Step]:
    """Yield a banner that was approved, and two with its photo: the very same one, and a shot of it in a chat."""
    first = teller.recorder.banner("photographed", 8)
    yield from _and(first, teller.decided(first, "counted"))
    (scene,) = first.scenes
    yield replace(teller.recorder.banner("same photo", 1), scenes=(scene,))
    yield replace(teller.recorder.banner("photo from a chat", 1), scenes=(replace(scene, flaw="chat"),))


def _others(teller: Teller) -> Iterator[Step]:
    """Yield records of other kinds: two returned, one draft; and a broadcast confirmed evening by evening."""
    activities = Activities(teller.recorder)
    back = ((activities.event("returned", 4), words.PRESENT), (activities.leaflet("returned", 3), words.HANDED_OUT))
    for told_well, fault in back:
        record = spoiled(told_well, fault)
        yield from _and(record, teller.decided(record, fault.verdict, fault.reason, fault.field))
    yield replace(activities.media("draft", 0), submitted=False)
    yield from activities.standing("evenings", ENDS)


def _together(teller: Teller) -> Iterator[Step]:
    """Yield two people's edits of one record, neither having seen the other's."""
    both = teller.recorder.banner("both", 3)
    yield both
    yield _later(both, FIRST, HOUR, {"quantity": 2})
    yield _later(both, SECOND, 2 * HOUR, {"quantity": 3, "note": "Đếm lại cùng trưởng thôn."})
    gone = teller.recorder.banner("gone", 4)
    yield gone
    yield replace(_later(gone, FIRST, HOUR, {}), delete=True)
    yield _later(gone, SECOND, 2 * HOUR, {"note": "Băng rôn vẫn còn, đã buộc lại."})
    mistake = teller.recorder.broadcast("mistake", 6)
    yield mistake
    yield replace(_later(mistake, FIRST, HOUR, {}), delete=True, blind=False)


def _later(record: Recorded, who: str, after: int, values: dict[str, object]) -> Changed:
    at = record.got + after
    return Changed(at + MINUTE, at, who, record.key, values, blind=True)


def _and(record: Recorded, decided: Decided | None) -> Iterator[Step]:
    yield record
    if decided is not None:
        yield decided
