"""Request and response of an exchange as JSON (SPEC X-1, X-2, X-7, X-19).

A client also says what is on it alone (SPEC X-45), so that whoever waits for figures knows.

`round_trip.py` finds out what to say; `server/api/sync.py` sends it; `server/api/schemas.py` documents these keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row as Columns

from server.core.bulk import json_text
from server.services.access.devices import HeldWork
from server.services.continuity.marks import WireMark
from server.services.records.stored import Result
from server.services.records.streams import Cursor, Place, number_text
from sync.errors import CODES
from sync.protocol import INTEGER_MAX, Row

_MOST = 2**31 - 1
"""More writes or photos than this are noted as this many: they must fit their columns."""


def held_work(raw: object) -> HeldWork | None:
    """Return what a request says; None for anything else, which harms nothing."""
    if not isinstance(raw, dict):
        return None
    numbers = [raw.get(name) for name in ("writes", "photos", "bytes")]
    if not all(type(number) is int and 0 <= number <= INTEGER_MAX for number in numbers):
        return None
    writes, photos, size = (int(number or 0) for number in numbers)
    return HeldWork(min(writes, _MOST), min(photos, _MOST), size)


def note_held_work(held: HeldWork | None, at_ms: int) -> dict[str, Any]:
    """Return the columns of a device that note it; none if nothing was said."""
    if held is None:
        return {}
    return {"held_writes": held.writes, "held_photos": held.photos, "held_bytes": held.bytes, "held_at": at_ms}


@dataclass(frozen=True, slots=True)
class Question:
    """A client's request. `ask` names a push whose answer was lost; then there are no writes."""

    writes: Sequence[object]
    cursors: Sequence[Cursor]
    photos: Sequence[str]
    app: int
    push: str | None = None
    ask: str | None = None
    restored: int | None = None
    mark: WireMark | None = None
    known: Sequence[object] = ()
    held: HeldWork | None = None
    """What stays on the device alone; None if it did not say."""
    pull: bool = True
    """False if the client only writes: it is sent no changes and no cursors (X-60)."""

    @property
    def takes_the_lock(self) -> bool:
        """True if it needs the writers' lock and so counts against the device's quota."""
        return bool(self.writes or self.known)

    size: int = 0
    """Bytes of the unpacked request."""


@dataclass(frozen=True, slots=True)
class AskedPush:
    """The answer to `ask`: the push's results as runs, or None if this push is not the one kept."""

    runs: list[dict[str, Any]] | None
    received: int | None = None
    """When the push was stored, in ms."""


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """What the client gets back besides changes."""

    results: list[Result]
    asked: AskedPush | None
    photos: list[dict[str, str]]
    catalog: str
    server_time: int
    minimum_app: int
    restored: int | None
    replaced: bool
    idle: bool = False
    mark: str | None = None
    """What the client is to keep in place of its mark; None if it has the last one."""
    known: Sequence[str] | None = None
    """The records of `known` that the server took (SPEC B-33); None if it was sent none."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Changes, each as JSON text, and the cursors after them; `more`: the client should request another at once."""

    changes: list[str]
    cursors: list[Cursor]
    more: bool


def result(result: Result) -> Row:
    """A result without its id and sentence (X-2)."""
    if result.result == "stored":
        # In this order a push of 100 is packed in 29 bytes less. A seal has no place.
        number = {"number": result.number} if result.number else {}
        place = {"position": result.position} if result.number else {}
        home = {"unit": result.unit, "campaign": result.campaign}
        return {**number, "result": "stored", "received": result.received, **place, **home}
    row = {"result": result.result, "code": result.code}
    return row | ({"field": result.field} if result.field else {})


def decision(row: Columns[Any], by: str) -> dict[str, Any]:
    """A decision without what depends on its record; `by`: the reviewer's name."""
    return {
        "id": row.id,
        "verdict": row.verdict,
        "reason": row.reason,
        "fields": row.fields,
        "by": by,
        "at": row.at,
    }


def reply(id_: str, text: str, by: str, at: int) -> dict[str, Any]:
    """An officer's answer to a decision (SPEC D-13); `by`: the officer's name, `at`: the phone's clock, ms."""
    return {"id": id_, "text": text, "by": by, "at": at}


def message(id_: str, text: str, by: str, at: int, *, above: bool) -> dict[str, Any]:
    """What somebody said about a record (SPEC D-15); `above`: who decides on it."""
    return {"id": id_, "text": text, "by": by, "at": at, "above": above}


def change(
    place: Place,
    record: Columns[Any],
    writes: Mapping[str, Any],
    decided: Mapping[str, Any] | None,
    written: int | None,
    messages: Sequence[Mapping[str, Any]] = (),
) -> str:
    """A record's change as JSON (X-7). `writes`: see sync/change.py; `written`: the position of its last new write."""
    unit, campaign = place
    return json_text(
        {
            "record": record.id,
            "kind": record.kind,
            "unit": unit,
            "campaign": campaign,
            "number": number_text(record.kind, record.number),
            **writes,
            **({"written": written, "received": record.received_at} if written is not None else {}),
            "decision": decided and {**decided, "amended": record.state == "amended"},
            **({"messages": messages} if messages else {}),
        }
    )


def head(said: AnswerHead, language: str) -> dict[str, Any]:
    """The head of an answer, with the sentences of refusals in that language."""
    answer: dict[str, Any] = {
        "results": [{"id": each.id, **_with_sentence(result(each), language)} for each in said.results],
        "photos": said.photos,
        "catalog": said.catalog,
        "server_time": said.server_time,
        "minimum_app": said.minimum_app,
    }
    if said.restored is not None:
        answer["restored"] = said.restored
    if said.mark is not None:
        answer["mark"] = said.mark
    if said.replaced:
        answer["replaced"] = True
    if said.idle:
        answer["idle"] = True
    if said.known is not None:
        answer["known"] = list(said.known)
    if said.asked is not None:
        runs = said.asked.runs
        answer["asked"] = {
            "known": runs is not None,
            "runs": [_with_sentence(run, language) for run in runs or ()],
            **({"received": said.asked.received} if said.asked.received else {}),
        }
    return answer


def whole(head: Mapping[str, Any], page: FeedPage) -> str:
    """An answer as one JSON object; the changes are JSON texts already."""
    rest = json_text({**head, "cursors": _cursors(page), "more": page.more})
    return f'{{"changes":[{",".join(page.changes)}],{rest[1:]}'


def first_line(head: Mapping[str, Any]) -> str:
    """The head as the first line of a stream (X-19)."""
    return f"{json_text(head)}\n"


def block(page: FeedPage) -> str:
    """A page as lines of a stream, complete in itself (X-19): the changes, then the cursors behind them."""
    last = {} if page.more else {"more": False}
    return "\n".join([*page.changes, json_text({"cursors": _cursors(page), **last}), ""])


def _with_sentence(row: Row, language: str) -> Row:
    return row | {"detail": CODES[row["code"]].sentence(language)} if "code" in row else row


def _cursors(page: FeedPage) -> list[dict[str, Any]]:
    return [asdict(cursor) for cursor in page.cursors]
