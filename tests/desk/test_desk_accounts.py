"""Accounts made at the desk: who may, texts to send, links and codes, a new name, disabling."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.db import reading, writing
from server.models import AuditLine, DeskSession, Officer
from server.services.audit.acts import Act
from server.services.organisation.staff import give_role
from server.services.units.scope import ADMIN
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.world.world import PASSWORD, World
from sync.code import digits

pytestmark = pytest.mark.databases("sqlite")

NEW = {"name": "Lê Văn Mới", "username": "moi.nhanla", "role": "officer", "phone": "0912.345.678"}


def admin_of(world: World, username: str, unit: str) -> None:
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers[username], world.units[unit], ADMIN)


def sent_text(one: Any) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", one.html, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def test_a_district_makes_an_account_its_code_and_its_link(world: World, desk: MakeDesk) -> None:
    admin_of(world, "nhanla", "331")
    one = desk("nhanla")
    one.get("/desk/people/new")
    assert "Xã Đình Cao" not in one.text
    form = one.form("/people/new")
    assert one.post(form, **NEW, unit=world.units["12397"]).status_code == 422  # of another district
    assert one.post(form, **(NEW | {"username": "xa1"}), unit=world.units["12289"]).status_code == 409
    assert "đã có người dùng" in one.text
    assert 'value="Lê Văn Mới"' in one.html  # what was typed stays
    assert one.post(form, **(NEW | {"phone": "sau"}), unit=world.units["12289"]).status_code == 422
    assert one.post(form, **NEW, unit=world.units["12289"]).status_code == 303
    person = one.location
    one.follow()
    assert "0912345678" in one.html
    one.post(one.form("/code"))
    one.follow()
    text = sent_text(one)
    code = re.search(r"\d{4} \d{4} \d{4} \d{4}", text)
    assert code is not None
    assert f"http://127.0.0.1:8080/enrol#{digits(code[0])}" in text
    assert "Lê Văn Mới (Xã Nhân La)" in text
    body = {"code": code[0], "label": "máy mới"}
    assert world.app.test_client().post("/api/v1/enrolment", json=body).status_code == 201
    one.get(person)
    assert "máy mới" in one.text
    one.post(one.form("/link"))
    one.follow()
    link = re.search(r"http://127\.0\.0\.1:8080(/desk/welcome/\S+)", sent_text(one))
    assert link is not None
    one.follow()
    assert "/desk/welcome/" not in one.text, "shown once"
    new = desk()
    new.get(link[1])
    new.post(new.form(link[1]), password="mật khẩu rất riêng 57", again="mật khẩu rất riêng 57", **_stays(new))
    assert new.location == "/desk/"


def _stays(one: Any) -> dict[str, str]:
    return dict.fromkeys(re.findall(r'name="(stays\.[^"]+)"', one.html), "1")


def test_a_new_name_and_shutting_out_hold_at_once_and_are_logged(world: World, desk: MakeDesk) -> None:
    client, one = Client(world.app.test_client(), world.token("xa1")), desk("quantri")
    client.sync()
    page = f"/desk/people/{world.officers['xa1']}/account"
    one.get(page)
    assert one.post(one.form("/account"), name="Nguyễn Thị Đổi", phone="+84 912 345 678").status_code == 303
    one.follow()
    assert "<h1>Nguyễn Thị Đổi</h1>" in one.html
    assert one.post(one.form("/account"), name=" ", phone="").status_code == 422
    one.get(page)
    one.post(one.form("/disable"))
    assert client.get("/catalog").status_code == 401
    assert desk().sign_in("xa1", PASSWORD).status_code != 303
    one.get(page)
    assert not one.has_form("/link")
    one.get("/desk/people?q=doi")
    assert "Đã khóa" in one.text
    one.get(page)
    one.post(one.form("/enable"))
    assert client.get("/catalog").status_code == 200
    with world.app.app_context(), reading() as session:
        acts = set(session.scalars(select(AuditLine.act).where(AuditLine.actor_id == world.officers["quantri"])))
        assert {Act.ACCOUNT_CHANGED, Act.ACCOUNT_DISABLED, Act.ACCOUNT_ENABLED} <= acts
        assert session.get_one(Officer, world.officers["xa1"]).phone == "+84912345678"


def test_who_reviews_changes_no_account_and_nobody_their_own(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    page = f"/desk/people/{world.officers['xa1']}/account"
    one.get(page)
    assert one.status == 200  # devices, and codes
    assert not any(one.has_form(act) for act in ("/account", "/link", "/disable"))
    token = one.form("/code").values["csrf_token"]
    for act in ("account", "link", "disable", "enable"):
        answer = one.http.post(f"/desk/people/{world.officers['xa1']}/{act}", data={"csrf_token": token, "name": "X"})
        assert answer.status_code == 403, act
    assert one.http.get("/desk/people/new").status_code == 403
    assert one.http.get(f"/desk/people/{world.officers['dinhcao']}/account").status_code == 404
    admin = desk("quantri")
    admin.get(f"/desk/people/{world.officers['quantri']}/account")
    assert not admin.has_form("/link")
    admin_of(world, "nhanla", "331")
    district = desk("nhanla")
    district.get("/desk/people/new")
    token = district.form("/people/new").values["csrf_token"]
    for other in ("quantri", "tinh"):
        answer = district.http.post(f"/desk/people/{world.officers[other]}/link", data={"csrf_token": token})
        assert answer.status_code == 404, other


@pytest.mark.parametrize("act", ["link", "disable", "enable"])
def test_it_is_asked_again_after_ten_minutes(world: World, desk: MakeDesk, act: str) -> None:
    one = desk("quantri")
    one.get(f"/desk/people/{world.officers['xa1']}/account")
    token = one.form("/account").values["csrf_token"]
    with world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=0))
    answer = one.http.post(f"/desk/people/{world.officers['xa1']}/{act}", data={"csrf_token": token})
    assert answer.status_code == 401
