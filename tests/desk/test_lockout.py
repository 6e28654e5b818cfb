"""Guesses at a password close an account for the guesser, not for its owner, and not for a month."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from server.core import passwords
from server.core.clock import now_ms, stopped_at
from server.core.db import db, reading, writing
from server.core.keyring_file import of_first
from server.models import FailedTries, Officer
from server.services.access import tries
from server.services.access.known_browser import known_as, renewed
from server.services.access.sign_in import _stand_in
from server.services.access.welcome import make_welcome
from server.services.organisation.staff import NewOfficer, add_officer
from support.clients.desk import MakeDesk
from support.waiting import until
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

DAY_MS = 24 * 3_600_000


def knock(desk: MakeDesk, username: str, password: str, address: str) -> Any:
    one = desk()
    one.http.environ_base["REMOTE_ADDR"] = address
    return one, one.sign_in(username, password).status_code


def shut(desk: MakeDesk, username: str, count: int, address: Callable[[int], str]) -> list[int]:
    return [knock(desk, username, "sai", address(number))[1] for number in range(count)]


@pytest.mark.slow
def test_ten_guesses_from_one_address_shut_that_address_out_and_nobody_else(desk: MakeDesk) -> None:
    assert shut(desk, "huyen", 12, lambda _: "198.51.100.7") == [403] * 10 + [429] * 2
    assert knock(desk, "huyen", PASSWORD, "198.51.100.7")[1] == 429
    assert knock(desk, "tinh", PASSWORD, "198.51.100.7")[1] == 303
    assert knock(desk, "huyen", PASSWORD, "198.51.100.8")[1] == 303


@pytest.mark.slow
def test_an_address_of_ipv6_is_the_network_of_one_customer(desk: MakeDesk) -> None:
    assert shut(desk, "huyen", 10, lambda number: f"2001:db8:0:{number:x}::1") == [403] * 10
    assert knock(desk, "huyen", PASSWORD, "2001:db8:0:ff::9")[1] == 429
    assert knock(desk, "huyen", PASSWORD, "2001:db8:0:100::9")[1] == 303
    assert tries.block("::ffff:203.0.113.7") == tries.block("203.0.113.7")


@pytest.mark.slow
@pytest.mark.costly
def test_guesses_from_everywhere_shut_an_account_but_not_for_a_browser_that_signed_in_before(desk: MakeDesk) -> None:
    own, status = knock(desk, "huyen", PASSWORD, "192.0.2.1")
    assert status == 303
    assert shut(desk, "huyen", 101, lambda number: f"198.51.{number}.7") == [403] * 100 + [429]
    assert knock(desk, "huyen", PASSWORD, "192.0.2.2")[1] == 429
    own.post(own.get("/desk/queue") and own.form("/desk/sign-out"))
    assert own.sign_in("huyen").status_code == 303
    own.post(own.get("/desk/queue") and own.form("/desk/sign-out"))
    assert [own.sign_in("huyen", "sai").status_code for _ in range(11)] == [403] * 10 + [429]  # a count of its own


def test_the_cookie_of_one_browser_serves_one_account_and_one_password(world: World, desk: MakeDesk) -> None:
    own, _ = knock(desk, "huyen", PASSWORD, "192.0.2.1")
    cookie = own.http.get_cookie("browser")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")
    key, other = world.keyring, of_first("another secret of 32 characters.")
    with world.app.app_context(), reading() as session:
        stored = str(session.get_one(Officer, world.officers["huyen"]).password_hash)
    huyen, tinh = world.officers["huyen"], world.officers["tinh"]
    first = known_as(cookie.value, huyen, stored, key)
    assert first is not None
    assert known_as(cookie.value, tinh, stored, key) is None
    assert known_as(cookie.value, huyen, stored + "x", key) is None
    assert known_as(cookie.value, huyen, stored, other) is None
    again = renewed(cookie.value, huyen, stored, key)
    assert known_as(again, huyen, stored, key) not in (None, first)  # it rotates
    both = renewed(again, tinh, stored, key)
    assert known_as(both, huyen, stored, key) is not None
    with stopped_at(now_ms() + 500 * DAY_MS):
        assert known_as(again, huyen, stored, key) is None


@pytest.mark.slow
def test_a_user_whose_name_is_an_address_locks_no_address(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        add_officer(session, NewOfficer("203.0.113.7", "Người có tên lạ"))
    shut(desk, "203.0.113.7", 12, lambda _: "198.51.100.7")
    assert knock(desk, "huyen", PASSWORD, "203.0.113.7")[1] == 303


@pytest.mark.slow
def test_a_clock_set_ahead_and_back_locks_nobody_for_a_month(desk: MakeDesk) -> None:
    with stopped_at(now_ms() + 30 * DAY_MS):
        assert shut(desk, "huyen", 11, lambda _: "198.51.100.7") == [403] * 10 + [429]
    assert knock(desk, "huyen", PASSWORD, "198.51.100.7")[1] == 303


def test_counts_are_dropped_when_they_are_over(world: World, desk: MakeDesk) -> None:
    with stopped_at(now_ms() - 16 * 60_000):
        shut(desk, "huyen", 3, lambda number: f"198.51.100.{number}")
    shut(desk, "không có", 1, lambda _: "198.51.100.9")
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(FailedTries)) == 2


@pytest.mark.slow
def test_an_account_that_is_not_there_is_answered_and_judged_the_same(
    desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where other accounts have hashes of other parameters: the name is held against one of those."""
    judged: list[str] = []
    matches = passwords.Hasher.matches

    def noted(self: passwords.Hasher, password: str, stored: str | None) -> bool:
        judged.append(str(stored))
        return matches(self, password, stored)

    monkeypatch.setattr(passwords.Hasher, "matches", noted)
    one, status = knock(desk, "huyen", "sai", "198.51.100.1")
    two, other = knock(desk, "không có", "sai", "198.51.100.1")
    assert (status, other) == (403, 403)
    assert one.text.replace("huyen", "") == two.text.replace("không có", "")
    assert len(judged) == 2
    assert len({text.partition("$m=")[2].partition("$")[0] for text in judged}) == 1
    assert shut(desk, "không có", 10, lambda _: "198.51.100.1")[-1] == 429


