"""The table of rights is what the application does: each route, as each role, on both sides of the tree."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from server import rights
from server.core.clock import now_ms
from server.core.db import reading, writing
from server.errors import status_of
from server.models import Membership, PhotoRef, Record, Stream
from server.rights import BadTable, Way, calls, row_of
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.every_role import PEOPLE, SIGN_IN, Asked, Offers, Replaying, Stored, has_role, reaches, settle
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

REFUSED = 403, 404
BY_OBJECT = {"papers.step", "handovers.hand_over", "case_rights.give", "case_rights.end", "own_devices.confirm"}
BY_OBJECT |= {"rescue.take", "rescue.photos", "export_photos.part", "texts.show", "texts.edit"}
BY_OBJECT |= {"factors.reset", "people_accounts.disable", "edits.new"}
"""Which act it is, or whose role, right, paper, list or device, decides beyond what the row says: others may be
refused, and nobody resets or disables the own account."""


def address(app: Flask, route: str) -> str:
    """An address of the route, of objects that are not there."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == route)
    return re.sub(r"<[^>]*>", "x", re.sub(r"<id:\w+>", "a" * 16, rule.rule))


def test_a_route_without_a_row_and_a_row_without_a_route_keep_it_from_starting(world: World) -> None:
    ways = {Way.DESK: lambda: None}
    app = Flask("other", static_folder=None)
    app.add_url_rule("/", "home.door", lambda: "")
    with pytest.raises(BadTable, match=r"rows of .* without a route"):
        rights.init_app(app, ways, {})
    app = Flask("another", static_folder=None)
    app.url_map = world.app.url_map
    rights.init_app(app, ways, {})
    with pytest.raises(BadTable, match=r"routes without a row .*: GET queue.show$"):
        rights.check(app, set(calls(app)) - {("queue.show", "GET")})


def test_a_stranger_gets_what_the_table_says(world: World) -> None:
    http, counted = world.app.test_client(), Counter[str]()
    for route, method in calls(world.app):
        row = row_of(route, method)
        answer = http.open(address(world.app, route), method=method, buffered=True)
        where = answer.status_code, answer.headers.get("Location", "").partition("?")[0]
        counted[row.way] += 1
        if row.way in (Way.DESK, Way.PASSWORD):
            assert where == SIGN_IN, (method, route)
        elif row.way is Way.DEVICE:
            assert where[0] == 401, (method, route)
        else:
            assert where != SIGN_IN, (method, route)
            assert where[0] != 401, (method, route)
    print(f"strangers: {sum(counted.values())} calls, {dict(counted)}")  # noqa: T201
    assert sum(counted.values()) > 250


class Judge:
    """Sends calls as each of eight people and compares with the table."""

    def __init__(self, world: World, people: dict[str, Any]) -> None:
        self.replaying, self.stored = Replaying(people), Stored(world)
        self.wrong: list[tuple[object, ...]] = []
        self.counted: Counter[str] = Counter()

    def offered(self, asked: Asked) -> None:
        """A call of somebody's page: first as that person, then as each other."""
        complete = True
        for person in sorted(PEOPLE, key=lambda each: each != asked.owner):
            sent = {name: list(values) for name, values in asked.data}
            status, where = self.replaying.as_(person, asked.method, asked.url, sent)
            if person == asked.owner and asked.method != "GET":
                complete = status not in REFUSED  # else the form lacks a choice, and is refused whoever sends it
            if not has_role(asked.row, person):
                good, kind = status == status_of(asked.row.others), "of no such role"
            elif not reaches(asked, person):
                good, kind = status in REFUSED or self.stored.is_same(), "of the other side"
            else:
                excused = not complete or (asked.route in BY_OBJECT and person != asked.owner)
                good, kind = (status not in REFUSED or excused) and (status, where) != SIGN_IN, "let in"
            self.counted[kind] += 1
            if not good:
                self.wrong.append((asked, "as", person, kind, status))
            if asked.method != "GET" and status not in REFUSED:
                self.stored.back()

    def absent(self, app: Flask, route: str, method: str) -> None:
        """A route that no page led to, with objects that are not there: refused to who has no such role."""
        row = row_of(route, method)
        for person in PEOPLE:
            if not has_role(row, person):
                status, _ = self.replaying.as_(person, method, address(app, route), {})
                self.counted["of no such role"] += 1
                if status != status_of(row.others):
                    self.wrong.append((method, route, "as", person, status))


