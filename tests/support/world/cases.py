"""People with the right to cases, and cases as a browser makes them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import delete, select

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import (
    CaseCount,
    CaseFile,
    CaseKey,
    CaseLogLine,
    CaseRight,
    KeyHolder,
    KeyOpening,
    Officer,
    SealedAnnex,
    SealedTotals,
    Unit,
)
from server.services.audit import log
from server.services.cases import case_log, log_verifying, rights, sealing, store, taking_over
from server.services.confidential import sealed
from server.services.keyholders.vault import Vault
from support.world.confidential import appoint, proven, vault
from support.world.world import World

NEW = {
    "category": "victim", "received": "2021-07-28", "sex": "female", "age": "adult", "source": "border",
    "basis": "law", "consent": "not_needed",
}  # fmt: skip
HOLDERS = {"mat_tinh": "33", "mat_xa": "12286", "mat_nhanla": "12289"}


def entitle(world: World) -> None:
    """Appoint the confidential officers and give some of them the right; the first one as the command does."""
    appoint(world)
    with world.app.app_context(), writing() as session:
        for username, code in HOLDERS.items():
            officer, unit = world.officers[username], world.units[code]
            if username == "mat_tinh":
                rights.first(session, vault(world), session.get_one(Officer, officer), session.get_one(Unit, unit))
                continue
            row = CaseRight(id=username.ljust(16, "0"), officer_id=officer, unit_id=unit, proposed_at=now_ms())
            row.proposed_by, row.given_by, row.given_at = (
                world.officers["quantri"],
                world.officers["mat_tinh"],
                now_ms(),
            )
            session.add(row)


def entered(world: World, one: Any, username: str) -> Any:
    """Sign a desk in with its second factor, and enter."""
    proven(world, one, username)
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/enter"))
    assert one.status == 303, one.text
    one.get("/desk/cases")
    assert one.status == 200, one.text
    return one


def made(one: Any, **said: str) -> tuple[str, str]:
    """Make a case. Returns its internal id and its code, as it is written."""
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/new"), **NEW | said)
    assert one.status == 303, one.text
    id_ = one.location.rpartition("/")[2]
    one.follow()
    found = re.search(r"<strong>([2-9A-Z]{5}-[2-9A-Z]{5})</strong>", one.html)
    assert found is not None
    return id_, found[1]


def act(one: Any, case: str, name: str, **said: Any) -> Any:
    """Send the first form of this act on the case's page."""
    one.get(f"/desk/cases/{case}")
    forms = [form for form in one.forms() if form.action.endswith(f"/{case}/{name}")]
    return one.post(forms[0], **said)


def table(one: Any, case: str, **rows: str) -> Any:
    """Save the table with these rows: `line_medical="provided 2021-08-01"`, `step_inform="done"`, `event_returned="…"`.

    Of an event it is the day, or `unknown`.
    """
    one.get(f"/desk/cases/{case}")
    form = next(form for form in one.forms() if form.action.endswith(f"/{case}/table"))
    for name, said in rows.items():
        part, _, id_ = name.partition("_")
        tick, _, day = said.partition(" ")
        if part == "event":
            tick, day = ("unknown", "") if said == "unknown" else ("", said)
        for key, value in (("tick", tick), ("day", day)):
            form.values.pop(f"{part}.{id_}.{key}", None)
            if value:
                form.values[f"{part}.{id_}.{key}"] = [value]
    return one.post(form)


def line(one: Any, case: str, id_: str, state: str, day: str) -> None:
    """Move a benefit on."""
    table(one, case, **{f"line_{id_}": f"{state} {day}"})
    assert one.status == 303, one.text


def not_victim(one: Any, case: str, day: str, number: str = "17") -> Any:
    """Record that a document finds no victim."""
    return finding(one, case, "not_victim", day=day, by="police", paper_number=number)


def finding(one: Any, case: str, outcome: str, **said: str) -> Any:
    """Record a finding."""
    one.get(f"/desk/cases/{case}")
    forms = [form for form in one.forms() if form.values.get("outcome") == [outcome]]
    return one.post(forms[0], **said)


def figures(one: Any, world: World, unit: str, half: str = "") -> str:
    """The page of figures. `half`: last day of the half-year whose public version it shows."""
    one.get(f"/desk/cases/figures?unit={world.units[unit]}&campaign={world.campaign}&half={half}")
    assert one.status == 200, one.text
    return str(one.text)


def verified(world: World) -> list[str]:
    with world.app.app_context(), reading() as session:
        return log_verifying.verify(session)


def sealed_before(world: World) -> None:
    """Put all cases, lines and annexes under the keyring, as an installation of before has them; nobody has a key."""
    held, old = vault(world), Vault(world.keyring)
    with world.app.app_context(), writing() as session:
        keys, _ = log.place_of(session)
        for table in (KeyOpening, KeyHolder, CaseKey):
            session.execute(delete(table))
        for row in session.scalars(select(CaseFile)).all():
            data = store.opened(held, row).data
            made = sealing.seal(old, store.place(row.id), data.plain)
            row.key_id, row.sealed, row.rest, row.remains = made.key_id, made.text, "", ""
            row.unit_tag, row.received_tag = old.tag("unit", data.unit), old.tag("unit", data.received_by)
            row.code_tag = old.tag("code", data.code)
        for count in session.scalars(select(CaseCount)).all():
            taking_over.seal(old, count, taking_over.opened(held, count))
        for line in session.scalars(select(CaseLogLine)).all():
            made = sealing.seal(old, f"case_log_line:{line.number}:sealed", case_log.opened(held, line), 512)
            line.key_id, line.sealed, line.remains, line.case_tag = made.key_id, made.text, "", ""
            line.body_mac = keys.stamp(("case body", line.number, line.sealed))[1]
        rows: list[SealedTotals | SealedAnnex] = [
            *session.scalars(select(SealedTotals)).all(), *session.scalars(select(SealedAnnex)).all()
        ]  # fmt: skip
        for one in rows:
            place = sealed.place_of(one.__tablename__, one.id)
            again = sealed.seal(old, place, sealed.opened(held, place, one.key_id, one.sealed))
            one.key_id, one.sealed = again.key_id, again.text
