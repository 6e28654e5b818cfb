"""Who comes in, who does not, and how often they may try."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest

from server.core.db import writing
from server.models import Meta, Officer
from server.models.installation import lock_catalog
from server.services.access.welcome import make_welcome
from support.clients.desk import MakeDesk
from support.clients.phone import Phone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_signing_in_and_out(desk: MakeDesk) -> None:
    one = desk()
    one.get("/desk/queue?state=all")
    assert one.status == 303
    answer = one.sign_in("huyen")
    assert (answer.status_code, one.location) == (303, "/desk/")
    assert "Người duyệt huyện Kim Động" in one.get("/desk/queue")
    cookie = one.http.get_cookie("session")
    assert cookie is not None
    assert cookie.http_only
    # Pages in the browser's cache go; "storage" would take an outbox along, for the phone app has the same origin.
    assert one.post(one.form("/desk/sign-out")).headers["Clear-Site-Data"] == '"cache"'
    one.http.set_cookie("session", cookie.value)  # a stolen copy of the cookie is worth nothing after that
    one.get("/desk/queue")
    assert one.status == 303


def test_one_comes_back_to_the_page_asked_for_and_never_to_another_site(desk: MakeDesk) -> None:
    one = desk()
    one.get("/desk/figures?unit=x")
    one.get(one.http.get("/desk/figures?unit=x").headers["Location"])
    one.post(one.form("/desk/sign-in"), username="huyen", password="mật khẩu để thử 111")
    assert one.location == "/desk/figures?unit=x"
    strange = [f"/{char}/evil.example" for char in "\t\n\r\x7f\x85 "]
    for evil in ("//evil.example", "/\\evil.example", "https://evil.example", "/x\\y", "\t//evil.example", *strange):
        two = desk()
        two.get("/desk/sign-in")
        two.post(two.form("/desk/sign-in"), username="huyen", password="mật khẩu để thử 111", next=evil)
        assert two.location == "/desk/"


@pytest.mark.slow
def test_wrong_tries_are_told_the_same_and_stopped_after_ten(desk: MakeDesk) -> None:
    one = desk()
    assert one.sign_in("huyen", "sai").status_code == 403
    wrong = "Tên đăng nhập hoặc mật khẩu không đúng."
    assert wrong in one.text
    assert 'value="huyen"' in one.html
    assert one.sign_in("không có", "sai").status_code == 403
    assert wrong in one.text
    for _ in range(9):
        one.sign_in("huyen", "sai")
    assert one.sign_in("huyen").status_code == 429
    assert "Thử sai quá nhiều lần" in one.text


def test_a_name_no_database_can_hold_is_no_name(desk: MakeDesk) -> None:
    assert desk().sign_in("huyen\0").status_code == 400


def test_a_form_sent_after_the_session_ended_says_so_and_comes_back(
    desk: MakeDesk, phone: Callable[..., Phone]
) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1")
    officer.sync()
    one.get(f"/desk/records/{record}?from=state%3Dall")
    page = f"/desk/records/{record}?from=state%3Dall"
    one.get("/desk/records/new?kind=banner")
    making = one.form("/desk/records/new")
    one.get(page)
    deciding = one.form("/decide")
    one.http.delete_cookie("session")  # the token of the form is gone with it
    for form, back in ((deciding, page), (making, "/desk/records/new?kind=banner&unit=")):
        assert one.post(form, verdict="counted").status_code == 303
        one.follow()
        assert "Phiên làm việc đã hết" in one.text
        assert one.form("/desk/sign-in").values["next"][0].startswith(back)


def test_the_language_is_switched_on_the_page_of_a_refused_form(desk: MakeDesk) -> None:
    one = desk()
    one.get("/desk/sign-in?next=/desk/figures")
    one.post(one.form("/desk/sign-in"), username="huyen", password="sai")
    one.post(one.form("/desk/language"), language="en")
    assert one.location == "/desk/sign-in?next=/desk/figures"
    two = desk("huyen")
    two.get("/desk/records/new?kind=broadcast")
    assert two.post(two.form("/desk/records/new"), **{"f.minutes": "x"}).status_code == 422
    two.post(two.form("/desk/language"), language="en")
    assert two.location.startswith("/desk/records/new?kind=broadcast&unit=")
    assert "Length of one airing" in two.follow()


def test_an_officer_without_a_password_has_no_way_in(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        session.get_one(Officer, world.officers["huyen"]).password_hash = None
    assert desk().sign_in("huyen").status_code == 403


def test_a_disabled_account_is_out_at_once(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/queue")
    assert one.status == 200
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Officer, world.officers["huyen"]).disabled_at = 1
    one.get("/desk/queue")
    assert one.status == 303


def test_a_form_of_another_site_is_refused(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/queue")
    answer = one.post(one.form("/desk/sign-out"), csrf_token="x")
    assert answer.status_code == 400
    assert "Trang đã mở quá lâu" in one.text
    assert one.http.post("/desk/sign-in", data={"username": "huyen"}).status_code == 400


def test_one_click_only_in_a_demo(world: World, desk: MakeDesk) -> None:
    one = desk()
    one.get("/")
    assert "DỮ LIỆU MẪU" not in one.html
    form = one.form("/desk/language")
    form.action = "/demo/sign-in/huyen"
    assert one.post(form).status_code == 404
    with world.app.app_context(), writing() as session:
        session.add(Meta(key="demo", value="1"))
    one.get("/")
    offered = [form for form in one.forms() if "/demo/sign-in/" in form.action and "next" not in form.values]
    assert [form.action for form in offered] == [
        "/demo/sign-in/xa1",
        "/demo/sign-in/huyen",
        "/demo/sign-in/tinh",
        "/demo/sign-in/quantri",
    ]
    assert one.post(one.form("/demo/sign-in/huyen")).status_code == 303
    for path in ("/", "/desk/queue", "/desk/figures", "/desk/people", "/desk/records/new", "/desk/nowhere"):
        assert "DỮ LIỆU MẪU" in one.get(path), path


@pytest.mark.parametrize("path", ["/desk/queue", "/desk/figures", "/desk/people", "/desk/records/new"])
def test_english_is_a_switch(desk: MakeDesk, path: str) -> None:
    one = desk("huyen")
    vietnamese = one.get(path)
    assert '<html lang="vi">' in vietnamese
    one.post(one.form("/desk/language"), language="en")
    assert one.location == path
    assert '<html lang="en">' in one.follow()
    assert "Sign out" in one.text


def test_a_one_time_link_sets_the_password_and_serves_once(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        token = make_welcome(session, world.officers["huyen"])
    one, path = desk(), f"/desk/welcome/{token}"
    for _ in range(2):  # opening it uses nothing up
        one.get(path)
        assert 'value="huyen"' in one.html
    form, chosen = one.form(path), "cổng làng có cây đa"
    assert one.post(form, password="ngắn", again="ngắn").status_code == 422
    assert "ít nhất 10 ký tự" in one.text
    assert one.post(form, password=chosen, again=chosen + "!").status_code == 422
    spelt = unicodedata.normalize("NFD", chosen)
    assert one.post(form, password=spelt, again=spelt).status_code == 303
    assert "Người duyệt huyện Kim Động" in one.get("/desk/queue")
    assert desk().sign_in("huyen", chosen).status_code == 303
    one.get(path)
    assert one.status == 404
    assert "đã dùng hoặc đã hết hạn" in one.text
    form.values["csrf_token"] = one.form("/sign-out").values["csrf_token"]
    assert one.post(form, password=chosen, again=chosen).status_code == 404


def test_in_a_demo_a_phone_gets_its_code_at_the_door(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        session.add(Meta(key="demo", value="1"))
    one = desk()
    one.get("/")
    one.post(one.form("/demo/code/xa1"))
    shown = re.search(r"\d{4} \d{4} \d{4} \d{4}", (one.follow() and one.text))
    assert shown is not None
    assert f'href="/enrol#{shown[0].replace(" ", "")}"' in one.html
    answer = world.app.test_client().post("/api/v1/enrolment", json={"code": shown[0], "label": "máy"})
    assert answer.status_code == 201
    assert shown[0] not in one.http.get(one.location).text, "shown once"