@pytest.mark.timeout(900)  # thousands of requests: five minutes on a busy machine
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.costly)])
def test_each_call_of_each_role_as_each_other(world: World, desk: MakeDesk, phone: MakePhone, whole: bool) -> None:
    """What somebody's pages offer, and every other route, is sent as each of eight people: as the table says."""
    people = settle(world, desk, phone)
    offers = Offers(world)
    for name in PEOPLE:
        offers.crawl(name, people[name], 3 if whole else 1)
    judge, seen = Judge(world, people), set[tuple[str, str]]()
    for asked in sorted(offers.found.values(), key=lambda each: not each.unit):
        if whole or (asked.route, asked.method) not in seen:
            judge.offered(asked)
        seen.add((asked.route, asked.method))
    for route, method in set(calls(world.app)) - seen:
        if row_of(route, method).way is Way.DESK:
            judge.absent(world.app, route, method)
    print(f"{len(offers.found)} links and forms of {len(seen)} routes: {dict(judge.counted)}")  # noqa: T201
    assert judge.wrong == []
    assert judge.counted["of no such role"] > 500
    met = {route for route, _ in seen}
    assert {"rescue.show", "rescue.look", "rescue.take", "rescue.photos", "handovers.record"} <= met


def test_each_call_of_a_phone_as_each_other(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Photos, figures and answers of units on both sides, with the device of each of eight people."""
    settle(world, desk, phone)
    devices = {name: Client(world.app.test_client(), world.token(name)) for name in PEOPLE}
    with world.app.app_context(), reading() as session:
        refs = session.execute(
            select(PhotoRef.record_id, Stream.unit_id, PhotoRef.sha256)
            .join(Record, Record.id == PhotoRef.record_id)
            .join(Stream, Stream.id == Record.stream_id)
            .where(PhotoRef.role == "original")
        ).all()
    codes, counted = {id_: code for code, id_ in world.units.items()}, Counter[str]()
    assert {codes[unit] for _, unit, _ in refs} == {"12286", "12397"}
    reply = {"id": "r" * 16, "decision": "d" * 16, "text": "x", "at": 1}
    for record, unit, sha256 in refs:
        figures = f"/figures/{world.campaign}/{unit}"
        for route, method, path, body in (
            ("photos.RecordPhoto", "GET", f"/records/{record}/photos/{sha256[:16]}/full", None),
            ("given_figures.GivenFigures", "GET", figures, None),
            ("given_figures.GivenFigures", "POST", figures, {"shown": {}, "empty": True}),
            ("replies.RecordReply", "POST", f"/records/{record}/reply", reply),
        ):
            for name, device in devices.items():
                answer = device.post(path, json=body) if body else device.get(path)
                asked = Asked(route, method, path, (), "", codes[unit])
                may = has_role(asked.row, name) and reaches(asked, name)
                counted["let in" if may else "refused"] += 1
                if may and body is None:
                    assert answer.status_code == 200, (name, path)
                elif not has_role(asked.row, name):
                    assert answer.status_code == status_of(asked.row.others), (name, path, answer.get_json())
                elif not may:
                    assert answer.status_code in REFUSED, (name, path, answer.get_json())
    print(f"phones: {dict(counted)}")  # noqa: T201


def test_a_device_whose_officer_lacks_the_role_is_refused_before_its_object_is_looked_at(world: World) -> None:
    """What it has to hand in goes on: sync, photos, files and the catalogue ask for no role."""
    device = Client(world.app.test_client(), world.token("xa1"))
    with world.app.app_context(), writing() as session:
        session.execute(update(Membership).values(ended_at=now_ms()))
    absent = "a" * 16
    for route, method, path, body in (
        ("photos.RecordPhoto", "GET", f"/records/{absent}/photos/{absent}/full", None),
        ("given_figures.GivenFigures", "GET", f"/figures/{absent}/{absent}", None),
        ("given_figures.GivenFigures", "POST", f"/figures/{absent}/{absent}", {"shown": {}, "empty": True}),
        ("replies.RecordReply", "POST", f"/records/{absent}/reply", {}),
    ):
        answer = device.post(path, json=body) if body is not None else device.get(path)
        assert answer.status_code == status_of(row_of(route, method).others), path
    assert device.get("/catalog").status_code == 200
    assert device.post("/sync", json={"cursors": []}).status_code == 200
