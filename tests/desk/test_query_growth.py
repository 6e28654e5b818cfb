"""A page of the desk asks the database as often for 25 rows as for five: no page asks once for each row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import new_id, now_ms
from server.core.db import reading, writing
from server.models import Campaign, ExportLink, Record
from server.services.access import devices
from server.services.campaigns.lifecycle import open_campaign
from server.services.exports import stored_filter, table_files
from server.services.letters import drafts
from server.services.organisation.staff import give_role
from server.services.records import opening
from server.services.review.decisions import Verdict, decide
from server.services.review.queue import QueueFilter
from server.services.review.results_filter import ResultFilter
from server.services.totals import entering
from server.services.totals.entering import Statement
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from support.checks.statements import statements
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import Phone
from support.jobs.checks import checked
from support.world.many import add_communes, add_people
from support.world.world import World, campaign

FEW, MANY = 5, 20
SLACK = 2
"""A list that is no longer empty may ask once more; one that asks for each row asks 40 times more."""
ELSEWHERE = {"annex", "cases", "case_rights"}
"""Pages behind a second factor of their own, with little of anybody's on a page."""
SLOW = "/desk/report/word"
"""It takes seconds to make, and reads what the page of the report reads."""
REVIEWED = ("/desk/?", "/desk/queue", "/desk/re", "/desk/board", "/desk/progress", "/desk/figures")
"""Pages that a district's reviewer sees in another way than the province, which sees all of them here."""
VIEWS = ("view=table", "view=gallery", "view=map", "hint=any", "q=to+roi")
STATES = ("todo", "all", "waiting", "counted", "returned", "below", "conflict")


def filled(world: World, first: int, count: int) -> None:
    """Add so many of what lists show: records, units with a record, people with phones, campaigns, links and so on."""
    names = [f"Mới {number}" for number in range(first, first + count)]
    made = add_communes(world, "331", names, first)
    people = add_people(world, world.units["12286"], names, f"n{first}-")
    with world.app.app_context(), writing() as session:
        for number, name in enumerate(names):
            devices.add_device(session, people[number], "máy thử")
            open_campaign(session, world.units["33"], replace(campaign(), name=f"Đợt {name}"))
        opening.open_for(session, world.campaign, subtree(session, [world.units["33"]]))
    write(world, "xa1", world.units["12286"], count)
    for unit in made:
        write(world, "huyen", unit, 1)
    judge(world, count)
    with world.app.app_context(), writing() as session:
        scope, here = Scope(session, world.officers["tinh"]), session.get_one(Campaign, world.campaign)
        for number, (unit, person) in enumerate(zip(made, people, strict=True), first):
            session.add(link(person, here, unit, number))
            asked = QueueFilter(state="all", unit=world.units["33"], page=number)
            table_files.ask(session, scope, here, ResultFilter(asked), "csv")
            stated = [Statement("leaflets", 10, 0)]
            entering.state(session, scope, unit, here.id, stated)
            if number <= 18:  # nobody may have more than 20
                drafts.begin(session, scope, {"name": f"Dự thảo {number}"})


def link(officer: str, here: Campaign, unit: str, number: int) -> ExportLink:
    """A link of somebody to the list of a unit."""
    data = stored_filter.as_data(ResultFilter(QueueFilter(state="all", campaign=here.id, unit=unit)))
    at = {"made_at": now_ms(), "expires_at": now_ms() + 10**9}
    own = {"id": new_id(), "token_hash": f"{number:064x}", "officer_id": officer}
    return ExportLink(**own, campaign_id=here.id, unit_id=unit, filter=data, **at)


def write(world: World, username: str, unit: str, count: int) -> None:
    """Records of several kinds, some with two values in a field, some without a photo."""
    calling = Client(world.app.test_client(), world.token(username))

    def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = calling.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    officer = Phone(send, unit, world.campaign)
    for number in range(count):
        photo = f"{new_id():0<64}".encode().hex()[:64]
        register: dict[str, Any] = {f"photos/{photo[:16]}": PHOTO | {"sha256": photo, "thumb_sha256": photo[::-1]}}
        record = officer.create(quantity=number + 1, slogan="s1", put_up_on="2021-07-20", place=PLACE, **register)
        officer.create("leaflet", document="Tờ rơi", distributed=number + 1, distributed_on="2021-07-05")
        if number % 3 == 0:
            officer.edit(record, seen=[], quantity=number + 9)
    officer.sync()


PHOTO = {"size_bytes": 9, "width": 9, "height": 9, "type": "image/jpeg", "thumb_size_bytes": 9, "source": "camera"}
PHOTO |= {"taken_at": 1_626_000_000_000}
PLACE = {"lat_e6": 20_731_200, "lon_e6": 106_051_400, "accuracy_m": 12}


def judge(world: World, count: int) -> None:
    """A third of the leaflets counted, a third returned."""
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers["tinh"])
        waiting = select(Record).where(Record.kind == "leaflet", Record.state == "waiting").order_by(Record.id)
        for number, record in enumerate(session.scalars(waiting.limit(count)).all()):
            verdict = ("counted", "returned", "")[number % 3]
            if verdict:
                decide(session, scope, record.id, Verdict(verdict, "Bổ sung ảnh."), dict(record.survivors))


def pages(world: World) -> Iterator[str]:
    """All pages without an id in the address, and those of one record, one unit, one campaign, in their forms."""
    for rule in world.app.url_map.iter_rules():
        known = "GET" in (rule.methods or ()) and rule.rule.startswith("/desk/")
        if known and not rule.arguments and rule.rule != SLOW and rule.endpoint.partition(".")[0] not in ELSEWHERE:
            yield rule.rule
    with world.app.app_context(), reading() as session:
        record = session.scalars(select(Record.id).where(Record.kind == "leaflet").order_by(Record.id)).first()
    yield from (f"/desk/queue?state={state}" for state in STATES)
    yield from (f"/desk/results?{view}" for view in VIEWS)
    yield from (f"/desk/records/{record}", f"/desk/records/{record}/edit", f"/desk/review?at={record}&state=all")
    yield from (f"/desk/campaigns/{world.campaign}{page}" for page in ("", "/amend", "/hints"))
    yield from (f"/desk/{page}?unit={world.units['331']}" for page in ("figures", "board", "progress", "report"))


def asked(world: World, desk: MakeDesk) -> Counter[str]:
    """The number of statements of each page that somebody gets, by who and address."""
    found: Counter[str] = Counter()
    for who in ("tinh", "huyen"):
        one = desk(who)
        for page in pages(world):
            if who == "huyen" and not page.startswith(REVIEWED):
                continue
            with statements(world) as sent:
                status = one.http.get(page, buffered=True).status_code
            if status == 200:
                found[f"{who} {page}"] = len(sent)
    return found


@pytest.mark.slow
@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_no_page_asks_more_often_for_more_rows(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        for role in ("reviewer", "admin"):
            give_role(session, world.officers["tinh"], world.units["33"], role)
    filled(world, 1, FEW)
    checked(world)
    few = asked(world, desk)
    filled(world, FEW + 1, MANY)
    checked(world)
    many = asked(world, desk)
    assert len(few) > 90
    grown = {page: (count, many[page]) for page, count in few.items() if many[page] > count + SLACK}
    assert grown == {}, re.sub(r"[\w-]{16}", "…", str(grown))
