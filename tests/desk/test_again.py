"""Asked again: what gives or takes access needs a proof of the last ten minutes, and the form that was sent goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from server.core.clock import now_ms, stopped_at
from support.clients.authenticator import set_up
from support.world.world import PASSWORD, World

MakeDesk = Callable[..., Any]
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
        assert len(re.findall(CODE, one.text)) == 2
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
        ("tinh", "/desk/people/{xa1}/second-factor/reset", {}),
        ("tinh", "/desk/people/{xa1}/hand-over", {"username": "xa2"}),
        ("quantri", "/desk/people/second-factors", {"role": "reviewer"}),
        ("tinh", "/desk/account/second-factor/begin", {}),
        ("tinh", "/desk/account/second-factor/codes", {}),
        ("tinh", "/desk/account/second-factor/remove", {}),
    ],
)
def test_each_act_asks(world: World, desk: MakeDesk, username: str, path: str, values: dict[str, str]) -> None:
    at, one = now_ms(), desk(username)
    ids = {"xa1": world.officers["xa1"], "device": "d" * 16, "campaign": world.campaign}
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/account")
        token = one.forms()[0].values["csrf_token"][0]
        answer = one.http.post(path.format(**ids), data={"csrf_token": token, **values})
    assert answer.status_code == 401
    assert 'name="proof"' in answer.get_data(as_text=True)