def test_every_name_that_is_not_there_is_judged_against_an_account(world: World) -> None:
    """Also where the point that the name draws lies behind the last account."""
    with world.app.app_context(), reading() as session:
        drawn = {session.scalar(_stand_in(f"không có {number}", world.keyring)) for number in range(200)}
    assert None not in drawn
    assert len(drawn) == 1, "all accounts of this world have one password"


def test_a_password_is_hashed_anew_once_the_parameters_are_other_ones(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        officer = session.get_one(Officer, world.officers["huyen"])
        officer.password_hash = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    own, status = knock(desk, "huyen", PASSWORD, "192.0.2.1")
    assert status == 303
    with world.app.app_context(), reading() as session:
        stored = str(session.get_one(Officer, world.officers["huyen"]).password_hash)
    assert not passwords.is_outdated(stored)
    assert own.http.get_cookie("browser") is not None
    assert knock(desk, "huyen", PASSWORD, "192.0.2.1")[1] == 303


@pytest.mark.databases("both")
def test_no_password_is_hashed_in_a_transaction_and_none_waits_behind_a_full_queue(
    desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full queue answers at once, with Retry-After, and gives the user name back but not the password."""
    inside: list[bool] = []
    began, go_on = threading.Event(), threading.Event()

    def submitted(*_: object) -> bool:
        inside.append(db.session().in_transaction())
        began.set()
        assert go_on.wait(60)
        return False

    monkeypatch.setattr(passwords.Hasher, "matches", submitted)
    queue, held = passwords.Queue(1, 1), threading.Semaphore(0)

    @contextmanager
    def place(known: str | None = None) -> Iterator[passwords.Hasher]:
        with queue.place(known) as hasher:
            held.release()
            yield hasher

    monkeypatch.setattr(passwords, "place", place)
    makers = [threading.Thread(target=knock, args=(desk, "huyen", "sai", f"198.51.100.{n}")) for n in range(2)]
    for each in makers:
        each.start()
    try:
        assert began.wait(60)
        assert held.acquire(timeout=60)
        assert held.acquire(timeout=60)
        one = desk()
        status = one.sign_in("tinh", "mật khẩu bí mật 1").status_code
    finally:
        go_on.set()
        for each in makers:
            each.join()
    assert status == 503
    assert 'value="tinh"' in one.html
    assert "mật khẩu bí mật 1" not in one.html
    assert "thử lại sau" in one.text
    assert "http-equiv" not in one.html
    assert not any(inside)


def test_a_crowd_of_strangers_takes_no_place_of_a_browser_that_signed_in_before(world: World, desk: MakeDesk) -> None:
    """Half of the queue is theirs; one place a person, so that an insider's own cookie wins them no more."""
    own, other = desk(), desk()
    assert (own.sign_in("huyen").status_code, other.sign_in("tinh").status_code) == (303, 303)
    for one in (own, other):
        one.get("/desk/queue")
        one.post(one.form("/desk/sign-out"))
    with ExitStack() as crowd:
        with suppress(passwords.Busy):
            while True:
                crowd.enter_context(passwords.place())
        assert desk().sign_in("huyen").status_code == 503
        assert other.sign_in("huyen").status_code == 503, "known, but to another account"
        assert own.sign_in("huyen").status_code == 303
        crowd.enter_context(passwords.place(world.officers["huyen"]))
        own.get("/desk/queue")
        own.post(own.form("/desk/sign-out"))
        assert own.sign_in("huyen").status_code == 503, "one at a time"
        assert other.sign_in("tinh").status_code == 303


def test_the_known_and_strangers_take_turns() -> None:
    queue, order = passwords.Queue(1, 8), list[str]()

    def wait(name: str, known: str | None) -> None:
        with queue.place(known), queue.turn(known=known is not None):
            order.append(name)

    with queue.turn(known=False):  # somebody is being hashed
        threads = []
        for name, known in [("s1", None), ("s2", None), ("s3", None), ("k1", "a"), ("k2", "b"), ("s4", None)]:
            threads.append(threading.Thread(target=wait, args=(name, known)))
            threads[-1].start()
            until(lambda: sum(map(len, queue._lines.values())) == len(threads))  # noqa: SLF001  # nobody else asks
    for each in threads:
        each.join()
    assert order == ["k1", "s1", "k2", "s2", "s3", "s4"]


def test_choosing_a_password_hashes_before_the_write(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []
    hash_ = passwords.Hasher.hash

    def noted(self: passwords.Hasher, password: str) -> str:
        inside.append(db.session().in_transaction())
        return hash_(self, password)

    monkeypatch.setattr(passwords.Hasher, "hash", noted)
    with world.app.app_context(), writing() as session:
        token = make_welcome(session, world.officers["huyen"])
    one, path = desk(), f"/desk/welcome/{token}"
    one.get(path)
    assert one.post(one.form(path), password="cổng làng có cây đa", again="cổng làng có cây đa").status_code == 303
    assert inside == [False]
