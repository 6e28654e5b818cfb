"""Codes for officers of the subtree, devices with their last contact, and revoking one."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

import pytest
import segno
from sqlalchemy import select

import sync
from server.core.db import reading, writing
from server.core.secrets_at_rest import new_code
from server.desk.access.code import MOST
from server.models import EnrolmentCode
from server.services.access import code_door
from server.services.organisation.staff import give_role
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.world.world import World
from sync.code import digits

pytestmark = pytest.mark.databases("sqlite")

CODE = r"\d{4} \d{4} \d{4} \d{4}"


def test_a_code_is_shown_once_and_makes_a_device(world: World, desk: MakeDesk) -> None:
    one, officer = desk("huyen"), world.officers["xa1"]
    one.get("/desk/people")
    assert "Cán bộ 1 xã Chính Nghĩa" in one.text
    assert "Chưa có máy" in one.text
    assert "Cán bộ xã Đình Cao" not in one.text  # of another district
    one.post(one.form(f"/desk/people/{officer}/code"))
    shown = re.search(CODE, (one.follow() and one.text))
    assert shown is not None
    one.get(one.location)
    assert not re.search(CODE, one.text), "only once"
    answer = world.app.test_client().post("/api/v1/enrolment", json={"code": shown[0], "label": "Điện thoại của xã"})
    assert answer.status_code == 201
    one.get("/desk/people")
    assert "Điện thoại của xã" in one.text
    assert "Đang dùng" in one.text


def test_cards_for_several_officers_are_shown_once(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/people?choose=1")
    form = one.form("/people/cards")
    ids = [world.officers[name] for name in ("xa1", "nhanla")]
    assert all(f'value="{id_}"' in one.html for id_ in ids)
    assert one.post(form, officer=[]).status_code == 422
    assert "Đề nghị đánh dấu ít nhất một cán bộ" in one.text
    assert one.post(form, officer=[ids[0], world.officers["dinhcao"]]).status_code == 404
    one.post(form, officer=ids)
    one.follow()
    codes = list(dict.fromkeys(re.findall(CODE, one.text)))  # each on its card, and in the text to send
    assert len(codes) == 2
    assert "Xã Chính Nghĩa" in one.text
    assert "Xã Nhân La" in one.text
    assert one.text.count("http://127.0.0.1:8080/app/") == 4
    one.follow()
    assert one.status == 303  # only once
    for code in codes:
        body = {"code": code, "label": ""}
        assert world.app.test_client().post("/api/v1/enrolment", json=body).status_code == 201


def test_as_many_codes_as_are_made_at_once_fit_into_the_cookie(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/people")
    codes = {secrets.token_urlsafe(12): new_code() for _ in range(MOST)}
    with one.http.session_transaction() as cookie:
        cookie["code"] = ["/desk/people/cards", list(codes.items()), 1_627_000_000_000]
    kept = one.http.get_cookie("session")
    assert kept is not None
    assert len(kept.value) < 3800


def test_the_picture_is_an_address_that_no_get_uses_up(world: World, desk: MakeDesk) -> None:
    """The code stands behind the #; opening the page the picture names leaves it unused."""
    one, officer = desk("huyen"), world.officers["xa1"]
    one.get("/desk/people")
    one.post(one.form(f"/desk/people/{officer}/code"))
    one.follow()
    code = digits(re.findall(CODE, one.text)[0])
    picture = segno.make(f"http://127.0.0.1:8080/enrol#{code}", error="m").svg_data_uri(border=4)
    assert picture in one.html
    one.get("/enrol")
    assert 'src="/desk/static/enrol.js"' in one.html
    one.get("/app/")
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(EnrolmentCode).where(EnrolmentCode.officer_id == officer))
        assert [row.used_at for row in rows] == [None]


def test_a_revoked_device_is_out_at_once(world: World, desk: MakeDesk) -> None:
    client, one = Client(world.app.test_client(), world.token("xa1")), desk("huyen")
    client.sync()
    one.get("/desk/people")
    form = next(form for form in one.forms() if form.action.endswith("/revoke"))
    other = desk("phucu")
    other.get("/desk/people")
    form.values["csrf_token"] = other.form("/sign-out").values["csrf_token"]
    assert other.post(form).status_code == 404
    one.get("/desk/people")
    assert one.post(one.form(form.action)).status_code == 303
    assert client.get("/catalog").status_code == 401
    one.get("/desk/people")
    assert "Đã thu hồi" in one.text
    assert not one.has_form("/revoke")


def test_nobody_makes_a_code_for_someone_above_or_beside(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/people")
    form = one.form(f"/desk/people/{world.officers['xa1']}/code")
    for username, status in (("tinh", 404), ("dinhcao", 404), ("phucu", 404)):
        form.action = f"/desk/people/{world.officers[username]}/code"
        assert one.post(form).status_code == status, username
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["xa1"], world.units["33"], "coordinator")
    form.action = f"/desk/people/{world.officers['xa1']}/code"
    assert one.post(form).status_code == 403  # a code would be a way into the province
    one.get("/desk/people")
    assert not one.has_form(form.action)


def test_an_officer_manages_nobody(desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get("/desk/people")
    assert one.status == 403
    assert "không có quyền" in one.text


def test_a_handout_says_what_the_phones_help_says_and_carries_no_code(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/people")
    address = f"/desk/people/{world.units['12286']}/handout"
    assert f'href="{address}"' in one.html
    one.get(address)
    told = json.loads((Path(sync.__file__).parent / "help.vi.json").read_text("utf-8"))
    for name in ("enrol", "sync"):
        steps = [step for part in told[name]["text"] for step in ([part] if isinstance(part, str) else part)]
        assert [step for step in (told[name]["title"], *steps) if step not in one.text] == []
    assert "Xã Chính Nghĩa" in one.text
    assert 'src="data:image/svg+xml' in one.html
    assert not re.search(r"\d{4} ?\d{4}", one.text)
    one.get(f"/desk/people/{world.units['12397']}/handout")
    assert one.status == 404  # of another district


def test_a_card_serves_as_long_as_was_chosen(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/people")
    for chosen, days in ((None, 14), ("7", 7), ("3", 3), ("999", 14), ("x", 14)):
        one.get("/desk/people")
        one.post(one.form("/people/cards"), officer=[world.officers["xa1"]], days=[chosen])
        with world.app.app_context(), reading() as session:
            unused = select(EnrolmentCode).where(EnrolmentCode.used_at.is_(None))
            (row,) = session.scalars(unused)
            assert row.expires_at - row.made_at == days * 24 * 3_600_000


def test_guessed_codes_are_told_to_who_makes_codes(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        code_door.note(session, 99)
    one = desk("huyen")
    one.get("/desk/queue")
    assert "mã đăng ký sai" not in one.text
    with world.app.app_context(), writing() as session:
        code_door.note(session, 1)
    one.get("/desk/queue")
    assert "có giờ ghi nhận 100 lần nhập sai mã đăng ký" in one.text
    assert "Đề nghị báo người quản trị máy chủ" in one.text
    officer = desk("xa1")
    officer.get("/desk/queue")
    assert "mã đăng ký sai" not in officer.text
