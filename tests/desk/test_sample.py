"""Review by sample: drawn by the seed, with all that has a warning; the rest by the rule, and the report says so."""

from __future__ import annotations

import io
import re
from datetime import date
from math import ceil
from typing import Any

import docx
import pytest
from sqlalchemy import func, not_, select, update

from server.core.bulk import insert_all
from server.core.db import reading, writing
from server.models import AuditLine, BulkAct, Campaign, DecisionRow, Record, SampleRule, Stream
from server.services.review.queue_filter import SAMPLE, QueueFilter
from server.services.review.queue_query import QueueQuery
from server.services.review.sampling import rule_of, sample
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.jobs.checks import checked
from support.world.approving import bulk, leaflet, states
from support.world.changes import come
from support.world.world import World
from sync.registry import KINDS


@pytest.fixture(autouse=True)
def _in_time(world: World) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))


def set_rule(world: World, desk: Any, percent: str, least: str) -> None:
    """As the coordinator types it."""
    desk.get(f"/desk/campaigns/{world.campaign}/amend")
    desk.post(desk.form("/sample"), percent=percent, least=least)


def listed(desk: Any, state: str) -> set[str]:
    desk.get(f"/desk/queue?state={state}")
    return set(re.findall(r'class="record" href="/desk/records/([\w-]{16})', desk.html))


