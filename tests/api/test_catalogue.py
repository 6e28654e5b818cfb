"""The catalogue's etag: it changes with all that the catalogue shows, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from marshmallow import Schema, fields
from sqlalchemy import Update, delete, insert, update
from sqlalchemy.orm import Session

from server.api.catalog_schemas import CatalogOut
from server.core.clock import now_ms
from server.core.db import db, writing
from server.models import Campaign, CampaignFile, Device, Membership, Meta, Officer, RegimeVersion, Unit
from server.models.installation import DEMO
from server.services.campaigns.lifecycle import delete_empty
from server.services.organisation.staff import NewOfficer, add_officer, end_roles, give_role
from server.services.organisation.unit_changes import UnitRow, add_unit, merge
from support.checks.counting import counted
from support.clients.client import Client, MakeClient
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

Change = Callable[[Session], object]
FIXED = {"etag", "server_time", "rescue_key", "kinds", "messages", "officer.id", "officer.mark"}
"""What no change of a row reaches: given once, or said of the answer itself."""
FILE, NEW, SHA = "f" * 16, "n" * 16, "0" * 64


@pytest.mark.slow
@pytest.mark.costly
def test_every_change_that_the_catalogue_shows_changes_its_etag(world: World, client: MakeClient) -> None:
    """Each by plain SQL, which tells no listener; the phone of another district fetches only what is its own."""
    mine, other = client("xa1"), client("dinhcao")
    reached: set[str] = set()
    for name, change in {**_near(world), **_of_the_campaign(world)}.items():
        before, before_there = _seen(mine), _seen(other)
        with world.app.app_context(), writing() as session:
            change(session)
        after, after_there = _seen(mine), _seen(other)
        assert after[0] != before[0], name
        assert (after_there[0] != before_there[0]) == (name in _of_the_campaign(world)), name
        reached |= {path for path in before[1].keys() | after[1].keys() if before[1].get(path) != after[1].get(path)}
    assert set(_leaves(CatalogOut())) - reached == FIXED


def test_what_the_catalogue_does_not_show_leaves_its_etag_alone(world: World, client: MakeClient) -> None:
    one = client("xa1")
    before = _seen(one)
    with world.app.app_context(), writing() as session:
        session.execute(update(Unit).where(Unit.code.in_(["33", "331", "12397"])).values(stations=["Đài khác"]))
        session.execute(update(Officer).where(Officer.username == "xa2").values(name="Người khác"))
        session.execute(update(Officer).values(password_hash=None))
        session.execute(update(Campaign).values(bases=["khác"], tasks=["khác"]))
        dry_run = {"id": "r" * 16, "officer_id": world.officers["quantri"], "at": 1, "sha256": SHA, "lines": []}
        session.execute(insert(RegimeVersion).values(dry_run))
        give_role(session, world.officers["xa2"], world.units["33"], "admin")
    assert _seen(one) == before


def test_a_unit_that_joins_and_a_campaign_that_goes_change_it(world: World, client: MakeClient) -> None:
    one, other = client("nhanla"), client("dinhcao")
    etags = [(_seen(one)[0], _seen(other)[0])]

    def step(change: Change) -> None:
        with world.app.app_context(), writing() as session:
            change(session)
        etags.append((_seen(one)[0], _seen(other)[0]))

    def joins(session: Session) -> None:
        row = UnitRow("12290", "Xã Nhân Lý", "Nhân Lý", "commune")
        old = add_unit(session, row, session.get_one(Unit, world.units["331"]), date(2021, 1, 1))
        merge(session, [old], session.get_one(Unit, world.units["12289"]), date(2021, 7, 1))

    step(joins)
    assert [unit["merged_into"] for unit in one.get("/catalog").get_json()["units"]] == [None, "Xã Nhân La"]
    step(lambda session: give_role(session, world.officers["nhanla"], world.units["331"], "officer"))
    step(lambda session: delete_empty(session, world.practice))
    assert len({mine for mine, _ in etags}) == 4
    assert [there == etags[0][1] for _, there in etags] == [True, True, True, False]


@pytest.mark.slow
def test_what_asking_costs_does_not_grow_with_the_country(world: World, client: MakeClient) -> None:
    one = client("xa1")
    costs = []
    for turn in range(2):
        with world.app.app_context(), counted(db.engine) as counts:
            one.sync()
            costs.append((counts.statements, counts.rows))
            with writing() as session:
                district = session.get_one(Unit, world.units["331"])
                for number in range(30):
                    row = UnitRow(f"9{turn}{number}", f"Xã {number}", str(number), "commune")
                    unit = add_unit(session, row, district, date(2021, 1, 1))
                    for role in ("officer", "reviewer"):
                        made = add_officer(session, NewOfficer(f"{role}{turn}{number}", role))
                        give_role(session, made.id, unit.id, role)
                        give_role(session, made.id, district.id, "reviewer")
    assert costs[0] == costs[1]


def _near(world: World) -> dict[str, Change]:
    """Changes of the commune, of the district above it and of the officer's devices."""
    commune, district = world.units["12286"], world.units["331"]
    me, reviewer = world.officers["xa1"], world.officers["huyen"]
    unit, above = update(Unit).where(Unit.id == commune), update(Unit).where(Unit.id == district)
    contact, new = update(Officer).where(Officer.id == reviewer), update(Device).where(Device.id == NEW)
    another = {"id": "c" * 16, "username": "khac", "phone": "", "created_at": 1}
    device = {"id": NEW, "officer_id": me, "label": "Máy mới", "mark": "A1", "token_hash": SHA, "script": False}
    device |= {"created_at": now_ms() + 1000, "seen_at": 1, "code_by": reviewer}
    return {
        "officer": lambda s: s.execute(update(Officer).where(Officer.id == me).values(name="Tên khác")),
        "unit": lambda s: s.execute(unit.values(name="Xã Khác")),
        "short name": lambda s: s.execute(unit.values(short_name="Khác")),
        "level": lambda s: s.execute(unit.values(level="ward")),
        "stations": lambda s: s.execute(unit.values(stations=["Đài khác"])),
        "hamlets": lambda s: s.execute(unit.values(hamlets=["Thôn khác"])),
        "parent": lambda s: s.execute(above.values(name="Huyện Khác")),
        "merged": lambda s: s.execute(unit.values(merged_at=1)),
        "stands again": lambda s: s.execute(unit.values(merged_at=None)),
        "another unit": lambda s: give_role(s, me, world.units["12289"], "officer"),
        "no other unit": lambda s: end_roles(s, me, world.units["12289"]),
        "contact": lambda s: s.execute(contact.values(name="Người duyệt khác")),
        "its phone": lambda s: s.execute(contact.values(phone="0123")),
        "an earlier reviewer": lambda s: [
            s.execute(insert(Officer).values(another | {"name": "Người cũ"})),
            s.execute(
                insert(Membership).values(
                    id="m" * 16, officer_id="c" * 16, unit_id=district, role="reviewer", since=1, ended_at=None
                )
            ),
        ],
        "disabled": lambda s: s.execute(update(Officer).where(Officer.username == "khac").values(disabled_at=1)),
        "role ended": lambda s: s.execute(
            update(Membership).where(Membership.officer_id == reviewer).values(ended_at=1)
        ),
        "role again": lambda s: s.execute(
            update(Membership).where(Membership.officer_id == reviewer).values(ended_at=None)
        ),
        "device": lambda s: s.execute(insert(Device).values(device)),
        "its label": lambda s: s.execute(new.values(label="Máy khác")),
        "its moment": lambda s: s.execute(new.values(created_at=now_ms() + 2000)),
        "a program": lambda s: s.execute(new.values(script=True)),
        "who made its code": lambda s: s.execute(contact.values(name="Người cấp mã khác")),
        "whom to tell": lambda s: s.execute(
            update(Officer).where(Officer.id == world.officers["tinh"]).values(name="Tỉnh khác", phone="0456")
        ),
        "confirmed": lambda s: s.execute(new.values(confirmed_at=1)),
    }


