"""A training day: the QR code gives a request and nothing else; only whom the trainer confirms gets a code."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from server.core.clock import now_ms, stopped_at, today
from server.core.db import reading, writing
from server.models import AuditLine, DeskSession, Device, EnrolmentCode, Officer, TrainingDay, TrainingRequest
from server.services.access import tries
from server.services.administration import training, training_requests
from server.services.audit.acts import Act
from server.services.organisation import staff
from support.clients.desk import MakeDesk
from support.world.world import World
from sync.code import digits
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")

rooms: dict[str, str] = {}
"""The code of the room by the address of its class."""


def begin(one: Any, world: World, unit: str = "331") -> str:
    """Begin a class; its address with the code of the room, as it is in the QR code on the projector."""
    one.get("/desk/training")
    one.post(one.form("/desk/training"), unit=world.units[unit])
    one.get(f"{one.location}&screen=1")
    found = re.search(r"http://127\.0\.0\.1:8080(/class/\S+) và mã phòng (\w{4} \w{4})", one.text)
    assert found is not None
    assert 'src="data:image/svg+xml' in one.html
    rooms[found[1]] = found[2]
    return found[1]


def enter(phone: Any, address: str, room: str | None = None) -> int:
    """Bring the code of the room."""
    phone.get(f"{address}?room={quote(room or rooms[address])}")
    if phone.status == 303:
        phone.get(address)
    return int(phone.status)


def ask(phone: Any, world: World, address: str, username: str, unit: str) -> int:
    enter(phone, address)
    phone.get(f"{address}?unit={world.units[unit]}")
    if not phone.has_form("/ask"):
        return int(phone.status)
    return int(phone.post(phone.form("/ask"), officer=world.officers[username]).status_code)


def waiting(one: Any, world: World) -> Any:
    with world.app.app_context(), reading() as session:
        row = session.scalars(select(TrainingDay)).first()
        assert row is not None
        address = f"/desk/training?training={row.id}"
    one.get(address)
    return one


def enrol(world: World, phone: Any, address: str) -> int:
    """Fetch the code and use it, as the phone app does."""
    phone.get(address)
    phone.post(phone.form("/code"))
    phone.follow()
    found = re.search(r"\d{4} \d{4} \d{4} \d{4}", phone.text)
    assert found is not None, phone.text
    assert f"/enrol#{digits(found[0])}" in phone.html
    assert "đến " + f"{today():%d/%m/%Y} 23:59" in phone.text
    body = {"code": digits(found[0]), "label": "máy trong lớp", "nonce": "n" * 16}
    return int(world.app.test_client().post("/api/v1/enrolment", json=body).status_code)


@pytest.mark.slow
def test_a_class_is_confirmed_in_one_list_and_only_then_enrols(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    address = begin(one, world)
    phones = {name: desk() for name in ("xa1", "xa2", "nhanla")}
    first = phones["xa1"]
    assert enter(first, address) == 200
    assert "Xã Chính Nghĩa" in first.text
    assert "Xã Đình Cao" not in first.text
    assert "Cán bộ 1" not in first.text  # names only after the unit was chosen
    for name, phone in phones.items():
        assert ask(phone, world, address, name, "12289" if name == "nhanla" else "12286") == 303
        phone.follow()
        assert "Chờ cán bộ tập huấn xác nhận" in phone.text
        assert not phone.has_form("/code")
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(EnrolmentCode)).all() == []
    waiting(one, world)
    assert "3 người chờ xác nhận" in one.text
    late = desk()  # came after the list was drawn: "all" is not for it
    form = one.form("/confirm")
    one.post(form, all="1")
    one.follow()
    assert "Đã xác nhận 3 người." in one.text
    assert ask(late, world, address, "xa1", "12286") == 303
    for phone in phones.values():
        assert enrol(world, phone, address) == 201
        phone.get(address)
        assert "Điện thoại này đã đăng ký" in phone.text
    waiting(one, world)
    assert one.text.count("Máy đã đăng ký") == 3
    with world.app.app_context(), reading() as session:
        devices = session.scalars(select(Device).where(Device.label == "máy trong lớp")).all()
        assert {device.code_by for device in devices} == {world.officers["huyen"]}  # an author as with cards (D-6)
        row = session.scalars(select(TrainingDay)).one()
        codes = session.scalars(select(EnrolmentCode)).all()
        assert {code.expires_at for code in codes} == {row.ends_at}
        assert row.ends_at <= now_ms() + 24 * 3_600_000
        acts = list(session.scalars(select(AuditLine.act).where(AuditLine.actor_id == world.officers["huyen"])))
        assert acts.count(Act.TRAINING_CONFIRMED) == 3
        assert Act.TRAINING_BEGUN in acts


def test_a_phone_that_has_enrolled_is_not_refused_any_more(world: World, desk: MakeDesk) -> None:
    """Its code is used: the page that still offers to refuse it says where the phone is revoked."""
    one, phone = desk("huyen"), desk()
    address = begin(one, world)
    ask(phone, world, address, "xa1", "12286")
    one.post(waiting(one, world).form("/confirm"), all="1")
    waiting(one, world)
    back = next(form for form in one.forms() if "/refuse/" in form.action)
    assert enrol(world, phone, address) == 201
    one.post(back)
    assert one.status == CODES["training_enrolled"].status
    assert CODES["training_enrolled"].vi in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(TrainingRequest)).one().refused_at is None


def test_two_phones_in_one_name_are_not_confirmed_together(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    address = begin(one, world)
    right, wrong = desk(), desk()
    assert [ask(phone, world, address, "xa1", "12286") for phone in (right, wrong)] == [303, 303]
    waiting(one, world)
    assert "Có nhiều máy cùng chọn tên này" in one.text
    form = one.form("/confirm")
    assert "shown" not in form.values
    assert "Xác nhận cả" not in one.text, "of nobody"
    with world.app.app_context(), reading() as session:
        ids = list(session.scalars(select(TrainingRequest.id).order_by(TrainingRequest.at, TrainingRequest.id)))
        marks = {row.id: row.mark for row in session.scalars(select(TrainingRequest))}
    one.post(form, request=ids)
    one.follow()
    assert "Đã xác nhận 0 người." in one.text
    right.get(address)
    own = next(id_ for id_ in ids if f"<span>{marks[id_]}</span>" in right.html)
    one.post(form, request=[own])
    assert enrol(world, right, address) == 201
    wrong.get(address)
    assert "Yêu cầu trước đã được hủy hoặc bị từ chối" in wrong.text


def test_a_second_phone_of_who_was_confirmed_is_not_among_all(world: World, desk: MakeDesk) -> None:
    """The address can be photographed: who asks in an enrolled officer's name must be meant by name."""
    one = desk("huyen")
    address = begin(one, world)
    right, stranger, other = desk(), desk(), desk()
    ask(right, world, address, "xa1", "12286")
    waiting(one, world)
    early = one.form("/confirm")
    one.post(early, all="1")
    assert enrol(world, right, address) == 201
    ask(stranger, world, address, "xa1", "12286")
    ask(other, world, address, "xa2", "12286")
    waiting(one, world)
    assert "Có nhiều máy cùng chọn tên này" in one.text
    with world.app.app_context(), reading() as session:
        ids = list(session.scalars(select(TrainingRequest.id).where(TrainingRequest.confirmed_at.is_(None))))
    one.post(early, all="1", shown=ids)
    one.follow()
    assert "Đã xác nhận 1 người." in one.text
    stranger.get(address)
    assert not stranger.has_form("/code")
    with world.app.app_context(), writing() as session:
        session.execute(update(Officer).where(Officer.username == "huyen").values(disabled_at=now_ms()))
    other.get(address)
    assert other.post(other.form("/code")).status_code == 403, "whoever confirmed was shut out"


