"""Pages of administration ask the database as often for many people, devices and units as for a few."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.db import db, writing
from server.models import (
    Handover,
    Membership,
    Officer,
    Roster,
    TrainingDay,
    TrainingRequest,
    Unit,
    UnitSplit,
)
from server.models.installation import lock_catalog
from server.services.access import devices
from server.services.administration import training
from server.services.organisation.unit_changes import UnitRow, add_units
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.world.world import World

FEW, MANY = 3, 12


def grow(world: World, start: int, stop: int, at: dict[str, str]) -> None:
    """Add communes with two people each, who have devices, classes, requests, handovers and splits."""
    with world.app.app_context(), writing() as session:
        district = session.get_one(Unit, world.units["331"])
        rows = [
            UnitRow(f"{50000 + n}", f"Xã Lớn Dần {n}", f"Lớn Dần {n}", "commune", "331") for n in range(start, stop)
        ]
        units = list(add_units(session, rows, {"331": district}, date(2021, 1, 1)).values())
        for number, unit in enumerate(units, start):
            pair = [_person(session, f"lon.dan.{number}.{place}", unit) for place in range(2)]
            row = TrainingDay(
                id=new_id(), unit_id=unit.id, officer_id=pair[1].id, at=now_ms(), ends_at=training.end_of_day()
            )
            session.add(row)
            session.flush()
            session.add_all(
                TrainingRequest(
                    id=new_id(),
                    training_id=at["class"],
                    officer_id=one.id,
                    secret_hash=new_id() + new_id(),
                    mark="A01",
                    at=now_ms(),
                )
                for one in pair
            )
            told: dict[str, Any] = {"devices": [], "from": {}, "to": {}}
            session.add(
                Handover(id=new_id(), from_id=pair[0].id, to_id=pair[1].id, by_id=at["admin"], at=now_ms(), told=told)
            )
            session.add(
                UnitSplit(
                    id=new_id(),
                    unit_id=unit.id,
                    first_day=date(2021, 7, 1),
                    at=now_ms(),
                    parts=[[world.units["12289"], False]],
                    moves=[],
                )
            )


def _person(session: Any, username: str, unit: Unit) -> Officer:
    one = Officer(id=new_id(), username=username, name=f"Cán bộ {username}", created_at=now_ms(), phone="0912345678")
    lock_catalog(session)
    session.add(one)
    session.flush()
    session.add(Membership(id=new_id(), officer_id=one.id, unit_id=unit.id, role="officer", since=now_ms()))
    session.add(Membership(id=new_id(), officer_id=one.id, unit_id=unit.id, role="reviewer", since=now_ms()))
    for _ in range(2):
        devices.add_device(session, one.id, "máy thử")
    return one


def rosters(world: World, admin: str, many: int) -> dict[str, str]:
    """Two lists in their dry run, of so many rows; the ids."""
    rows = {
        "people": [["Cán bộ", f"ds.{many}.{n}", f"{50000 + n % FEW}", "Cán bộ nhập liệu", ""] for n in range(many)],
        "units": [[f"6{many:02}{n:02}", f"Xã DS {many} {n}", "", "Xã", "331"] for n in range(many)],
    }
    made = {}
    with world.app.app_context(), writing() as session:
        for kind, lines in rows.items():
            cells = [
                [number + 2, [["s", text] if text else None for text in line]] for number, line in enumerate(lines)
            ]
            row = Roster(
                id=new_id(),
                kind=kind,
                officer_id=admin,
                at=now_ms(),
                name="ds.xlsx",
                starts_on=date(2025, 7, 1),
                columns=list("ABCDE"),
                rows=cells,
                made=[],
            )
            session.add(row)
            made[kind] = row.id
    return made


def pages(world: World, at: dict[str, str], lists: dict[str, str], many: int) -> dict[str, str]:
    """Addresses by name: each a page whose length or whose work could grow."""
    old = "%0A".join(f"{50000 + n}" for n in range(many))
    new = "%0A".join(f"{70000 + n}; Xã Chia {n}" for n in range(many))
    return {
        "start": "/desk/",
        "people": "/desk/people",
        "people found": "/desk/people?q=lon+dan",
        "people of a unit": f"/desk/people?unit={world.units['331']}",
        "new person": "/desk/people/new",
        "person": f"/desk/people/{world.officers['xa1']}/account",
        "second factors": "/desk/people?factors=1",
        "devices": "/desk/devices",
        "devices of a unit": f"/desk/devices?unit={world.units['331']}",
        "training": "/desk/training",
        "class": f"/desk/training?training={at['class']}",
        "screen": f"/desk/training?training={at['class']}&screen=1",
        "dry run of people": f"/desk/people/new?roster={lists['people']}",
        "dry run of units": f"/desk/people/new?roster={lists['units']}",
        "split": f"/desk/units/change?act=split&old=12286&parts={new}&on=2026-01-01",
        "account": "/desk/account",
        "audit": "/desk/audit",
        "units": "/desk/units?q=lon&managed=1",
        "merge": f"/desk/units/change?act=merge&old={old}&into=12289&on=2026-01-01",
        "phone's units": at["door"],
        "phone's names": f"{at['door']}?unit={world.units['12286']}",
    }


GROWS = {"merge": 12, "split": 4}
"""Statements for each unit that somebody names on the page, at most 50 and 20: what hangs on it is counted.

