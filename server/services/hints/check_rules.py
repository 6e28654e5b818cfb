"""What the checks of the kinds find (`sync/checks.py`), which phones run before they save."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from server.services.hints.facts import StreamFacts
from server.services.hints.found import FoundHint, others
from server.services.hints.photo_rules import Homes, beside
from sync import checks
from sync.checks import Around, CheckedRecord, CheckFinding

MORE: Final = 3
"""Most further findings of one rule that a hint says."""


def look(told: StreamFacts, photos: Homes) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream. `photos`: the records that show each photo."""
    around = Around(told.starts_on.isoformat(), told.ends_on.isoformat(), photos)
    found: dict[tuple[str, str], list[CheckFinding]] = {}
    for records in told.by_kind():
        entries = [CheckedRecord(each.id, each.values, each.writers, each.said_on) for each in records]
        for one in checks.look(records[0].kind, entries, around):
            found.setdefault((one.record, one.check.rule), []).append(one)
    for (record, rule), findings in found.items():
        first, *more = findings
        detail = _detail(first)
        if more:
            detail["more"] = [_detail(one) for one in more[:MORE]]
        if first.others:
            detail |= beside(first.pairs) if first.pairs else others(first.others)
        yield FoundHint(record, rule, sum(one.hits for one in findings), detail)


def _detail(one: CheckFinding) -> dict[str, Any]:
    return {"check": one.check.id, "keys": list(one.keys), "hits": one.hits, **one.detail}