def test_two_people_of_one_name_are_told_apart_by_their_user_names(world: World, desk: MakeDesk) -> None:
    """Other user names stay unsaid: whoever photographed the projector reads this page."""
    address = begin(desk("huyen"), world)
    with world.app.app_context(), writing() as session:
        made = staff.add_officer(session, staff.NewOfficer("cung.ten", "Cán bộ 1 xã Chính Nghĩa"))
        staff.give_role(session, made.id, world.units["12286"], "officer")
    phone = desk()
    enter(phone, address)
    phone.get(f"{address}?unit={world.units['12286']}")
    for username in ("xa1", "cung.ten"):
        assert f"Cán bộ 1 xã Chính Nghĩa {username}" in phone.text
    assert "xa2" not in phone.text


def test_the_address_alone_gives_nothing(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    address = begin(one, world)
    phone = desk()
    for wrong in (f"{address[:-1]}!", f"{address}x", f"/class/{'A' * 16}/{address.rpartition('/')[2]}"):
        phone.get(wrong)
        assert phone.status == 404, wrong
        assert "Xã Chính Nghĩa" not in phone.text
    phone.get(f"{address}?unit={world.units['12286']}")
    assert "Cán bộ 1 xã Chính Nghĩa" not in phone.text, "not in the room"
    enter(phone, address)
    for unit in ("12397", "33"):  # outside the class: no names
        phone.get(f"{address}?unit={world.units[unit]}")
        assert phone.status == 404
        assert "Cán bộ xã Đình Cao" not in phone.text
    phone.get(f"{address}?unit={world.units['12286']}")
    form = phone.form("/ask")
    for officer in (world.officers["dinhcao"], world.officers["huyen"], "x"):
        assert phone.post(form, officer=officer).status_code == 404, officer
    assert ask(phone, world, address, "xa1", "12286") == 303
    thief = desk()
    thief.get(address)
    csrf = thief.form("/language").values["csrf_token"]
    assert thief.http.post(f"{address}/code", data={"csrf_token": csrf}).status_code == 303
    waiting(one, world)
    one.post(one.form("/confirm"), all="1")
    answer = thief.http.post(f"{address}/code", data={"csrf_token": csrf})
    thief.get(answer.headers["Location"])
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", thief.text) is None
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(EnrolmentCode)).all() == []
    other = desk("phucu")
    with world.app.app_context(), reading() as session:
        training = session.scalars(select(TrainingDay.id)).one()
    assert other.http.get(f"/desk/training?training={training}").status_code == 404


