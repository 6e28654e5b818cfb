"""F-31: what a card or a button says before an approval is the difference of the figures page after it; undone, too."""

from __future__ import annotations

import json
import random
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.clock import new_id
from server.core.db import reading, writing
from server.models import Campaign, Record, Stream
from server.services.figures import loading
from server.services.records.stored import as_write, writes_of
from server.services.review import bulk, bulk_undo, decisions, figure_amounts, undoing
from server.services.review.queue import QueueFilter
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.jobs.checks import checked
from support.world.approving import bulk as bulk_form
from support.world.approving import judged, leaflet
from support.world.changes import merge
from support.world.papers import decide
from support.world.world import World
from sync.record import State

COMMUNES = {"12286": "xa1", "12289": "nhanla"}
KIM_DONG = "331"


@pytest.fixture(autouse=True)
def _in_time(world: World) -> None:
    """Nothing is late, so that nothing has a warning by itself."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))


def counted(world: World, unit: str) -> dict[str, int]:
    """The counted figures on the page of figures of a unit with all below it."""
    with world.app.app_context(), reading() as session:
        campaign = session.get_one(Campaign, world.campaign)
        total = loading.load(session, Scope(session, world.officers["tinh"]), campaign, world.units[unit]).total
        return {code: cell.counted for code, cell in total.cells.items()}


def difference(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {code: after[code] - before[code] for code in after if after[code] != before[code]}


def values(chance: random.Random) -> tuple[str, dict[str, Any]]:
    hotline = {"hotline": chance.random() < 0.4}
    script = chance.choice(("Tin số 1", "tin  SỐ 1", "Tin số 2", "Tin số 3", "Của riêng xã"))
    own = {"programme": "own", "script": script, "minutes": chance.randint(1, 9), **hotline}
    return chance.choice(
        (
            ("banner", {"quantity": chance.randint(0, 9), **hotline}),
            ("banner", {"quantity": 2, "metres": chance.randint(1, 30)}),
            ("broadcast", {**own, "standing": True, "aired/20210721": chance.randint(0, 3)}),
            ("broadcast", {**own, "standing": True, "aired/20210722": 1, "programme": "relay"}),
            ("leaflet", {"form": "leaflet", "document": "Tờ rơi", "distributed": chance.choice((-1, 10, 200))}),
        )
    )


def change(officer: Phone, other: Phone, record: str, kind: str, chance: random.Random) -> None:
    """Amend a record, delete it, or let two phones set a field without having seen each other."""
    name = {"banner": "quantity", "broadcast": "script", "leaflet": "distributed"}[kind]
    value: Any = chance.choice(("Tin số 2", "Tin số 4")) if kind == "broadcast" else chance.randint(0, 50)
    own: dict[str, Any] = {name: value}
    how = chance.random()
    if how < 0.15:
        officer.delete(record)
    elif how < 0.35:
        other.sync()
        theirs: dict[str, Any] = {name: "Tin số 1" if kind == "broadcast" else 51}
        officer.edit(record, **own)
        other.edit(record, **theirs)
        officer.sync(), other.sync()
    else:
        officer.edit(record, **own)
    officer.sync()


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.costly(soak=True)) for seed in range(2, 12))]
)
def test_what_is_said_before_is_the_difference_after(world: World, phone: MakePhone, seed: int) -> None:
    """Random records, amendments, conflicts and decisions; cards, a unit's button, the list's, undo of each."""
    chance = random.Random(seed)  # no secret
    phones = {code: (phone(who, code), phone(who, code)) for code, who in COMMUNES.items()}
    made: dict[str, tuple[str, str]] = {}
    for code, (officer, other) in phones.items():
        for _ in range(8):
            kind, fields = values(chance)
            made[officer.create(kind, **fields)] = code, kind
        officer.sync(), other.sync()
    for record in chance.sample(sorted(made), 8):
        judged(world, record, chance.choice(("counted", "counted", "returned", "not_counted")))
    for record in chance.sample(sorted(made), 7):
        code, kind = made[record]
        change(*phones[code], record, kind, chance)
    checked(world)
    said = 0
    for record in chance.sample(sorted(made), 5):
        said += card(world, record, made[record][0], chance)
    said += act(world, chance.choice(list(COMMUNES)), whole=False)
    said += act(world, KIM_DONG, whole=True)
    assert said, "something was said of at least one act"


def card(world: World, record: str, code: str, chance: random.Random) -> bool:
    """Approve one record, then undo or withdraw that, or leave it."""
    before = counted(world, code)
    with world.app.app_context(), writing() as session:
        scope, row = Scope(session, world.officers["huyen"]), session.get_one(Record, record)
        state = State.of(as_write(each) for each in writes_of(session, [record])[record])
        offered = decisions.offered(session, scope, [(row, state)])
        if record not in offered:
            return False
        home, acted = [Stream.id == row.stream_id], decisions.Acted()
        basis = dict(row.survivors)
        decision = decisions.decide(session, scope, record, decisions.Verdict("counted"), basis, acted=acted)
        id_ = decision.id
        assert acted.added(session, scope, home) == offered[record]
    after = counted(world, code)
    assert offered[record] == difference(before, after)
    if chance.random() < 0.6:
        with world.app.app_context(), writing() as session:
            scope, acted = Scope(session, world.officers["huyen"]), decisions.Acted()
            if chance.random() < 0.5:
                undoing.undo(session, scope, record, id_, acted)
            else:
                decisions.withdraw(session, scope, record, id_, acted)
            added = acted.added(session, scope, home)
        assert added == difference(after, counted(world, code))
    return bool(offered[record])


def act(world: World, code: str, *, whole: bool) -> bool:
    """Approve a unit's group or the whole list, and take that back."""
    before = counted(world, code)
    with world.app.app_context(), writing() as session:
        scope, campaign = Scope(session, world.officers["huyen"]), session.get_one(Campaign, world.campaign)
        unit = world.units[code]
        page = {world.units[each]: 8 for each in COMMUNES}
        offers = bulk.offers(session, scope, campaign, QueueFilter(campaign=campaign.id), 16, page)
        offer = offers.whole if whole else offers.units.get(unit, bulk.BulkOffer({}))
        if not offer.every:
            return False
        asked = QueueFilter(campaign=campaign.id, unit="" if whole else unit, only=not whole)
        wish, acted = bulk.Wish(new_id(), bulk.ALL, offer.bounds, offer.offered.get(bulk.ALL, {})), decisions.Acted()
        bulk.approve(session, scope, campaign, asked, wish, acted)
        where = figure_amounts.streams_of(session, scope, campaign, asked)
        assert acted.added(session, scope, where) == offer.adds[bulk.ALL]
    after = counted(world, code)
    assert offer.adds[bulk.ALL] == difference(before, after)
    with world.app.app_context(), writing() as session:
        scope, acted = Scope(session, world.officers["huyen"]), decisions.Acted()
        bulk_undo.undo(session, scope, wish.id, acted)
        taken = acted.added(session, scope, where)
    assert taken == difference(after, before)
    assert counted(world, code) == before
    return bool(offer.adds[bulk.ALL])