The page of splits also asks what became of each of the last ten.
"""


def training_day(session: Session, world: World, officer: str) -> TrainingDay:
    """Open one in the district until the end of the day."""
    row = TrainingDay(
        id=new_id(), unit_id=world.units["331"], officer_id=officer, at=now_ms(), ends_at=training.end_of_day()
    )
    session.add(row)
    session.flush()
    return row


@pytest.mark.slow
@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_pages_ask_as_often_for_many_as_for_a_few(world: World, desk: MakeDesk) -> None:
    one, admin = desk("quantri"), world.officers["quantri"]
    with world.app.app_context(), writing() as session:
        row = training_day(session, world, admin)
        at = {"class": row.id, "admin": admin, "door": f"/class/{row.id}/{training.address_token(row, world.keyring)}"}
    found: dict[str, list[int]] = {}
    for start, stop in ((0, FEW), (FEW, MANY)):
        grow(world, start, stop, at)
        for name, address in pages(world, at, rosters(world, admin, stop), stop).items():
            one.get(address)  # what is read once and kept
            asked = []
            for _ in range(2):  # once a minute one of them notes that the person was here
                with world.app.app_context(), counted(db.engine) as counts:
                    one.get(address)
                asked.append(counts.statements)
            assert one.status == 200, (name, one.text[:300])
            found.setdefault(name, []).append(min(asked))
    grown = {name: (few, many) for name, (few, many) in found.items() if many > few + GROWS.get(name, 0) * (MANY - FEW)}
    assert grown == {}
    assert len(found) == len(pages(world, at, {"people": "", "units": ""}, 1))


@pytest.mark.slow
@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_cards_and_confirming_ask_as_often_for_many(world: World, desk: MakeDesk) -> None:
    """Codes are made one by one, each with its line in the log; whom they are for is asked once."""
    one, admin = desk("quantri"), world.officers["quantri"]
    with world.app.app_context(), writing() as session:
        row = training_day(session, world, admin)
        at = {"class": row.id, "admin": admin}
    shown, confirmed = [], []
    for start, stop in ((0, FEW), (FEW, MANY)):
        grow(world, start, stop, at)
        one.get("/desk/people?q=lon+dan")
        with world.app.app_context(), writing() as session:
            officers = [id_ for (id_,) in session.query(Officer.id).filter(Officer.username.startswith("lon.dan"))]
        assert one.post(one.form("/cards"), officer=officers).status_code == 303, one.text
        with world.app.app_context(), counted(db.engine) as counts:
            one.follow()
        assert one.text.count("Cán bộ lon.dan") >= 2 * stop
        shown.append(counts.statements)
        one.get(f"/desk/training?training={at['class']}")
        with world.app.app_context(), counted(db.engine) as counts:
            assert one.post(one.form("/confirm"), all="1").status_code == 303
        confirmed.append((counts.statements, 2 * (stop - start)))
    assert shown[1] == shown[0], shown
    (few, people), (many, more) = confirmed
    assert many <= few + (more - people), confirmed
