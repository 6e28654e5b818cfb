"""Constants of the exchange (SPEC W-8, X-1, P-3). Changing one changes what installed phone apps may do.

Results of a push are encoded in runs: equal or consecutive ones share one (SPEC X-17).

>>> place = {"result": "stored", "unit": "u", "campaign": "c"}
>>> rows = [place | {"position": 7 + nth, "number": f"BR-{4 + nth}"} for nth in range(3)]
>>> pack_runs(rows)
[{'count': 3, 'result': 'stored', 'unit': 'u', 'campaign': 'c', 'position': 7, 'number': 'BR-4', 'step': 1}]
>>> unpack_runs(pack_runs(rows)) == rows
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

MINIMUM_APP: Final = 2
"""The oldest app version that may pull; an older one may still push its outbox (SPEC V-1)."""

RECEIPT_APP: Final = 3
"""The oldest app version that sends `received` with a write it brings back after a restore (SPEC L-13)."""

WRITE_BYTES: Final = 64 * 1024
SEEN_IDS: Final = 1024
RECORD_FIELDS: Final = 256
"""Most fields of a record, and as many more in registers of times of day (SPEC W-8)."""
FIELD_SIDES: Final = 32
RECORD_WRITES: Final = 10_000
"""Most writes of a record; also the most ids that they may name in `seen` without the server holding them."""
FIELD_NAME_LENGTH: Final = 64
INTEGER_MAX: Final = 2**53 - 1

BODY_BYTES: Final = 1024 * 1024
"""Most bytes a request body may have as sent."""
INFLATED_BYTES: Final = 8 * 1024 * 1024
"""Most bytes it may have after gunzip."""
WRITES_PER_REQUEST: Final = 1000
PHOTOS_PER_REQUEST: Final = 500
KNOWN_PER_REQUEST: Final = 500
KNOWN_WRITES: Final = 32
"""Most writes that one entry of `known` may name (SPEC B-3)."""
RECORDS_PER_PAGE: Final = 200
PAGE_BYTES: Final = 256 * 1024
"""About how many bytes of JSON one page of changes may hold before it ends early."""
BLOCK_RECORDS: Final = 80
"""Most records in a block of a streamed answer: a cut may cost one block, under 1 % of 10,000 records (SPEC X-19)."""
BLOCK_BYTES: Final = 96 * 1024
"""About how many bytes of JSON a block may hold; that fits as many ordinary records."""

MARK_LENGTH: Final = 32
"""Most characters of a mark as clients are given it (SPEC B-31)."""

FIGURE_MAX: Final = 10**9
"""Most that a record can add to a figure; a greater amount adds nothing (SPEC D-8)."""
TIMES_A_DAY: Final = 1440
"""Most airings that can be confirmed for one day: one a minute (SPEC F-3)."""
SCHEDULE_DAYS: Final = 400
"""Most days of a schedule that are asked for; a longer one is a slip of the thumb (SPEC F-21)."""
CONFIRM_AHEAD_DAYS: Final = 29
"""A confirmed day this far ahead waits on its client for that day; one beyond is refused (SPEC F-22).

Less than the 30 days that edits wait for the create of their record (SPEC X-31).
"""

NIL_PREFIX: Final = "nil/"
"""Prefix of the fields in which a unit says that it has nothing to report of a figure (SPEC F-6)."""

PHOTO_BYTES: Final = 8 * 1024 * 1024
PHOTO_PIXELS: Final = 25_000_000
PHOTO_PREFIX: Final = "photos/"
PHOTO_KEY_LENGTH: Final = 16
DOCUMENT_PREFIX: Final = "documents/"
"""Prefix of the registers that name PDF files; their keys are as long as those of photos (SPEC S-13)."""
DOCUMENT_TYPE: Final = "application/pdf"
DOCUMENT_NAME_LENGTH: Final = 200
KEPT_PREFIX: Final = "kept/"
"""Prefix of the fields in which an officer says that values stay as they are, by the check that asked (SPEC F-28)."""
CODE_DAYS: Final = 3
"""Default lifetime of an enrolment code; the person who makes it can choose another."""
CODE_DAYS_MOST: Final = 14
"""Longest lifetime of a code: for a card that is printed and sent."""
LINK_HOURS: Final = 72
"""Lifetime of a one-time link to the desk."""
CODE_MAKER_DAYS: Final = 30
"""How long the person who made a device's code counts as an author of what the device writes (SPEC D-6)."""
GRACE_DAYS: Final = 30
"""How long after the end of a role its clients may still push what they hold (SPEC L-8)."""
KEPT_MS: Final = 30 * 24 * 60 * 60 * 1000
"""How long a client keeps its stored writes and photos, in ms of server time (SPEC H-2)."""
STREAMS_ON_A_PHONE: Final = 32
"""Most streams that a client is sent (SPEC L-9), and most cursors that it sends (X-1)."""

TIME_ZONE: Final = "Asia/Ho_Chi_Minh"
VIET_NAM_MS: Final = 7 * 3_600_000
"""How far its clocks are ahead of UTC, since 1975 without summer time."""


Row = dict[str, Any]
"""A result without its id: its place in the order identifies the write."""
_PLACE = ("unit", "campaign")


def pack_runs(results: Sequence[Row]) -> list[Row]:
    """Encode the results as runs."""
    runs: list[Row] = []
    for result in results:
        if not runs or not _joins(runs[-1], result):
            runs.append({"count": 1, **result})
    place: dict[str, str] = {}
    for run in runs:
        if run["result"] == "stored":
            here = {key: run[key] for key in _PLACE}
            if here == place:
                for key in _PLACE:
                    del run[key]
            place = here
    return runs


def unpack_runs(runs: Iterable[Row]) -> list[Row]:
    """Decode runs to results, in their order."""
    results: list[Row] = []
    place: Row = {}
    for run in runs:
        if run["result"] != "stored":
            results += [{key: value for key, value in run.items() if key != "count"} for _ in range(run["count"])]
            continue
        place = {key: run.get(key, place.get(key)) for key in _PLACE}
        alike = {"result": "stored", **place, **({"received": run["received"]} if "received" in run else {})}
        results += [alike | _nth(run, nth) for nth in range(run["count"])]
    return results


def _joins(run: Row, result: Row) -> bool:
    """True when this result continues the run; then the run is extended."""
    count = run["count"]
    if result["result"] != "stored" or run["result"] != "stored":
        if {**run, "count": 0} != {**result, "count": 0}:
            return False
    else:
        if any(run.get(key) != result.get(key) for key in (*_PLACE, "received")):
            return False
        if "position" not in run or result.get("position") != run["position"] + count:
            return False
        steps = (0, 1) if count == 1 else (run.get("step", 0),)
        step = next((step for step in steps if _later(run["number"], count * step) == result["number"]), None)
        if step is None:
            return False
        if step:
            run["step"] = step
    run["count"] = count + 1
    return True


def _nth(run: Row, nth: int) -> Row:
    """Position and number of a result in its run; confirmed figures have neither (X-62)."""
    if "position" not in run:
        return {}
    return {"position": run["position"] + nth, "number": _later(run["number"], nth * run.get("step", 0))}


def _later(number: str, by: int) -> str:
    """Add to the counter in a number: `BR-17` and 2 make `BR-19`."""
    prefix, _, digits = number.rpartition("-")
    return f"{prefix}-{int(digits) + by}"