def _of_the_campaign(world: World) -> dict[str, Change]:
    """Changes that every phone of the province shows."""
    row = update(Campaign).where(Campaign.id == world.campaign)
    file = update(CampaignFile).where(CampaignFile.id == FILE)
    given = {"id": FILE, "campaign_id": world.campaign, "use": "script", "title": "Bài", "type": "text/plain"}
    version = {"id": "r" * 16, "number": 1, "officer_id": world.officers["quantri"], "at": 1, "taken_at": 1}
    version |= {"sha256": SHA, "lines": []}
    values: dict[str, dict[str, Any]] = {
        "name": {"name": "Đợt khác"},
        "practice": {"practice": True},
        "closed": {"status": "closed"},
        "archived": {"status": "archived"},
        "hotline": {"hotline": "112"},
        "starts on": {"starts_on": date(2021, 7, 2)},
        "ends on": {"ends_on": date(2021, 7, 30)},
        "due": {"due_before": date(2021, 8, 4)},
        "due by level": {"due_levels": {"commune": "2021-08-01"}},
        "slogans": {"slogans": [{"id": "s9", "text": "Khác"}]},
        "kinds": {"kinds": ["banner"]},
        "expected": {"expected": [{"figure": "banners", "amount": 7}]},
    }
    of_files: dict[str, dict[str, Any]] = {
        "use": {"use": "design"},
        "title": {"title": "Mẫu"},
        "type": {"type": "image/png"},
        "size": {"size_bytes": 2},
        "hash": {"sha256": "1" * 64},
    }
    return {
        **{f"campaign {name}": _sets(row, to) for name, to in values.items()},
        "file": lambda s: s.execute(
            insert(CampaignFile).values(given | {"size_bytes": 1, "sha256": SHA, "added_at": 1})
        ),
        **{f"file {name}": _sets(file, to) for name, to in of_files.items()},
        "no file": lambda s: s.execute(delete(CampaignFile)),
        "campaign not practice": lambda s: s.execute(row.values(practice=False)),
        "version of the table of support": lambda s: s.execute(insert(RegimeVersion).values(version)),
        "demo": lambda s: s.execute(insert(Meta).values(key=DEMO, value="1")),
    }


