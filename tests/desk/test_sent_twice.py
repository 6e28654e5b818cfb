"""A proof gives the session a new cookie. What was under way with the old one (a double click, a second tab, a proof
whose answer was lost) signs nobody out and gets nothing done by the old cookie.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import template_rendered
from sqlalchemy import select
from werkzeug.test import TestResponse

from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.models import AuditLine, DeskSession
from server.services.access import desk_sessions
from support.clients.authenticator import set_up
from support.clients.desk import MakeDesk
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

MINUTE_MS = 60_000


@dataclass
class Twin:
    """A browser with a cookie of a moment: what it sends was under way then. No answer sets its cookie."""

    one: Any
    http: Any
    values: dict[str, Any]

    def send(self, path: str, data: dict[str, Any] | None = None) -> TestResponse:
        with self.http.session_transaction() as cookie:
            cookie.clear()
            cookie.update(self.values)
        http = self.http
        answer: TestResponse = http.get(path) if data is None else http.post(path, data=data, buffered=True)
        return answer


def twin(one: Any, desk: MakeDesk) -> Twin:
    with one.http.session_transaction() as cookie:
        return Twin(one, desk().http, dict(cookie))


def sent(one: Any, action: str, **values: Any) -> tuple[str, dict[str, Any]]:
    form = one.form(action)
    return form.action, form.values | values


def opens(one: Any) -> bool:
    one.get("/desk/account")
    return bool(one.status == 200)


def ready(desk: MakeDesk, username: str = "huyen") -> tuple[Any, list[str]]:
    """A browser at the form that asks for the code behind the password, on its way to the people."""
    _, codes = set_up(desk(username))
    one = desk()
    one.get("/desk/sign-in?next=/desk/people")
    one.post(one.form("/desk/sign-in"), username=username, password=PASSWORD)
    one.follow()
    return one, codes


def acts(world: World, act: str) -> int:
    with world.app.app_context(), reading() as session:
        return len(session.scalars(select(AuditLine.number).where(AuditLine.act == act)).all())


def in_use(world: World, username: str) -> int:
    open_ones = select(DeskSession).where(
        DeskSession.officer_id == world.officers[username], DeskSession.ended_at.is_(None)
    )
    with world.app.app_context(), reading() as session:
        return len(session.scalars(open_ones).all())


def test_a_double_click_on_the_code_lands_where_the_person_wanted_to_go(world: World, desk: MakeDesk) -> None:
    with stopped_at(now_ms()):
        one, codes = ready(desk)
        path, data = sent(one, "/desk/second-factor", code=codes[0])
        second = twin(one, desk)
        assert one.http.post(path, data=data).location == "/desk/people"
        answer = second.send(path, data)
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (307, [])
        again = one.http.post(answer.location, data=data)
        assert (again.status_code, again.location) == (303, "/desk/people")
        assert opens(one)
        assert acts(world, "wrong_second_factor") == 0


@pytest.mark.databases("both")
def test_the_same_proof_at_the_same_time_is_judged_once(world: World, desk: MakeDesk) -> None:
    one, codes = ready(desk)
    path, data = sent(one, "/desk/second-factor", code=codes[0])
    begin = Barrier(4)

    def click(each: Twin) -> int:
        begin.wait()
        return each.send(path, data).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, [twin(one, desk) for _ in range(4)])) == [303, 307, 307, 307]
    assert acts(world, "wrong_second_factor") == 0


@pytest.mark.parametrize("factor", [False, True])
def test_a_double_click_on_what_is_asked_again_goes_on_with_the_new_cookie(
    world: World, desk: MakeDesk, factor: bool
) -> None:
    with stopped_at(at := now_ms()):
        one = desk("huyen")
        proof = set_up(one)[1][0] if factor else PASSWORD
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/people")
        ids = [world.officers[name] for name in ("xa1", "nhanla")]
        one.post(one.form("/people/cards"), officer=ids)
        path, data = sent(one, "/people/cards", proof=proof)
        second = twin(one, desk)
        assert one.http.post(path, data=data).status_code == 303
        answer = second.send(path, data)
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (307, [])
        assert one.http.post(answer.location, data=data).status_code == 303
        assert opens(one)


@pytest.mark.slow
def test_who_lost_the_answer_signs_in_and_has_the_form(world: World, desk: MakeDesk) -> None:
    """The browser sends it once more and still has the old cookie. The session that nobody got ends by the sign-in."""
    with stopped_at(at := now_ms()):
        one = desk("huyen")
        one.get("/desk/people")  # so that the cookie has the token of forms
        codes = set_up(one)[1]
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/people")
        ids = [world.officers[name] for name in ("xa1", "nhanla")]
        one.post(one.form("/people/cards"), officer=ids, days="7")
        path, data = sent(one, "/people/cards", proof=codes[0])
        assert twin(one, desk).send(path, data).status_code == 303  # the answer that was lost
        answer = one.http.post(path, data=data)
        assert answer.status_code == 307
        one._take(one.http.post(answer.location, data=data))  # noqa: SLF001  # a page like any
        assert one.status == 401
        assert "resent" not in one.html
        one.post(one.form("/desk/sign-in"), username="huyen", password=PASSWORD)
        one.post(one.form("/desk/second-factor"), code=codes[1])
        form = one.form("/people/cards")
        assert (form.values["officer"], form.values["days"], "proof" in form.values) == (ids, ["7"], False)
        assert one.post(form).status_code == 303
        assert in_use(world, "huyen") == 1


def test_a_form_kept_for_after_the_code_is_kept_when_the_answer_to_the_code_is_lost(
    world: World, desk: MakeDesk
) -> None:
    with stopped_at(at := now_ms()):
        one, codes = ready(desk)
        one.post(one.form("/desk/second-factor"), code=codes[0])
        one.get("/desk/people")
        form = one.form("/people/cards")
    with stopped_at(at + 5 * 60 * MINUTE_MS):
        one.post(form, officer=[world.officers["xa1"]], days="7")
        assert one.status == 401
        one.post(one.form("/desk/sign-in"), username="huyen", password=PASSWORD)
        path, data = sent(one, "/desk/second-factor", code=codes[1])
        assert twin(one, desk).send(path, data).status_code == 200
        one._take(one.http.post(f"{path}?resent=1", data=data))  # noqa: SLF001
        assert one.status == 401
        one.post(one.form("/desk/sign-in"), username="huyen", password=PASSWORD)
        path, data = sent(one, "/desk/second-factor", code=codes[2])
        one._take(one.http.post(path, data=data))  # noqa: SLF001
        assert one.form("/people/cards").values["days"] == ["7"]
        one._take(one.http.post(path, data=data))  # noqa: SLF001  # a second click, with the new cookie
        assert one.form("/people/cards").values["days"] == ["7"]


@pytest.mark.databases("both")
def test_a_second_tab_stays_signed_in(world: World, desk: MakeDesk) -> None:
    """A page and a form that were under way there, and one whose answer would still set a cookie."""
    with stopped_at(at := now_ms()):
        one = desk("tinh")
        one.get("/desk/people")
    with stopped_at(at + 11 * MINUTE_MS):
        one.get("/desk/people")
        one.post(one.form("/people/cards"), officer=[world.officers["xa1"]])
        proof, tab = sent(one, "/people/cards", proof=PASSWORD), twin(one, desk)
        tab.values["_flashes"] = [("message", "Xong")]

        def send() -> None:
            with stopped_at(at + 11 * MINUTE_MS):  # a thread has a clock of its own
                one.http.post(proof[0], data=proof[1])

        def prove(*_: Any, **__: Any) -> None:
            """While the answer to the other tab is being made."""
            template_rendered.disconnect(prove, world.app)
            thread = Thread(target=send)
            thread.start()
            thread.join()

        template_rendered.connect(prove, world.app)
        answer = tab.send("/desk/people")
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])
        assert "Xong" in answer.get_data(as_text=True)
        answer = tab.send("/desk/people?q=xa")
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (303, [])
        assert tab.send(answer.location).headers.getlist("Set-Cookie") == [], "the sign-in shows what was said"
        assert one.http.get(answer.location).location == "/desk/people?q=xa"
        assert tab.send("/desk/people/cards", proof[1]).status_code == 307
        assert opens(one)


@pytest.mark.slow
def test_the_old_cookie_gets_nothing_done(world: World, desk: MakeDesk) -> None:
    """Sent again it is a dead session's; so it is at once after a while, or where it was signed out."""
    with stopped_at(at := now_ms()):
        one = desk("tinh")
        one.get("/desk/people")
    with stopped_at(proved := at + 11 * MINUTE_MS):
        one.get("/desk/people")
        one.post(one.form("/people/cards"), officer=[world.officers["xa1"]])
        old, (path, data) = twin(one, desk), sent(one, "/people/cards", proof=PASSWORD)
        one.http.post(path, data=data)
        made = acts(world, "code_made")
        for _ in range(2):
            assert old.send(f"{path}?resent=1", data).status_code == 401
        form = {"csrf_token": data["csrf_token"]}
        assert old.send("/desk/sign-out", form).status_code == 307
        assert opens(one), "the old cookie signs nobody out"
    with stopped_at(proved + 11_000):
        assert old.send(path, data).status_code == 401
    assert acts(world, "code_made") == made
    with stopped_at(proved):
        now = twin(one, desk)
        answer = old.send("/desk/sign-out", form)
        assert now.send(answer.location, form).status_code == 303
        assert not opens(one)
        assert now.send(path, data).status_code == 401
    assert in_use(world, "tinh") == 0


def test_a_sign_in_ends_no_session_of_somebody_else(world: World) -> None:
    with world.app.app_context(), writing() as session:
        token = desk_sessions.open_session(session, world.officers["huyen"])
        new = desk_sessions.prove(session, token, second=False)
        desk_sessions.end_session(session, token, by=world.officers["tinh"])
        assert desk_sessions.state_of(session, new) is not None
        desk_sessions.end_session(session, token)
        assert desk_sessions.state_of(session, new) is not None
        desk_sessions.end_session(session, token, by=world.officers["huyen"])
        assert desk_sessions.state_of(session, new) is None