@pytest.mark.slow
@pytest.mark.costly
def test_the_sample_is_looked_at_and_the_rest_goes_by_the_rule(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    near, far = phone("xa1"), phone("nhanla", "12289")
    made = {leaflet(near) for _ in range(10)}
    few = {leaflet(far) for _ in range(2)}
    doubtful = near.create(slogan="s1", quantity=1)  # no photo
    near.sync(), far.sync()
    checked(world)
    set_rule(world, desk("tinh"), "20", "2")
    with world.app.app_context(), reading() as session:
        rule = session.get_one(SampleRule, world.campaign)
        drawn = sample(rule, made | {doubtful}) | sample(rule, few)
    one = desk("huyen")
    wanted = listed(one, "sample")
    assert wanted == drawn | {doubtful}
    assert len(drawn & made) in (2, 3)  # a fifth of eleven, rounded up; the doubtful one may be among them
    assert few <= wanted, "fewer than the least: all of them"
    others = len(wanted - drawn)
    assert f"Mẫu cần xem có {len(drawn)} mục được rút và {others} mục khác có cảnh báo." in one.text
    assert f"Còn {len(drawn)} mục được rút chưa có quyết định" in one.text
    assert "không rút" not in one.text, "not before the sample has been looked at"
    for record in wanted:
        one.get(f"/desk/records/{record}" if record == doubtful else f"/desk/review?state=sample&at={record}")
        assert one.post(one.form("/decide"), verdict="counted").status_code == 303
    one.get("/desk/queue")
    rest = made - drawn
    assert f"Duyệt theo mẫu {len(rest)} mục không rút" in one.text
    one.post(bulk(one, "sample"))
    one.follow()
    assert f"Đã duyệt theo mẫu {len(rest)} mục." in one.text
    assert set(states(world).values()) == {"counted"}
    with world.app.app_context(), reading() as session:
        of_rule = select(DecisionRow.record_id).join(BulkAct, BulkAct.id == DecisionRow.bulk_id)
        assert set(session.scalars(of_rule.where(BulkAct.which == "sample"))) == rest
        assert {"sample_rule_set", "approved_by_sample"} <= set(session.scalars(select(AuditLine.act)))
    one.get("/desk/report")
    assert f"Đã xem từng bản ghi {13 - len(rest)}/13 bản ghi có quyết định" in one.text
    assert "rút ngẫu nhiên 20 %, ít nhất 2 bản ghi mỗi đơn vị" in one.text
    answer = one.http.get(
        "/desk/report/word", query_string={"unit": world.units["331"], "annexes": "all"}, buffered=True
    )
    word = docx.Document(io.BytesIO(answer.data))
    assert any(f"Đã xem từng bản ghi {13 - len(rest)}/13" in each.text for each in word.paragraphs)


@pytest.mark.slow
def test_what_is_being_checked_is_left_out_of_an_act_by_sample(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    ready = {leaflet(officer) for _ in range(4)}
    officer.sync()
    checked(world)
    late = {leaflet(officer) for _ in range(4)}
    officer.sync()
    set_rule(world, desk("tinh"), "25", "0")
    one = desk("huyen")
    drawn = listed(one, "sample")
    assert len(drawn) == 2
    for record in drawn:
        one.get(f"/desk/records/{record}")
        one.post(one.form("/decide"), verdict="returned", reason="Ảnh mờ.")
    one.get("/desk/queue")
    assert f"Duyệt theo mẫu {len(ready - drawn)} mục không rút" in one.text
    assert f"Chưa đủ ảnh, đang kiểm tra {len(late - drawn)}" in one.text, "and how many are left out"
    one.post(bulk(one, "sample"))
    now = states(world)
    assert {now[record] for record in ready - drawn} == {"counted"}
    assert {now[record] for record in late - drawn} == {"waiting"}


@pytest.mark.slow
def test_one_unit_may_be_done_before_another(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    near, far = phone("xa1"), phone("nhanla", "12289")
    for each in (near, far):
        for _ in range(4):
            leaflet(each)
        each.sync()
    checked(world)
    set_rule(world, desk("tinh"), "25", "0")
    one = desk("huyen")
    first = min(listed(one, "sample"))
    one.get(f"/desk/records/{first}")
    one.post(one.form("/decide"), verdict="returned", reason="Ảnh mờ.")
    one.get("/desk/queue")
    assert "Duyệt theo mẫu 3 mục không rút" in one.text
    assert "Còn 1 mục được rút chưa có quyết định" in one.text
    one.post(bulk(one, "sample"))
    assert sorted(states(world).values()) == ["counted"] * 3 + ["returned"] + ["waiting"] * 4


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.costly
def test_a_sample_may_have_more_records_than_a_statement_has_parameters(world: World, desk: MakeDesk) -> None:
    """A statement takes 65,535 parameters; SQLite takes 32,766 at the least, and often more."""
    set_rule(world, desk("tinh"), "99", "1")
    with world.app.app_context(), writing() as session:
        here = Stream.campaign_id == world.campaign, Stream.unit_id == world.units["12286"]
        stream = session.scalars(select(Stream).where(*here)).one()
        stream.position = stream.written = count = 67_000
        insert_all(session, Record, [row(stream.id, number) for number in range(1, count + 1)])
    drawn = ceil(count * 0.99)
    with world.app.app_context(), reading() as session:
        campaign, scope = session.get_one(Campaign, world.campaign), Scope(session, world.officers["huyen"])
        cut = QueueQuery(session, scope, campaign, QueueFilter(state="waiting"))
        assert cut.counts()[0][SAMPLE] == drawn
        left = select(func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
        assert session.scalar(left.where(*cut.plain(), not_(cut.sampling.drawn))) == count - drawn


def row(stream: str, number: int) -> dict[str, Any]:
    """A leaflet that waits, as lists see it."""
    at = dict.fromkeys(("created_at", "changed_at", "received_at"), 1626000000000)
    places = dict.fromkeys(("number", "first_position", "last_position"), number)
    survivors = {each.name: ["w" * 16] for each in KINDS["leaflet"].fields if each.required}
    said = {"survivors": survivors, "amounts": {"leaflets": 1}, "keys": None, "bucket": "waiting"}
    own = {"id": f"{number:016d}", "stream_id": stream, "kind": "leaflet", "state": "waiting", "decision_id": None}
    ready = {"lacks": 0, "checked": True, "readiness": None}
    return own | at | places | said | ready | {"writes": 1, "early": 0, "conflicted": False, "hidden": False, "rank": 5}


def test_the_seed_stays_and_draws_the_same_again(world: World, desk: MakeDesk) -> None:
    boss = desk("tinh")
    set_rule(world, boss, "10", "3")
    with world.app.app_context(), reading() as session:
        seed = session.get_one(SampleRule, world.campaign).seed
    set_rule(world, boss, "30", "3")
    boss.follow()
    assert "Đã lưu: rút 30 %, ít nhất 3 mục mỗi đơn vị." in boss.text
    assert seed in boss.text
    rule = SampleRule(seed=seed, percent=30, least=3)
    ids = [f"{number:016d}" for number in range(1000)]
    assert len(sample(rule, ids)) == 300
    assert sample(rule, reversed(ids)) == sample(rule, ids)
    assert sample(SampleRule(seed=seed + "0", percent=30, least=3), ids) != sample(rule, ids)
    set_rule(world, boss, "", "")
    with world.app.app_context(), reading() as session:
        assert rule_of(session, world.campaign) is None
    set_rule(world, boss, "10", "3")
    with world.app.app_context(), reading() as session:
        assert session.get_one(SampleRule, world.campaign).seed == seed, "nobody draws until it suits"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("percent", "least"), [("100", "1"), ("-1", "1"), ("x", "1"), ("20", "101"), ("1,5", "0")])
def test_a_rule_that_is_none(world: World, desk: MakeDesk, percent: str, least: str) -> None:
    boss = desk("tinh")
    set_rule(world, boss, percent, least)
    assert boss.status == 422
    assert "Chưa lưu: tỷ lệ là số từ 1 đến 99" in boss.text
    with world.app.app_context(), reading() as session:
        assert session.get(SampleRule, world.campaign) is None


@pytest.mark.databases("sqlite")
def test_only_who_runs_the_campaign_sets_it(world: World, desk: MakeDesk) -> None:
    boss, other = desk("tinh"), desk("huyen")
    boss.get(f"/desk/campaigns/{world.campaign}/amend")
    form = boss.form("/sample")
    other.get("/desk/queue")
    form.values["csrf_token"] = other.forms()[0].values["csrf_token"]
    assert other.post(form, percent="20", least="1").status_code in (403, 404)
    with world.app.app_context(), reading() as session:
        assert session.get(SampleRule, world.campaign) is None


@pytest.mark.databases("sqlite")
def test_what_is_left_of_the_sample_counts_what_i_may_decide(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The reviewer wrote one of the drawn records: it is somebody else's to decide on (SPEC D-6)."""
    come(world, "huyen")
    own, commune = phone("huyen"), phone("xa1")
    leaflet(own), leaflet(commune)
    own.sync(), commune.sync()
    checked(world)
    set_rule(world, desk("tinh"), "99", "0")
    one = desk("huyen")
    one.get("/desk/queue")
    assert "Còn 1 mục được rút chưa có quyết định" in one.text
    assert "1 mục được rút do người khác duyệt." in one.text
