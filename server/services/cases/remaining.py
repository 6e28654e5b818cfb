"""What remains of a case once it is reduced, made each time that it is stored, so that reducing opens nothing.

`remains` is the count that takes its place, sealed like the case. `rest` is sealed with the keyring, because a command
reads it while nobody is in: the month of closing, and the cases of the same person. It tells no day and no benefit.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import Campaign, CaseFile
from server.services.cases import sealing
from server.services.cases.data import CaseData
from server.services.confidential.totals import VictimTotals
from server.services.keyholders.vault import Vault

MONTH: Final = "month"
NOTHING: Final = "nothing"
"""Kinds of what remains: a count of a month; a case that counts with another, or not at all."""


@dataclass(frozen=True, slots=True)
class CaseRest:
    """`closed`: the last day of the month of closing, empty for an open case. `others`: cases of the same person."""

    closed: str
    others: Sequence[str]


def of(
    session: Session,
    vault: Vault,
    row: CaseFile,
    data: CaseData,
    partners: Mapping[str, CaseData],
    among: Sequence[Campaign] | None = None,
) -> None:
    """Fill in what remains of a case. `partners`: those of the same person, by id. `among`: all campaigns, if read."""
    made = rest_of(data)
    row.rest = sealing.note(vault, _rest(row.id), {"closed": made.closed, "others": list(made.others)})
    row.remains = sealing.seal(vault, count_place(row.id), _count(among or campaigns(session), data, partners)).text


def rest(vault: Vault, row: CaseFile) -> CaseRest:
    """Return when a case may be reduced, and with which. Raises Problem `case_unreadable`."""
    found = sealing.noted(vault, _rest(row.id), row.rest)
    return CaseRest(found["closed"], found["others"])


def rest_of(data: CaseData) -> CaseRest:
    """Return what `rest` says of a case."""
    others = (*data.same, *((data.counts_as,) if data.counts_as else ()))
    return CaseRest(month(date.fromisoformat(data.closed)) if data.closed else "", others)


def resealed(vault: Vault, row: CaseFile) -> bool:
    """Seal `rest` with the newest key of the ring. Returns False if it was. Raises Problem `case_unreadable`."""
    held = sealing.noted(vault, _rest(row.id), row.rest)
    if row.rest.partition(":")[0] == vault.ring.current(sealing.PURPOSE).id:
        return False
    row.rest = sealing.note(vault, _rest(row.id), held)
    return True


def totals_of(data: CaseData, partners: Mapping[str, CaseData]) -> VictimTotals:
    """Return what one person counts. `partners`: cases of the same person, by id."""
    cases = [data, *(partners[other] for other in data.same if other in partners)]
    if all(each.outcome == "not_victim" for each in cases):
        return VictimTotals(0, 0, {})
    given = {benefit for each in cases for benefit in each.provided}
    return VictimTotals(1, int(bool(given)), dict.fromkeys(sorted(given), 1))


def _count(among: Iterable[Campaign], data: CaseData, partners: Mapping[str, CaseData]) -> dict[str, Any]:
    total = totals_of(data, partners)
    if data.counts_as or total.is_nil:
        return {"unit": data.received_by, "kind": NOTHING}
    inside = sorted(each.id for each in among if each.starts_on <= data.received_on <= each.ends_on)
    return {
        "unit": data.received_by, "kind": MONTH, "received": month(data.received_on), "campaigns": inside,
        "at": now_ms(), "totals": total.plain,
    }  # fmt: skip


def campaigns(session: Session) -> Sequence[Campaign]:
    """Return all campaigns but those for practice."""
    return session.scalars(select(Campaign).where(Campaign.practice.is_(False)).order_by(Campaign.id)).all()


def month(day: date) -> str:
    """Return the last day of the month: the day itself is not kept."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]).isoformat()


def count_place(id_: str) -> str:
    """Return the associated data of a count's seal. What remains of a case is a count with the case's id."""
    return f"case_count:{id_}:sealed"


def _rest(id_: str) -> str:
    return f"case_file:{id_}:rest"
