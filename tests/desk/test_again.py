"""Asked again: what gives or takes access needs a proof of the last ten minutes, and the form that was sent goes on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.core.clock import now_ms, stopped_at
from server.core.db import writing
from server.core.problem_details import Problem
from server.services.access import desk_sessions
from support.clients.authenticator import set_up
from support.clients.desk import MakeDesk
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

MINUTE_MS = 60_000
CODE = r"\d{4} \d{4} \d{4} \d{4}"


def test_the_password_is_asked_for_and_the_form_goes_on(world: World, desk: MakeDesk) -> None:
    at, one = now_ms(), desk("huyen")
    ids = [world.officers[name] for name in ("xa1", "nhanla")]
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/people")
        assert one.post(one.form("/people/cards"), officer=ids, days="7").status_code == 401
        assert "Nội dung vừa nhập vẫn còn nguyên" in one.text
        form = one.form("/people/cards")
        assert (form.values["officer"], form.values["days"]) == (ids, ["7"])
        assert one.post(form, proof="sai").status_code == 403
        assert one.post(one.form("/people/cards"), proof=PASSWORD).status_code == 303
        one.follow()
        assert len(set(re.findall(CODE, one.text))) == 2
        one.get("/desk/people")
        assert one.post(one.form("/people/cards"), officer=ids).status_code == 303  # for ten minutes now
    with stopped_at(at + 22 * MINUTE_MS):
        one.get("/desk/people")
        assert one.post(one.form("/people/cards"), officer=ids).status_code == 401


def test_of_who_has_a_second_factor_the_code_is_asked_for(desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        one = desk("huyen")
        own, codes = set_up(one)
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/people")
        one.post(one.form("/code"))
        assert one.post(one.form("/code"), proof=PASSWORD).status_code == 403
        assert one.post(one.form("/code"), proof=own.code()).status_code == 303
    with stopped_at(at + 22 * MINUTE_MS):
        one.get("/desk/people")
        one.post(one.form("/code"))
        assert one.post(one.form("/code"), proof=codes[0]).status_code == 303


def copied(one: Any, desk: MakeDesk) -> Any:
    """A browser with the cookie that this one has now."""
    other = desk()
    with one.http.session_transaction() as cookie, other.http.session_transaction() as stolen:
        stolen.update(cookie)
    return other


def opens(one: Any) -> bool:
    one.get("/desk/account")
    return bool(one.status == 200)


@pytest.mark.slow
def test_each_proof_gives_the_session_a_new_token_and_the_old_cookie_is_dead(desk: MakeDesk) -> None:
    """By the code after the password, by a code and a password that are asked for again, and by a new authenticator."""
    with stopped_at(at := now_ms()):
        first = desk("huyen")
        before = copied(first, desk)
        own, codes = set_up(first)
        assert opens(first)
        assert not opens(before)
    with stopped_at(at + MINUTE_MS):
        one = desk()
        one.sign_in("huyen")
        half = copied(one, desk)
        one.get("/desk/second-factor")
        assert one.post(one.form("/desk/second-factor"), code=own.code()).status_code == 303
        assert opens(one)
        answer = half.http.get("/desk/second-factor")
        assert answer.location.startswith("/desk/sign-in"), "who copied the cookie before the code gets nothing by it"
        wrong = copied(one, desk)
    with stopped_at(at + 12 * MINUTE_MS):
        one.get("/desk/people")
        one.post(one.form("/code"))
        one.post(one.form("/code"), proof="000000")
        assert opens(wrong), "a wrong code changes nothing"
        one.get("/desk/people")
        one.post(one.form("/code"))
        assert one.post(one.form("/code"), proof=codes[0]).status_code == 303
        assert (opens(one), opens(wrong)) == (True, False)
        other = desk("tinh")
    with stopped_at(at + 24 * MINUTE_MS):
        stale = copied(other, desk)
        other.get("/desk/people")
        other.post(other.form("/code"))
        assert other.post(other.form("/code"), proof=PASSWORD).status_code == 303
        assert (opens(other), opens(stale)) == (True, False)


@pytest.mark.slow
def test_a_new_token_prolongs_no_session_and_revives_none(world: World, desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        one = desk("tinh")
    for hours in (3, 6, 9, 12):
        with stopped_at(at + hours * 60 * MINUTE_MS - MINUTE_MS):
            one.get("/desk/people")
            one.post(one.form("/code"))
            assert one.post(one.form("/code"), proof=PASSWORD).status_code == 303
    with stopped_at(at + 12 * 60 * MINUTE_MS):
        assert not opens(one)
    with world.app.app_context(), writing() as session:
        token = desk_sessions.open_session(session, world.officers["tinh"])
        desk_sessions.end_session(session, token)
    with world.app.app_context(), writing() as session, pytest.raises(Problem, match="unauthenticated"):
        desk_sessions.prove(session, token, second=True)


def test_a_changed_password_is_no_proof(desk: MakeDesk) -> None:
    """Else who has the password would get round the second factor."""
    with stopped_at(at := now_ms()):
        one = desk("huyen")
        set_up(one)
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/account")
        new = "bốn con chim nhỏ"
        answer = one.post(one.form("/account/password"), current=PASSWORD, password=new, again=new)
        assert answer.status_code == 303
        one.get("/desk/people")
        assert one.post(one.form("/code")).status_code == 401


@pytest.mark.slow
def test_ten_wrong_passwords_end_it_for_a_while(desk: MakeDesk) -> None:
    at, one = now_ms(), desk("huyen")
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/people")
        one.post(one.form("/code"))
        form = one.form("/code")
        assert [one.post(form, proof="sai").status_code for _ in range(11)] == [403] * 10 + [429]
        assert one.post(form, proof=PASSWORD).status_code == 429


def test_a_clock_that_was_set_back_asks(desk: MakeDesk) -> None:
    at, one = now_ms(), desk("huyen")
    with stopped_at(at - MINUTE_MS):
        one.get("/desk/people")
        assert one.post(one.form("/code")).status_code == 401


@pytest.mark.parametrize(
    ("username", "path", "values"),
    [
        ("tinh", "/desk/people/{xa1}/code", {}),
        ("tinh", "/desk/people/cards", {}),
        ("tinh", "/desk/devices/{device}/revoke", {}),
        ("tinh", "/desk/campaigns/{campaign}/status", {"status": "closed"}),
        ("tinh", "/desk/campaigns/drafts/{draft}/publish", {}),
        ("tinh", "/desk/people/{xa1}/second-factor/reset", {}),
        ("tinh", "/desk/people/{xa1}/hand-over", {"username": "xa2"}),
        ("quantri", "/desk/people/second-factors", {"role": "reviewer"}),
        ("tinh", "/desk/account/sessions/end", {}),
        ("tinh", "/desk/account/second-factor/begin", {}),
        ("tinh", "/desk/account/second-factor/codes", {}),
        ("tinh", "/desk/account/second-factor/remove", {}),
    ],
)
def test_each_act_asks(world: World, desk: MakeDesk, username: str, path: str, values: dict[str, str]) -> None:
    at, one = now_ms(), desk(username)
    ids = {"xa1": world.officers["xa1"], "device": "d" * 16, "draft": "e" * 16, "campaign": world.campaign}
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/account")
        token = one.forms()[0].values["csrf_token"][0]
        answer = one.http.post(path.format(**ids), data={"csrf_token": token, **values})
    assert answer.status_code == 401
    assert 'name="proof"' in answer.get_data(as_text=True)
