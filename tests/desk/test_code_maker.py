"""D-6: who made a phone's code does not review what it writes, and its officer is told that a phone came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.models import Campaign, Device, Record
from server.services.access import codes
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.review import queue
from server.services.units.scope import Scope
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import Phone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

DAY_MS = 24 * 3_600_000


def enrolled(world: World, officer: str, made_by: str | None) -> Client:
    """A phone of this officer with a code of that one's; it names itself as browsers do."""
    with world.app.app_context(), writing() as session:
        maker = world.officers[made_by] if made_by else None
        code = codes.make_code(session, world.officers[officer], maker, world.keyring)
    label = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36"
    answer = world.app.test_client().post("/api/v1/enrolment", json={"code": code, "label": label})
    assert answer.status_code == 201
    return Client(world.app.test_client(), answer.get_json()["token"])


def banner(world: World, client: Client) -> str:
    """A record that this phone writes."""

    def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    phone = Phone(send, world.units["12286"], world.campaign)
    record = phone.create(slogan="s1", quantity=1, submitted=True)
    phone.sync()
    return record


def count(one: Any, record: str) -> int:
    """The status of the answer to a click on "counted"; where there is no such form, of one made by hand."""
    one.get(f"/desk/records/{record}")
    if one.has_form("/decide"):
        return int(one.post(one.form("/decide"), verdict="counted").status_code)
    form = one.form("/sign-out")
    form.action = f"/desk/records/{record}/decide"
    return int(one.post(form, verdict="counted", basis=json.dumps({"submitted": [record]})).status_code)


@pytest.mark.slow
def test_who_made_the_code_does_not_review_what_the_phone_writes(world: World, desk: MakeDesk) -> None:
    record = banner(world, enrolled(world, "xa1", "huyen"))
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    assert not one.has_form("/decide")
    assert "Đồng chí đã cấp mã đăng ký cho máy ghi bản ghi này." in one.text
    assert "Đề nghị chuyển cho người khác duyệt: Cán bộ tổng hợp tỉnh Hưng Yên." in one.text
    assert count(one, record) == 403
    one.get("/desk/queue")
    assert f"/desk/records/{record}" not in one.html  # not among what needs me
    other = desk("tinh")
    other.get("/desk/queue")
    assert f"/desk/records/{record}" in other.html
    assert count(other, record) == 303


def test_another_reviewer_of_the_district_decides(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        second = add_officer(session, NewOfficer("huyen2", "Người duyệt 2 huyện Kim Động", phone="0221 3 111 111"))
        give_role(session, second.id, world.units["331"], "reviewer")
        world.officers["huyen2"] = second.id
    record = banner(world, enrolled(world, "xa1", "huyen"))
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    assert "Người duyệt 2 huyện Kim Động (0221 3 111 111)" in one.text
    assert count(desk("huyen2"), record) == 303


def test_a_code_of_an_administrator_is_in_nobodys_way(world: World, desk: MakeDesk) -> None:
    for maker in (None, "quantri"):
        assert count(desk("huyen"), banner(world, enrolled(world, "xa1", maker))) == 303


@pytest.mark.slow
def test_the_officer_is_told_at_the_desk_and_confirms(world: World, desk: MakeDesk) -> None:
    record = banner(world, enrolled(world, "xa1", "huyen"))
    one = desk("xa1")
    one.get("/desk/figures")
    assert "Máy mới đã đăng ký bằng tài khoản của đồng chí: Linux; Android 14; K" in one.text
    assert "mã do Người duyệt huyện Kim Động cấp" in one.text
    assert "đề nghị báo ngay Cán bộ tổng hợp tỉnh Hưng Yên" in one.text  # never who made the code
    form = one.form("/confirm")
    assert desk("xa2").post(form).status_code == 400  # a form of another session
    two = desk("xa2")
    two.get("/desk/figures")
    assert "Máy mới" not in two.text
    stolen = two.form("/sign-out")
    stolen.action = form.action
    assert two.post(stolen).status_code == 404
    one.get("/desk/figures")
    assert one.post(one.form("/confirm")).status_code == 303
    assert one.location == "/desk/figures"
    assert "Máy mới" not in one.follow()
    assert "Đã ghi nhận: máy này của đồng chí." in one.text
    assert count(desk("huyen"), record) == 303


def test_it_ends_thirty_days_after_the_phone_came(world: World, desk: MakeDesk) -> None:
    client = enrolled(world, "xa1", "huyen")
    with stopped_at(now_ms() + 29 * DAY_MS):
        early = banner(world, client)
    with stopped_at(now_ms() + 31 * DAY_MS):
        late = banner(world, client)
    assert count(desk("huyen"), early) == 403
    assert count(desk("huyen"), late) == 303


def test_a_decision_is_not_withdrawn_by_who_made_the_code(world: World, desk: MakeDesk) -> None:
    record = banner(world, enrolled(world, "xa1", "huyen"))
    assert count(desk("tinh"), record) == 303
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    assert not one.has_form("/withdraw")
    form = one.form("/sign-out")
    form.action = f"/desk/records/{record}/withdraw"
    with world.app.app_context(), reading() as session:
        decision = session.get_one(Record, record).decision_id
    assert one.post(form, decision=decision).status_code == 403


def test_numbers_of_the_queue_leave_out_what_the_code_maker_may_not_decide(world: World) -> None:
    banner(world, enrolled(world, "xa1", "huyen"))
    with world.app.app_context(), reading() as session:
        campaign = session.get_one(Campaign, world.campaign)
        for username, wanted in (("huyen", 0), ("tinh", 1)):
            page = queue.page(session, Scope(session, world.officers[username]), campaign, queue.QueueFilter())
            assert page.counts["todo"] == wanted, username


def test_a_phone_is_told_of_what_came_behind_it(world: World) -> None:
    old = enrolled(world, "xa1", None)
    assert old.get("/catalog").get_json()["new_devices"] == []
    before = old.sync()["catalog"]
    new = enrolled(world, "xa1", "huyen")
    assert old.sync()["catalog"] != before  # so it fetches the catalogue, though it was replaced
    (told,) = old.get("/catalog").get_json()["new_devices"]
    assert (told["label"], told["by"]) == ("Linux; Android 14; K", "Người duyệt huyện Kim Động")
    assert told["contact"] == {"name": "Cán bộ tổng hợp tỉnh Hưng Yên", "phone": ""}
    assert new.get("/catalog").get_json()["new_devices"] == []
    with world.app.app_context(), reading() as session:
        assert session.get_one(Device, told["id"]).code_by == world.officers["huyen"]