def _sets(rows: Update, values: dict[str, Any]) -> Change:
    return lambda session: session.execute(rows.values(values))


def _seen(one: Client) -> tuple[str, dict[str, list[Any]]]:
    """The etag, as an exchange tells it, and all that the catalogue shows, by its place."""
    told, body = one.sync()["catalog"], one.get("/catalog").get_json()
    assert body["etag"] == told
    found: dict[str, list[Any]] = {}
    for path, value in _values(body, CatalogOut()):
        found.setdefault(path, []).append(value)
    return told, {path: values for path, values in found.items() if path not in ("server_time", "etag")}


def _values(body: Any, schema: Schema, at: str = "") -> Iterator[tuple[str, Any]]:
    """What stands at each place of the schema; a list's numbers are left out."""
    for name, each in schema.fields.items():
        if name == DIGITS and name not in body:
            continue
        value, inner = body[name], _nested(each)
        if inner is None:
            yield at + name, value
        else:
            for one in value if isinstance(value, list) else [value] if value else []:
                yield from _values(one, inner, f"{at}{name}.")


DIGITS = "digits"
"""Only of amounts with a scale; tests/desk/test_measured.py looks at them."""


def _leaves(schema: Schema, at: str = "") -> Iterator[str]:
    for name, each in schema.fields.items():
        if name == DIGITS:
            continue
        inner = _nested(each)
        yield from _leaves(inner, f"{at}{name}.") if inner else [at + name]


def _nested(field: fields.Field[Any]) -> Schema | None:
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.schema if isinstance(inner, fields.Nested) else None
