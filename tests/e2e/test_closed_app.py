"""The app is closed and the network comes back: the browser wakes the worker, which hands in what waits."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy import func, select

from server.core.db import reading
from server.models import WriteRow
from support.browsers.officer import MakeOfficer, Officer
from support.network.answers import heard
from support.waiting import until
from support.world.province import Province

pytestmark = pytest.mark.slow
KEEP_TAGS = """() => {
    const { register } = SyncManager.prototype;
    SyncManager.prototype.register = function (tag) { window.tag = tag; return register.call(this, tag); };
}"""

OTHER_OFFICER = """(there) => new Promise((resolve) => {
    indexedDB.open("loa").onsuccess = ({ target }) => {
        const tx = target.result.transaction("sessions", "readwrite");
        const gone = { ended: false, token: "x", database: "loa-gone", turn: 99 };
        if (there) tx.objectStore("sessions").put(gone, "gone");
        else tx.objectStore("sessions").delete("gone");
        tx.oncomplete = () => { target.result.close(); resolve(); };
    };
})"""


def test_what_waits_is_handed_in_without_the_app_which_then_asks_for_the_answer(
    province: Province, officer: MakeOfficer
) -> None:
    """X-15, X-16: the worker's push is one whose answer the app asks for; nothing goes twice."""
    one = officer("xa1")
    one.page.evaluate(KEEP_TAGS)
    record(one, "1", "2", "3")
    one.expect_status("3 chờ gửi")
    assert one.page.evaluate("window.tag") == "outbox"
    elsewhere = close(one)
    wake(elsewhere, one.url)
    until(lambda: stored(province) == 3)
    questions = heard(elsewhere)
    elsewhere.goto(f"{one.url}/app/")
    one.expect_status("3 đã gửi đủ")
    assert "ask" in questions[0]
    assert not [write for question in questions for write in question.get("writes", [])]


@pytest.mark.costly(soak=True, kept_by="pwa/src/worker/hand-in.test.ts::X-18")
def test_what_came_to_wait_since_is_handed_in_too_and_one_officer_stops_no_other(
    province: Province, officer: MakeOfficer
) -> None:
    """X-35."""
    one = officer("xa1")
    record(one, "1")
    elsewhere = close(one)
    wake(elsewhere, one.url)
    until(lambda: stored(province) == 1)
    one.offline()
    elsewhere.goto(f"{one.url}/app/")
    record(one, "2", "3")
    elsewhere = close(one)
    elsewhere.evaluate(OTHER_OFFICER, True)
    wake(elsewhere, one.url)
    until(lambda: stored(province) == 3)
    elsewhere.evaluate(OTHER_OFFICER, False)
    elsewhere.goto(f"{one.url}/app/")
    one.expect_status("3 đã gửi đủ")
    assert stored(province) == 3


def record(one: Officer, *numbers: str) -> None:
    """Broadcasts, without a signal."""
    one.offline()
    for number in numbers:
        one.broadcast(f"Tin số {number}", "2021-07-21", "2021-07-30", 2, 15)
        one.save()


def close(one: Officer) -> Page:
    """Only now there is a signal. A page of the same place that is not the app."""
    assert one.context is not None
    elsewhere = one.context.new_page()
    one.page.close()
    one.offline(on=False)
    elsewhere.goto(f"{one.url}/desk/")
    return elsewhere


def stored(province: Province) -> int:
    with province.world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(WriteRow)) or 0


def wake(page: Page, url: str) -> None:
    """What the browser does on its own once there is a network, now and not when it thinks fit."""
    session = page.context.new_cdp_session(page)
    told: list[str] = []
    session.on(  # said while the page is waited for
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: told.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    until(lambda: told, page)
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": url, "registrationId": told[0], "tag": "outbox", "lastChance": False},
    )