@pytest.mark.slow
def test_the_desk_says_it(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Card, button, sentence after it, undo; fast review by keys. A script that is counted already adds nothing."""
    officer = phone("xa1")
    told = {"programme": "own", "standing": True, "minutes": 5}
    schedule = {"from": "2021-07-01", "to": "2021-07-19", "times_a_day": 2}
    first = officer.create("broadcast", script="Tin số 1", **told, **{"aired/20210701": 2})
    again = officer.create("broadcast", script="Tin số 1", schedule=schedule, **told, **{"aired/20210702": 3})
    leaflet(officer)
    officer.sync()
    judged(world, first, "counted")
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue?state=all")
    assert "Nếu duyệt, số liệu thay đổi: Lượt phát +3 lượt · Thời lượng phát +15 phút" in one.text
    assert "Đã tính: Lượt phát 2 lượt · Thời lượng phát 10 phút · Tin, bài phát thanh 1 tin, bài" in one.text
    assert "+38" not in one.text
    one.get("/desk/queue")
    assert "Nếu duyệt, số liệu thay đổi: Lượt phát +3 lượt · Thời lượng phát +15 phút · Tờ rơi +10 tờ" in one.text
    one.post(bulk_form(one, "all"))
    one.follow()
    assert "Số liệu thay đổi: Lượt phát +3 lượt · Thời lượng phát +15 phút · Tờ rơi +10 tờ." in one.text
    one.post(one.form("/undo"))
    one.follow()
    assert "Số liệu thay đổi: Lượt phát −3 lượt · Thời lượng phát −15 phút · Tờ rơi −10 tờ." in one.text
    one.get(f"/desk/review?at={again}")
    assert "Nếu duyệt, số liệu thay đổi: Lượt phát +3 lượt" in one.text
    one.http.environ_base["HTTP_ACCEPT"] = "application/json"
    form = one.form("/decide")
    answer = one.post(form, verdict="counted")
    told_after = json.loads(answer.get_data(as_text=True))
    assert told_after["said"] == "Đã duyệt. Số liệu thay đổi: Lượt phát +3 lượt · Thời lượng phát +15 phút."
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(Record.bucket).where(Record.id == again)) == "counted"


def test_after_a_merger_a_card_knows_what_its_successor_counts(world: World, phone: MakePhone, desk: MakeDesk) -> None:
    """F-31, L-6: the same script, the unit that advertises 111 and its airings are of the unit as it is today."""
    own: dict[str, Any] = {"programme": "own", "minutes": 3, "script": "Tin số 1", "standing": True, "hotline": True}
    own |= {"hotline_by": "person", "aired/20210721": 2}
    one, other = phone("xa1"), phone("nhanla", "12289")
    record, there = one.create("broadcast", **own), other.create("broadcast", **own)
    one.sync(), other.sync()
    district = desk("huyen")
    decide(district, there)
    merge(world, "12286", into="12289")
    before = counted(world, "12289")
    with world.app.app_context(), reading() as session:
        row = session.get_one(Record, record)
        state = State.of(as_write(each) for each in writes_of(session, [record])[record])
        said = decisions.offered(session, Scope(session, world.officers["huyen"]), [(row, state)])[record]
    decide(district, record)
    assert said == difference(before, counted(world, "12289"))
    assert said["airings"] == 2
    assert "scripts" not in said
    district.follow()
    assert "Lượt phát +2 lượt" in district.text
    assert "Nội dung" not in district.html.partition("Lượt phát +2")[0][-80:]
