"""Enrolment codes at the interface (SPEC ID-5): typing errors, old codes, guesses, the alarm."""

from __future__ import annotations

import secrets
import threading

import pytest
from sqlalchemy import select

from server.core.clock import HOUR_MS, now_ms
from server.core.db import reading, writing
from server.core.keyring import Purpose
from server.core.secrets_at_rest import code_hash, new_code
from server.models import EnrolmentCode, WrongCodes
from server.services.access import code_door, codes
from support.clients.write_only import Json
from support.waiting import until
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def enrol(world: World, code: str, address: str = "203.0.113.1") -> tuple[int, Json]:
    answer = world.app.test_client().post(
        "/api/v1/enrolment", json={"code": code, "label": "Máy"}, environ_base={"REMOTE_ADDR": address}
    )
    return answer.status_code, answer.get_json()


def test_a_code_has_sixteen_digits_however_they_are_typed(world: World) -> None:
    code = world.code("xa1")
    assert len(code) == 16
    assert enrol(world, f"{code[:4]} {code[4:8]}-{code[8:12]}.{code[12:]}")[0] == 201


def test_a_typing_error_is_told_as_one_and_uses_nothing_up(world: World) -> None:
    code = world.code("xa1")
    wrong = str((int(code[5]) + 1) % 10)
    for typed in (code[:5] + wrong + code[6:], code[:15], code[:8], code[:7], "", "0" * 17):
        assert [enrol(world, typed)[1]["code"] for _ in range(12)] == ["code_mistyped"] * 12
    with world.app.app_context(), reading() as session:
        assert list(session.scalars(select(WrongCodes))) == []
    assert enrol(world, code)[0] == 201


def test_typing_errors_and_guesses_behind_one_address_shut_nobody_out(world: World) -> None:
    """ID-7."""
    code = world.code("xa1")
    for _ in range(30):
        assert enrol(world, new_code())[0] in (403, 503)
    until(lambda: enrol(world, code)[0] == 201)  # as the phone does, which tries again by itself


@pytest.mark.databases("both")
def test_an_honest_code_works_beside_a_crowd_from_addresses_without_end(world: World) -> None:
    code, over, statuses = world.code("xa1"), threading.Event(), []

    def guess() -> None:
        while not over.is_set():
            address = f"2001:db8:{secrets.randbelow(2**16):x}:{secrets.randbelow(2**16):x}::1"
            statuses.append(enrol(world, new_code(), address)[0])

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        until = now_ms() + 60_000
        status = 0
        while status != 201 and now_ms() < until:
            status = enrol(world, code, f"10.0.{secrets.randbelow(250)}.1")[0]
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert status == 201
    assert set(statuses) <= {403, 503}


def test_wrong_codes_are_counted_by_the_hour_in_bounded_rows(world: World) -> None:
    with world.app.app_context(), writing() as session:
        now = now_ms() // HOUR_MS
        session.add_all(WrongCodes(hour=hour, count=1000) for hour in (now - 80, now - 2, now + 5))
    enrol(world, new_code())
    with world.app.app_context(), reading() as session:
        rows = {row.hour - now: row.count for row in session.scalars(select(WrongCodes))}
        assert {hour: count for hour, count in rows.items() if hour < 0} == {-2: 1000}
        assert sum(count for hour, count in rows.items() if hour >= 0) == 1
        assert code_door.alarm(session) == 1000


@pytest.mark.parametrize("days", [1, 14])
def test_how_long_a_code_serves_is_chosen_when_it_is_made(world: World, days: int) -> None:
    with world.app.app_context(), writing() as session:
        code = codes.make_code(session, world.officers["xa1"], None, world.keyring, days)
        row = session.get_one(EnrolmentCode, code_hash(code, world.keyring.current(Purpose.CODES)))
        assert row.expires_at - row.made_at == days * 24 * HOUR_MS
