"""Many records approved in one act: how many is said before and after, nothing unseen is approved."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select, update

from server.core.db import reading, writing
from server.models import BulkAct, Campaign, DecisionRow, Hint, Record
from server.services.review import bulk as bulk_acts
from server.services.review import warning_rules
from server.services.review.queue import QueueFilter
from server.services.units.scope import Scope
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.clients.uploading import bring
from support.jobs import inline
from support.jobs.checks import checked
from support.likeness.scenes import scene
from support.likeness.shots import shot
from support.world.approving import bulk, leaflet, states
from support.world.world import World


@pytest.fixture(autouse=True)
def _in_time(world: World) -> None:
    """Nothing is late, so that nothing has a warning by itself."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))


@pytest.mark.slow
@pytest.mark.costly
def test_the_whole_list_and_a_group(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    near, far = phone("xa1"), phone("nhanla", "12289")
    clean = [leaflet(near) for _ in range(3)] + [leaflet(far)]
    warned = near.create("leaflet", form="leaflet", distributed=10, hamlet="Thôn khác")  # it lacks what is required
    near.sync(), far.sync()
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue")
    assert "Duyệt 4 mục không có cảnh báo" in one.text
    assert "Duyệt tất cả 5 mục của bộ lọc này" in one.text
    one.post(bulk(one, "clean", world.units["12286"]))
    one.follow()
    assert "Đã duyệt 3 mục." in one.text
    one.post(bulk(one, "clean"))
    one.follow()
    assert "Đã duyệt 1 mục." in one.text
    now = states(world)
    assert [now[record] for record in clean] == ["counted"] * 4
    assert now[warned] == "waiting"
    one.post(bulk(one, "all"))
    one.follow()
    assert states(world)[warned] == "counted"
    assert not any(form.action.endswith("/approve") for form in one.forms())


@pytest.mark.slow
def test_what_is_still_to_be_checked_is_not_without_a_warning(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """No hint says nothing while hints are not made yet: a new record may be the second of an old one."""
    officer = phone("xa1")
    old, changed = leaflet(officer), leaflet(officer)
    officer.sync()
    checked(world)
    officer.edit(changed, received=1)
    new = leaflet(officer)
    officer.sync()
    one = desk("huyen")
    one.get("/desk/queue")
    assert "Chưa đủ ảnh, đang kiểm tra 2" in one.text, "said once, and only of records that no check has seen"
    assert "Duyệt tất cả 1 mục của bộ lọc này" in one.text, "the old one is ready; what is found later would flag it"
    checked(world)
    one.get("/desk/queue")
    assert "đang kiểm tra" not in one.text
    assert "Duyệt tất cả 2 mục của bộ lọc này" in one.text
    assert "1 mục có điểm cần xem: chỉ duyệt được từng mục." in one.text
    with world.app.app_context(), reading() as session:
        assert set(session.scalars(select(Hint.record_id).where(Hint.grade == "look"))) == {changed}
    one.post(bulk(one, "all"))
    one.follow()
    assert "Đã duyệt 2 mục." in one.text
    now = states(world)
    kept = [now[record] for record in (old, changed, new)]
    assert kept == ["counted", "waiting", "counted"], "it was given out more than received"
    one.get("/desk/queue?hint=look")
    assert "Duyệt tất cả" not in one.text


@pytest.mark.slow
@pytest.mark.costly
def test_a_photo_that_is_not_compared_yet_keeps_its_record_among_those_to_be_checked(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, photo = phone("xa1"), shot(scene(3))
    leaflet(officer, **photo.register)
    officer.sync()
    bring(Client(world.app.test_client(), world.token("xa1")), photo)
    inline.done(world, "hints.refresh")
    one = desk("huyen")
    one.get("/desk/queue")
    assert "Chưa đủ ảnh, đang kiểm tra 1" in one.text
    assert "Duyệt tất cả" not in one.text
    checked(world)
    one.get("/desk/queue")
    assert "đang kiểm tra" not in one.text
    one.post(bulk(one, "all"))
    assert set(states(world).values()) == {"counted"}


def test_figures_hold_and_each_decision_rests_on_its_page(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    made = [leaflet(officer, distributed=amount) for amount in (5, 7)]
    officer.sync()
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue")
    one.post(bulk(one, "all"))
    one.get("/desk/figures")
    total = next(iter(one.figures().values()))
    assert [cell.split()[0] for head, cell in total.items() if head.startswith("Tờ rơi")] == ["12"]
    officer.edit(made[0], distributed=6)
    officer.sync()
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(DecisionRow)).all()
        assert {row.sides["distributed"][0] for row in rows} == {5, 7}
        assert all(row.bulk_id for row in rows)
        assert session.get_one(Record, made[0]).state == "amended"
    told = officer.records[made[1]].decision
    assert told is not None
    assert told["verdict"] == "counted"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("as_of", "x", 400),
        ("as_of", "AAAAAAAAAAAAAAAA:9", 303),
        ("as_of", "AAAAAAAAAAAAAAAA:" + "9" * 40, 400),
        ("as_of", "", 303),
        ("offered", "²", 400),
        ("offered", "AAAAAAAAAAAAAAAA:²", 400),
        ("offered", "AAAAAAAAAAAAAAAA:1-", 400),
        ("offered", "AAAAAAAAAAAAAAAA:5-4", 400),
        ("offered", "AAAAAAAAAAAAAAAA:1-1001", 400),
        ("offered", "AAAAAAAAAAAAAAAA:1-900.2000-2101", 400),
        ("offered", "AAAAAAAAAAAAAAAA:1-1000", 303),
        ("offered", "", 303),
        ("which", "everything", 400),
        ("which", "sample", 400),
        ("act", "short", 400),
        ("from", "state=&unit=", 303),
        ("from", "state=nonsense&unit=", 400),
        ("from", "kind=bogus", 400),
        ("from", "unit=%01", 404),
        ("from", "campaign=AAAAAAAAAAAAAAAA", 404),
        ("from", "state=below", 400),
    ],
)
def test_a_form_made_by_hand(
    world: World, desk: MakeDesk, phone: MakePhone, name: str, value: str, status: int
) -> None:
    officer = phone("xa1")
    record = leaflet(officer)
    officer.sync()
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue")
    assert one.post(bulk(one, "all"), **{name: value}).status_code == status
    if status == 303:
        one.follow()
        assert ("Đã duyệt 0 mục" in one.text) == (name in ("as_of", "offered"))
    assert states(world)[record] == ("counted" if status == 303 and name == "from" else "waiting")


def test_of_other_units_and_own_records_nothing_is_approved(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, own, far = phone("xa1"), phone("huyen"), phone("dinhcao", "12397")
    leaflet(officer)
    mine, other = leaflet(own, distributed_on="2021-07-20"), leaflet(far)
    officer.sync(), own.sync(), far.sync()
    checked(world)
    one = desk("huyen")
    one.get("/desk/queue")
    assert "Duyệt tất cả 1 mục của bộ lọc này" in one.text
    with world.app.app_context(), reading() as session:
        streams = [session.get_one(Record, id_).stream_id for id_ in (mine, other)]
    form, wide = bulk(one, "all"), ",".join(f"{stream}:99999" for stream in streams)
    for number, query in enumerate(("", "state=waiting", "state=all")):
        one.post(form, **{"as_of": wide, "from": query, "act": f"{number:016d}"})
        assert one.status == 303
        now = states(world)
        assert (now[mine], now[other]) == ("waiting", "waiting"), query


@pytest.mark.databases("sqlite")
def test_another_capability_adds_a_warning(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    odd, plain = leaflet(officer, distributed=13), leaflet(officer)
    officer.sync()
    checked(world)
    warning_rules.WARNINGS.add("odd", lambda _session, _streams: Record.amounts["leaflets"].as_integer() == 13)
    try:
        with world.app.app_context(), reading() as session:
            campaign = session.get_one(Campaign, world.campaign)
            found = bulk_acts.offers(session, Scope(session, world.officers["huyen"]), campaign, QueueFilter(), 2, {})
            assert (found.whole.clean, found.whole.every) == (1, 2)
            records = [session.get_one(Record, id_) for id_ in (odd, plain)]
            assert warning_rules.of(session, records) == {odd: ("odd",)}
    finally:
        warning_rules.WARNINGS.remove("odd")


def test_own_acts_of_today_stay_in_reach(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The notice of an act goes with the next page; the act can be taken back all day."""
    officer, one, other = phone("xa1"), desk("huyen"), desk("tinh")
    records = [leaflet(officer) for _ in range(2)]
    officer.sync()
    checked(world)
    one.get("/desk/queue")
    one.post(bulk(one, "all"))
    one.get("/desk/")
    one.get("/desk/queue?state=counted")
    assert "1 lần duyệt cùng lúc trong hôm nay, còn hoàn tác được" in one.text
    assert "Đã duyệt 2 mục" in one.text
    other.get("/desk/queue")
    assert "trong hôm nay" not in other.text, "it is not theirs"
    one.post(one.form("/undo"))
    assert [states(world)[record] for record in records] == ["waiting"] * 2
    one.get("/desk/queue")
    assert "trong hôm nay" not in one.text
    with world.app.app_context(), writing() as session:
        session.execute(update(BulkAct).values(undone_at=None, undone=0, at=BulkAct.at - 86_400_000))
    one.get("/desk/queue")
    assert "trong hôm nay" not in one.text, "of yesterday"


def test_a_notice_stays_where_it_was_said(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = leaflet(officer)
    leaflet(officer)
    officer.sync()
    checked(world)
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="counted")
    one.get("/desk/figures")
    assert "Đã duyệt." not in one.text, "the reviewer went elsewhere"
    one.get(f"/desk/records/{record}")
    assert "Đã duyệt. " not in one.text, "and it is said once"
    one.get("/desk/queue")
    one.post(bulk(one, "all"))
    one.follow()
    assert "Đã duyệt 1 mục." in one.text
    page = one.get(one.location.replace("?", "?state=counted&"))
    assert "Đã duyệt 1 mục." in page
    assert "done" not in re.findall(r'<a class="record" href="([^"]*)"', page)[0], "the way back says it no more"
