"""A new case: everything about it is chosen from lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server.core.clock import new_id, today
from server.core.problem_details import refuse_if
from server.services.cases import case_log, rights, store
from server.services.cases.data import CaseData
from server.services.cases.lists import AGES, BASES, CONSENTS, SEXES, SOURCES
from server.services.cases.store import HeldCase
from server.services.checklist import regimes, versions
from server.services.keyholders.vault import Vault
from sync.values import is_date


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a form says. `received`: an ISO date."""

    unit: str
    category: str
    sex: str
    age: str
    source: str
    basis: str
    consent: str
    received: str


def make(session: Session, vault: Vault, officer_id: str, new: NewCase) -> HeldCase:
    """Make a case with a random code. Raises Problem `not_found`, `bad_request`, `case_day`, `case_category`."""
    refuse_if(new.unit not in rights.units_of(session, officer_id), "not_found")
    lists = ((new.sex, SEXES), (new.age, AGES), (new.source, SOURCES), (new.basis, BASES), (new.consent, CONSENTS))
    refuse_if(any(chosen not in known for chosen, known in lists), "bad_request")
    received = day(new.received)
    refuse_if(regimes.sheet(new.category, received, versions.in_force(session)) is None, "case_category")
    data = CaseData(
        unit=new.unit,
        received_by=new.unit,
        code=store.fresh_code(session, vault),
        category=new.category,
        sex=new.sex,
        age=new.age,
        source=new.source,
        basis=new.basis,
        consent=new.consent,
        received=received.isoformat(),
        officer=officer_id,
    )
    held = store.add(session, vault, new_id(), data)
    case_log.append(session, vault, "made", officer_id, case=held.id, unit=new.unit)
    return held


def day(text: str, earliest: str = "") -> date:
    """Return a typed day, which has been and is not before `earliest`. Raises Problem `case_day`."""
    refuse_if(not is_date(text) or date.fromisoformat(text) > today() or text < earliest, "case_day")
    return date.fromisoformat(text)
