"""The phone's side of the exchange over a line that breaks: nothing twice, nothing from the start (X-15 to X-22)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Request

from server.core.clock import now_ms
from server.core.db import writing
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.serving.installation import installed
from support.browsers.browser import Browser
from support.browsers.kept import keyed, rows
from support.browsers.officer import MakeOfficer, Officer
from support.clients.client import Client
from support.network.answers import asked, heard
from support.waiting import settled, until
from support.world.province import Province
from support.world.workload import records
from support.world.world import SLOGANS
from sync.protocol import BLOCK_RECORDS

pytestmark = pytest.mark.slow
_THUMBNAILS = """async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("loa-thumbs"));
    const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return kept.flat().map(({ url }) => url);
}"""
_BACK = """async () => {
    await new Promise((held) => {
        navigator.locks.request("loa-exchange", () => new Promise((done) => { held(); setTimeout(done, 500); }));
    });
    performance.clearResourceTimings();
    window.back = performance.now();
    dispatchEvent(new Event("online"));
}"""
"""The network comes back, and the browser wakes the worker, which has the lock for a moment."""
_BEGUN = """() => {
    const asked = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/api/v1/sync"));
    return asked.length > 0 && asked[0].startTime - window.back;
}"""
WITHIN_MS = 3_000
COUNT = 600
MOST_PER_RECORD = 140
"""Bytes a record takes as a line, compressed, at most."""
HEADS = 4_000
"""What the requests after a cut say besides: headers, heads, a catalogue."""


def carries_writes(request: Request) -> bool:
    return bool(asked(request).get("writes"))


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/driver.test.ts::X-38, X-21")
def test_a_first_pull_that_is_cut_goes_on_where_it_was_even_after_a_kill(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    """X-21: what was committed stays; at most one block comes twice."""
    other = Client(province.world.app.test_client(), province.world.token("xa1"))
    other.sync(*records(COUNT, province.world.units["12286"], province.world.campaign))
    one = Officer(browser, tmp_path / "new", province.line.url).open()
    try:
        one.wait_for_worker()
        # A line like a phone's: what came is read before the cut, which takes what was not.
        province.line.slow(rate_bits=200_000)
        province.line.cut_after(down=50_000)
        one.enrol(province.world.code("xa2"))
        province.line.wait_until_cut()
        came = settled(lambda: len(rows(one.page, "records")), 1)
        assert 0 < came < COUNT
        one.kill()
        one.open()
        assert len(rows(one.page, "records")) == came
        before = province.line.down.passed
        questions = heard(one.page)
        province.line.slow()
        province.line.restore()
        one.send()
        held = rows(one.page, "records")
        assert len(held) == COUNT
        assert all(row["view"]["state"] == "waiting" for row in held)
        assert max(cursor["position"] for cursor in questions[0]["cursors"]) >= came
        assert province.line.down.passed - before <= (COUNT - came + BLOCK_RECORDS) * MOST_PER_RECORD + HEADS
    finally:
        one.close()


@pytest.mark.costly
def test_a_lost_answer_is_asked_for_and_no_write_goes_again(province: Province, officer: MakeOfficer) -> None:
    """X-15, X-16, G2."""
    one = officer("xa1")
    one.offline()
    for name in ("Tin số 1", "Tin số 2", "Tin số 3"):
        one.broadcast(name, "2021-07-21", "2021-07-30", 2, 15)
        one.save()
    questions = heard(one.page)
    province.line.drop_answers(99)  # the browser itself tries again, and the app asks
    # Not one that was under way without a network.
    with one.page.expect_event("requestfailed", carries_writes):
        one.offline(on=False)
    one.expect_status("3 chờ gửi")
    province.line.restore()
    one.send()
    one.expect_status("3 đã gửi đủ")
    pushes = [each for each in questions if each.get("writes")]
    assert [len(each["writes"]) for each in pushes] == [3]
    assert {each["ask"] for each in questions if "ask" in each} == {pushes[0]["push"]}
    assert "push" not in keyed(one.page, "meta")
    assert {row["number"] for row in rows(one.page, "records")} == {"PT-1", "PT-2", "PT-3"}


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/driver.test.ts::X-16: what the server knows nothing of")
def test_a_push_that_never_arrived_goes_again(province: Province, officer: MakeOfficer) -> None:
    """X-16: nobody knows of it."""
    one = officer("xa1")
    questions = heard(one.page)
    province.line.refuse()
    with one.page.expect_event("requestfailed", carries_writes):
        one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
        one.save()
    one.expect_status("1 chờ gửi")
    push = keyed(one.page, "meta")["push"]
    province.line.restore()
    one.send()
    one.expect_status("1 đã gửi đủ")
    assert [each["ask"] for each in questions if "ask" in each][-1] == push["id"]
    assert len({each["push"] for each in questions if "push" in each}) > 1


def test_a_record_that_was_purged_is_gone_from_the_phone(province: Province, officer: MakeOfficer) -> None:
    """L-12: what it kept for a restore goes too; the other record stays."""
    one, world = officer("xa1"), province.world
    one.banner(SLOGANS[0])
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.send()
    one.expect_status("2 đã gửi đủ")
    stays, gone = sorted(rows(one.page, "records"), key=lambda row: row["kind"] == "banner")
    assert {row["record"] for row in rows(one.page, "uploads")} == {gone["record"]}
    with world.app.app_context(), writing() as session:
        order = Order(world.officers["quantri"], "ảnh có mặt người", now_ms())
        assert len(purges.purge(session, [gone["record"]], order, installed(world.app).blobs)) == 2
    one.send()
    one.expect_status("1 đã gửi đủ")
    for store in ("records", "writes"):
        assert {row["record"] for row in rows(one.page, store)} == {stays["record"]}
    assert rows(one.page, "uploads") == []


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/apply.test.ts::L-12")
def test_of_a_record_that_was_purged_no_phone_keeps_a_picture_or_a_draft(
    province: Province, officer: MakeOfficer
) -> None:
    """L-12: a colleague had it on the screen, and is about to say something of it."""
    one, two, world = officer("xa1"), officer("xa2"), province.world
    one.banner(SLOGANS[0])
    one.send()
    one.expect_status("1 đã gửi đủ")
    (gone,) = rows(one.page, "records")
    two.send()
    two.open_record(SLOGANS[0])
    until(lambda: len(two.page.evaluate(_THUMBNAILS)) == 1, two.page)
    two.page.get_by_role("button", name=re.compile("^Sửa")).click()
    two.fill("Ghi chú", "người ở góc trái")
    until(lambda: [row["record"] for row in rows(two.page, "drafts")] == [gone["record"]], two.page)
    two.offline()
    with world.app.app_context(), writing() as session:
        order = Order(world.officers["quantri"], "ảnh có mặt người", now_ms())
        purges.purge(session, [gone["record"]], order, installed(world.app).blobs)
    two.offline(on=False)
    until(lambda: rows(two.page, "records") == [], two.page)
    two.fill("Ghi chú", "người ở góc phải")
    two.home()
    assert (rows(two.page, "records"), rows(two.page, "drafts"), two.page.evaluate(_THUMBNAILS)) == ([], [], [])


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/triggers.test.ts::X-30: it begins within 3 s")
def test_the_exchange_begins_soon_after_a_reconnection_though_the_worker_is_woken_too(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.offline(on=False)
    one.expect_status("1 đã gửi đủ")
    one.page.evaluate(_BACK)
    until(lambda: one.page.evaluate(_BEGUN), one.page)
    assert one.page.evaluate(_BEGUN) < WITHIN_MS