def flood(world: World, count: int, address: str) -> None:
    """Requests by somebody who has the code of the room, in every name, with as many cookies as they like."""
    with world.app.app_context(), writing() as session:
        row = session.scalars(select(TrainingDay)).one()
        people = training.officers(session, row, world.units["12286"])
        for number in range(count):
            visitor = training_requests.Visitor(0, "?", address)
            officer = people[number % len(people)].id
            training_requests.ask(session, row, world.units["12286"], officer, visitor)


def test_requests_from_one_address_fill_no_name(world: World, desk: MakeDesk) -> None:
    """Three in each name were all that there could be, for anybody with the address."""
    one = desk("huyen")
    address = begin(one, world)
    for _ in range(3):
        for username in ("xa1", "xa2"):
            assert ask(desk(), world, address, username, "12286") == 303
    honest = desk()
    honest.http.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert ask(honest, world, address, "xa1", "12286") == 303
    waiting(one, world)
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(TrainingRequest)).all()
        (own,) = [row.id for row in rows if [row.origin for row in rows].count(row.origin) == 1]
    one.post(one.form("/confirm"), request=[own])
    assert enrol(world, honest, address) == 201


@pytest.mark.slow
def test_hundreds_of_requests_do_not_end_a_class(world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that floods loses its own oldest; who asked before or asks after it keeps their place."""
    monkeypatch.setattr(training_requests, "MOST", 40)
    one = desk("huyen")
    address = begin(one, world)
    before, after = desk(), desk()
    for phone, source in ((before, "203.0.113.8"), (after, "203.0.113.9")):
        phone.http.environ_base["REMOTE_ADDR"] = source
    assert ask(before, world, address, "xa1", "12286") == 303
    flood(world, 100, "198.51.100.7")
    assert ask(after, world, address, "nhanla", "12289") == 303
    with world.app.app_context(), reading() as session:
        origins = session.scalars(select(TrainingRequest.origin)).all()
    assert (len(origins), len(set(origins))) == (40, 3)
    for phone in (before, after):
        phone.get(address)
        assert "Chờ cán bộ tập huấn xác nhận" in phone.text


def test_only_who_is_in_the_room_may_ask(world: World, desk: MakeDesk) -> None:
    """The code changes: a picture of the projector is void ten minutes later, for everybody but who came with it."""
    address = begin(desk("huyen"), world)
    stranger, inside = desk(), desk()
    assert stranger.get(address)
    assert "Mã phòng" in stranger.text
    assert "Xã Chính Nghĩa" not in stranger.text
    assert enter(stranger, address, "AAAA AAAA") == 403
    assert "Mã phòng không đúng" in stranger.text
    assert enter(inside, address, rooms[address].lower()) == 200
    inside.get(f"{address}?unit={world.units['12286']}")
    form = inside.form("/ask")
    stranger.post(form, csrf_token=stranger.form("/language").values["csrf_token"], officer=world.officers["xa1"])
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(TrainingRequest)).all() == []
    with stopped_at(now_ms() + 10 * 60_000):
        assert enter(desk(), address) == 403
        assert inside.post(form, officer=world.officers["xa1"]).status_code == 303
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(TrainingRequest)).all()) == 1
    late = desk()
    assert enter(late, address) == 200
    with stopped_at(now_ms() + 40 * 60_000):
        late.get(f"{address}?unit={world.units['12286']}")
        assert "Mã phòng" in late.text


def test_asking_is_counted_by_the_code_of_the_room(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks too often with one code keeps nobody out who brings the next."""
    monkeypatch.setattr(tries, "TRAINING_REQUESTS", 2)
    one = desk("huyen")
    address = begin(one, world)
    assert [ask(desk(), world, address, "xa1", "12286") for _ in range(3)] == [303, 303, 429]
    with stopped_at(now_ms() + 6 * 60_000):
        with world.app.app_context(), reading() as session:
            row = session.scalars(select(TrainingDay)).one()
            rooms[address] = training.room_code(row, world.keyring)
        assert ask(desk(), world, address, "xa1", "12286") == 303


@pytest.mark.slow
def test_requests_are_limited_and_end_with_the_day(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    address = begin(one, world)
    phones = [desk() for _ in range(3)]
    assert [ask(phone, world, address, "xa1", "12286") for phone in phones] == [303] * 3
    assert ask(phones[0], world, address, "xa2", "12286") == 200  # this browser waits already
    last = desk()
    assert ask(last, world, address, "nhanla", "12289") == 303
    waiting(one, world)
    form, end = one.form("/confirm"), one.form("/end")
    one.post(form, all="1")
    with world.app.app_context(), writing() as session:
        session.execute(update(TrainingDay).values(ends_at=now_ms() - 1))
    for phone in (last, phones[0]):
        phone.get(address)
        assert phone.status == 404
        assert "đã kết thúc" in phone.text
    assert one.post(form, request=form.values["shown"]).status_code == 404
    one.post(end)
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(EnrolmentCode)).all() == []


@pytest.mark.slow
def test_a_confirmation_is_worth_what_its_trainer_may_do(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    address = begin(one, world)
    phone, second = desk(), desk()
    assert ask(phone, world, address, "xa1", "12286") == 303
    assert ask(second, world, address, "nhanla", "12289") == 303
    waiting(one, world)
    with world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=0))
    assert one.post(one.form("/confirm"), all="1").status_code == 401  # asked again
    with world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=now_ms()))
    waiting(one, world)
    one.post(one.form("/confirm"), all="1")
    waiting(one, world)
    back = next(form for form in one.forms() if "/refuse/" in form.action)
    one.post(back)  # the confirmation of the first is taken back
    phone.get(address)
    assert "bị từ chối" in phone.text
    with world.app.app_context(), writing() as session:
        staff.end_roles(session, world.officers["huyen"], world.units["331"])
    second.get(address)
    second.post(second.form("/code"))
    assert second.status == 404
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(EnrolmentCode)).all() == []
