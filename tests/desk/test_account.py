"""One's own account: password, sessions and their limits, what was made in one's name; links and their devices."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.core.passwords import check_password
from server.desk.access.browser_name import short
from server.models import DeskSession, Device, Officer
from server.services.access import accounts, desk_sessions, welcome
from support.checks.audit_log import lines
from support.clients.desk import MakeDesk
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

HOUR_MS = 3_600_000
NEW = "bốn con chim nhỏ"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)


def signed_in(desk: MakeDesk, username: str = "huyen") -> Any:
    one = desk()
    one.sign_in(username)
    return one


def change(one: Any, current: str, new: str, again: str = "") -> int:
    one.get("/desk/account")
    form = one.form("/account/password")
    return int(one.post(form, current=current, password=new, again=again or new).status_code)


@pytest.mark.slow
def test_the_own_password_is_changed_and_other_sessions_end(desk: MakeDesk) -> None:
    one, two = signed_in(desk), signed_in(desk)
    assert change(one, "sai", NEW) == 422
    assert "Mật khẩu hiện tại chưa đúng" in one.text
    assert change(one, PASSWORD, NEW, "khác hẳn như vậy") == 422
    assert change(one, PASSWORD, PASSWORD) == 422
    assert change(one, PASSWORD, "Kim Động 331") == 422
    assert "dễ đoán" in one.text
    assert change(one, PASSWORD, "ngắn") == 422
    two.get("/desk/queue")
    assert two.status == 200
    assert change(one, PASSWORD, NEW) == 303
    one.follow()
    assert one.status == 200
    two.get("/desk/queue")
    assert two.status == 303
    assert desk().sign_in("huyen", PASSWORD).status_code == 403
    assert desk().sign_in("huyen", NEW).status_code == 303


@pytest.mark.slow
def test_an_open_session_is_no_way_to_guess_the_password(desk: MakeDesk) -> None:
    one = signed_in(desk)
    assert [change(one, "sai", NEW) for _ in range(11)] == [422] * 10 + [429]
    assert change(one, PASSWORD, NEW) == 429


def test_a_session_ends_after_four_hours_without_a_page(desk: MakeDesk) -> None:
    at, one = now_ms(), desk("huyen")
    for hours, status in ((3.9, 200), (7.7, 200), (11.8, 303)):
        with stopped_at(at + int(hours * HOUR_MS)):
            one.get("/desk/queue")
        assert (one.status, hours) == (status, hours)
    with stopped_at(at + int(7.8 * HOUR_MS)):
        one.get("/desk/queue")
    assert one.status == 200  # nothing was written: it is the clock that says so


@pytest.mark.slow
def test_a_session_ends_after_twelve_hours_in_any_case(desk: MakeDesk) -> None:
    at, one = now_ms(), desk("huyen")
    for hours in range(1, 12):
        with stopped_at(at + hours * HOUR_MS):
            one.get("/desk/queue")
        assert one.status == 200
    with stopped_at(at + 12 * HOUR_MS + 5_000):
        one.get("/desk/queue")
    assert one.status == 303


def test_a_page_notes_that_the_session_was_used_every_five_minutes(world: World, desk: MakeDesk) -> None:
    def seen() -> int:
        with world.app.app_context(), reading() as session:
            return session.scalars(select(DeskSession.seen_at)).one()

    with stopped_at(at := now_ms()):
        one = desk("huyen")
    with stopped_at(at + 4 * 60_000):
        one.get("/desk/queue")
        assert seen() == at
    with stopped_at(at + 5 * 60_000):
        one.get("/desk/queue")
        assert seen() == at + 5 * 60_000


@pytest.mark.slow
def test_sessions_are_listed_and_ended_one_by_one_or_all(world: World, desk: MakeDesk) -> None:
    one = signed_in(desk)
    two = desk()
    two.http.environ_base |= {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": CHROME}
    two.sign_in("huyen")
    three, other = signed_in(desk), signed_in(desk, "phucu")
    one.get("/desk/account")
    assert "Phiên này" in one.text
    assert "Chrome, Windows" in one.text
    assert "203.0.113.9" in one.text
    ends = [form for form in one.forms() if form.action.endswith("/sessions/end")]
    single = [form for form in ends if "session" in form.values]
    assert len(single) == 2
    with world.app.app_context(), reading() as session:
        named = session.scalars(select(DeskSession.token_hash).where(DeskSession.address == "203.0.113.9")).one()[:16]
    one.post(next(form for form in single if form.values["session"] == [named]))
    assert [each.get("/desk/queue") and each.status for each in (two, three)] == [303, 200]
    one.get("/desk/account")
    one.post(
        next(form for form in one.forms() if form.action.endswith("/sessions/end") and "session" not in form.values)
    )
    assert "Đã kết thúc 1 phiên" in (one.follow() and one.text)
    assert [each.get("/desk/queue") and each.status for each in (one, three, other)] == [200, 303, 200]


def test_nobody_ends_the_session_of_another(world: World, desk: MakeDesk) -> None:
    one, other = signed_in(desk), signed_in(desk, "phucu")
    with world.app.app_context(), reading() as session:
        named = session.scalars(
            select(DeskSession.token_hash).where(DeskSession.officer_id == world.officers["phucu"])
        ).one()
    one.get("/desk/account")
    token = one.forms()[0].values["csrf_token"][0]
    one.http.post("/desk/account/sessions/end", data={"csrf_token": token, "session": named[:16]})
    other.get("/desk/queue")
    assert other.status == 200


def test_what_was_made_in_ones_name_is_seen(world: World, desk: MakeDesk) -> None:
    above = desk("huyen")
    above.get("/desk/people")
    above.post(above.form(f"/people/{world.officers['xa1']}/code"))
    with world.app.app_context(), writing() as session:
        welcome.make_welcome(session, world.officers["xa1"])
    world.token("xa1")
    one = desk("xa1")
    one.get("/desk/account")
    assert "Mã đăng ký máy" in one.text
    assert "Người duyệt huyện Kim Động" in one.text
    assert "Đường dẫn đặt mật khẩu" in one.text
    assert "máy thử" in one.text
    other = desk("nhanla")
    other.get("/desk/account")
    assert "Mã đăng ký máy" not in other.text


def test_the_link_of_a_disabled_account_does_not_open(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        token = welcome.make_welcome(session, world.officers["huyen"])
    one = desk()
    one.get(f"/desk/welcome/{token}")
    form = one.form(f"/welcome/{token}")
    with world.app.app_context(), writing() as session:
        accounts.disable(session, session.get_one(Officer, world.officers["huyen"]))
    assert one.post(form, password=NEW, again=NEW).status_code == 404
    one.get(f"/desk/welcome/{token}")
    assert one.status == 404
    with world.app.app_context(), reading() as session:
        assert check_password(PASSWORD, session.get_one(Officer, world.officers["huyen"]).password_hash)


def test_a_reset_asks_of_each_device_whether_it_stays(world: World, desk: MakeDesk) -> None:
    world.token("huyen")
    world.token("huyen")
    officer = world.officers["huyen"]
    with world.app.app_context(), writing() as session:
        kept, gone = [device.id for device, _ in accounts.devices(session, officer)]
        token = welcome.reset_password(session, session.get_one(Officer, officer))
    one = desk()
    one.get(f"/desk/welcome/{token}")
    assert "máy thử" in one.text
    form = one.form(f"/welcome/{token}")
    assert one.post(form, password="Kim Động 331", again="Kim Động 331").status_code == 422
    assert one.post(form, password=NEW, again=NEW).status_code == 422
    assert one.post(form, password=NEW, again=NEW, **{f"stays.{kept}": "1"}).status_code == 422
    answers = {f"stays.{kept}": "1", f"stays.{gone}": "0"}
    assert one.post(form, password=NEW, again=NEW, **answers).status_code == 303
    with world.app.app_context(), reading() as session:
        revoked = {device: session.get_one(Device, device).revoked_at is not None for device in (kept, gone)}
    assert revoked == {kept: False, gone: True}


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome, Windows"),
        (CHROME.replace("Safari", "coc_coc_browser/120 Safari"), "Cốc Cốc, Windows"),
        (f"{CHROME} Edg/126.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Mobile Safari/604",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5", "curl"),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_short(agent: str, name: str) -> None:
    assert short(agent) == name


def test_limits_are_settings(world: World) -> None:
    with world.app.app_context(), writing() as session:
        token = desk_sessions.open_session(session, world.officers["huyen"])
        limits = desk_sessions.Limits(idle_ms=60_000, whole_ms=120_000)
        for later, stands in ((59_000, True), (61_000, False)):
            with stopped_at(now_ms() + later):
                assert (desk_sessions.state_of(session, token, limits) is not None) is stands


def test_all_sessions_end_at_once(desk: MakeDesk, world: World) -> None:
    """Where nobody knows whose were taken: `loa user sign-out --all`."""
    opened = [signed_in(desk), signed_in(desk), signed_in(desk, "tinh")]
    with world.app.app_context(), writing() as session:
        assert accounts.end_all_sessions(session) == 2, "accounts"
    for each in opened:
        each.get("/desk/queue")
        assert each.status == 303
    signed_in(desk).get("/desk/queue")
    with world.app.app_context(), writing() as session:
        assert accounts.end_all_sessions(session) == 1, "who signed in since"
    assert [line.about_id for line in lines(world) if line.act == "sessions_ended"] == [
        *sorted([world.officers["huyen"], world.officers["tinh"]]),
        world.officers["huyen"],
    ]
