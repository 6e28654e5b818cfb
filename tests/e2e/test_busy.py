"""A server that says it is busy is left alone for as long as it asks; what it cannot do sets nothing aside (X-25)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route

from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer, Officer
from support.network.answers import SYNC
from support.waiting import PATIENCE_S
from support.world.province import Province

pytestmark = pytest.mark.slow
UPLOADS = "**/api/v1/uploads**"
SLOGAN = "Chung tay phòng, chống nạn mua bán người"


def wait(one: Officer, seen: list[Any]) -> None:
    """Until the server was asked. (Routes are answered only while Playwright is at work.)"""
    for _ in range(PATIENCE_S * 10):
        if seen:
            return
        one.page.wait_for_timeout(100)
    raise AssertionError("nothing was asked")


def turn(one: Officer) -> None:
    """What makes the app send at once."""
    one.page.evaluate("() => dispatchEvent(new Event('online'))")
    one.page.wait_for_timeout(300)


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/triggers.test.ts::X-41: a busy server")
def test_a_busy_server_is_asked_once_for_all_photos_and_not_before_it_said(officer: MakeOfficer) -> None:
    """100 waiting photos made 100 requests, at every trigger anew."""
    one = officer("xa1")
    one.offline()
    for _ in range(3):
        one.banner(SLOGAN)
    asked: list[str] = []
    busy = True

    def answer(route: Route) -> None:
        if route.request.method != "POST" or not busy:
            route.continue_()
            return
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "8"}, body="")

    one.page.route(UPLOADS, answer)
    one.offline(on=False)
    wait(one, asked)
    for _ in range(5):
        turn(one)
    assert len(asked) == 1
    assert {row["state"] for row in rows(one.page, "uploads")} == {"waiting"}
    busy = False
    one.expect_status("3 đã gửi đủ")


@pytest.mark.costly
def test_a_server_at_fault_sets_no_write_aside(province: Province, officer: MakeOfficer) -> None:
    """X-40: a database that became read only answered 500, and by halving each write was called refused."""
    assert province.server.process is not None
    one = officer("xa1")
    one.offline()
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.broadcast("Tin số 2", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    answered: list[int] = []

    def fail(route: Route) -> None:
        answered.append(500)
        route.fulfill(status=500, body="")

    one.page.route(SYNC, fail)
    one.offline(on=False)
    wait(one, answered)
    for _ in range(3):
        turn(one)
    assert [row["state"] for row in rows(one.page, "writes")] == ["pending"] * 2
    one.page.unroute(SYNC)
    turn(one)
    one.expect_status("2 đã gửi đủ")
