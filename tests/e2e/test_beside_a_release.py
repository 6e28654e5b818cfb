"""A day of an app beside a server of another age: a phone that was not brought up to date, a server that was not.

Both are built from the history of the repository. Each app is driven in the words that it had then.
"""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.browsers.browser import Browser
from support.browsers.kept import rows
from support.browsers.officer import Officer
from support.installation.databases import Engine
from support.installation.earlier import ROOT, Tree, driver, earlier, is_known, today_with
from support.waiting import until

RELEASE = "a4ac7d9d"
"""The main branch of 2026-11-28, before home was a list of tasks: app 3, tables of migration 0049."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_known(RELEASE), reason="the sources came without their history"),
]
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
REASON, ANSWER = "Đề nghị ghi rõ phát ở thôn nào.", "Đã phát ở thôn Tạ Thượng"


@pytest.fixture(scope="module")
def then(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return earlier(RELEASE, tmp_path_factory.mktemp("release") / "then")


@dataclass(frozen=True)
class Colleague:
    """Another phone of the commune: what it is told."""

    url: str
    token: str

    def _ask(self, path: str, question: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = None if question is None else json.dumps(question).encode()
        asked = urllib.request.Request(f"{self.url}/api/v1/{path}", body, headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)

    def records(self) -> dict[str, dict[str, Any]]:
        """By kind: the fields of the one record, and what was decided."""
        changes = self._ask("sync", {"app": 3, "writes": [], "photos": []})["changes"]
        found: dict[str, dict[str, Any]] = {}
        for change in changes:
            said = found.setdefault(change["kind"], {"decision": change.get("decision")})
            for write in change.get("writes", ()):
                said |= write["set"]
        assert len(changes) == len(found), "one record became two"
        return found

    def confirmed_by(self) -> str:
        """Who confirmed the figures of the campaign."""
        change = self._ask("sync", {"app": 3, "writes": [], "photos": []})["changes"][0]
        return str(self._ask(f"figures/{change['campaign']}/{change['unit']}")["sealed_by"])


def broadcast(one: Any) -> None:
    """What a form calls its fields is the server's word, what stands around them the app's."""
    page = one.page
    page.get_by_role("button", name="Phát thanh").click()
    page.get_by_label("Tin, bài phát").fill("Tin số 1")
    page.get_by_label("Từ ngày").fill("2021-07-21")
    page.get_by_label("Đến ngày").fill("2021-07-30")
    page.get_by_label(re.compile("^Số l(ần|ượt) mỗi ngày")).fill("2")
    page.get_by_label(re.compile("Thời lượng mỗi l(ần|ượt)")).fill("15")
    aired = page.get_by_role("button", name=re.compile("^Cả .* đã phát"))
    if aired.count():  # an app from before days were confirmed asks nothing
        aired.click()
    one.save()


def a_day(one: Any, reviewer: Any, code: str, colleague: Colleague) -> None:
    """From enrolment to confirmed figures: no network, an edit, a return, an answer; the app killed between."""
    page = one.page
    one.enrol(code)
    one.offline()
    one.banner(SLOGAN)
    broadcast(one)
    one.record("Tờ rơi", {"Tên tài liệu": "Gọi 111", "Số lượng đã phát": "200"})
    expect(one.status).to_contain_text("3 chờ gửi")
    one.offline(on=False)
    one.expect_status("3 đã gửi đủ")
    one.edit("TR-1", Số_lượng_đã_phát="250")
    one.expect_status("3 đã gửi đủ")
    reviewer.open("TR-1")
    reviewer.say("Đề nghị bổ sung", REASON)
    one.send()
    one.kill()
    one.open()
    page = one.page
    one.open_record("TR-1")
    expect(page.get_by_text(REASON).first).to_be_visible()
    page.get_by_role("button", name="Trả lời bằng lời").click()
    page.get_by_label("Trả lời cấp trên").fill(ANSWER)
    page.get_by_role("button", name="Gửi trả lời").click()
    one.home()
    until(lambda: ANSWER in json.dumps(colleague.records()["leaflet"]["decision"], ensure_ascii=False), page)
    one.open_record("TR-1")
    page.get_by_role("button", name="Sửa và gửi lại").click()
    one.fill("Ghi chú", "phát ở thôn Tạ Thượng")
    one.save()
    one.expect_status("3 đã gửi đủ")
    reviewer.open("BR-1")
    reviewer.say("Duyệt")
    one.send()
    one.open_record("BR-1")
    expect(page.get_by_text("Đã duyệt").first).to_be_visible()
    one.home()
    confirm(page)
    one.home()
    one.send()
    until(lambda: {row["state"] for row in rows(page, "writes")} <= {"landed"}, page)
    until(lambda: {row["state"] for row in rows(page, "uploads")} <= {"verified"}, page)


def confirm(page: Page) -> None:
    """The figures, as this button has been called in every app."""
    page.evaluate("() => { location.hash = '/give' }")
    page.get_by_role("main").get_by_role("button", name="Xác nhận và gửi số liệu").click()
    page.get_by_role("dialog").get_by_role("button", name="Xác nhận và gửi số liệu").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def arrived(colleague: Colleague) -> None:
    """All of the day is at the server, once."""
    found = colleague.records()
    assert sorted(found) == ["banner", "broadcast", "leaflet"]
    assert found["leaflet"]["distributed"] == 250
    assert found["leaflet"]["note"] == "phát ở thôn Tạ Thượng"
    assert found["broadcast"]["script"] == "Tin số 1"
    assert found["banner"]["decision"]["verdict"] == "counted"
    assert [name for name in found["banner"] if name.startswith("photos/")]
    until(lambda: colleague.confirmed_by() == "Cán bộ 1 xã Chính Nghĩa")


@pytest.mark.costly(
    soak=True, kept_by="tests/e2e/test_recorded_release.py::test_an_older_phone_hands_in_all_that_it_held"
)
def test_an_app_of_then_works_a_day_beside_the_server_of_today(
    then: Tree, browser: Browser, database_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    tree = today_with(then.folder / "pwa/dist", tmp_path / "today")
    officer_of_then = driver(then.folder, "browsers/officer").Officer
    with tree.served(database_engine("sqlite"), tmp_path / "data") as (url, code, token), browser.desk() as desk:
        colleague = Colleague(url, token)
        reviewer = driver(ROOT, "browsers/reviewer").Reviewer(desk.new_page(), url).sign_in("huyen")
        one = officer_of_then(browser, tmp_path / "phone", url).open()
        try:
            a_day(one, reviewer, code, colleague)
        finally:
            one.close()
        arrived(colleague)


@pytest.mark.costly(
    soak=True, kept_by="tests/e2e/test_recorded_release.py::test_an_older_phone_hands_in_all_that_it_held"
)
def test_the_app_of_today_works_a_day_beside_a_server_of_then(
    then: Tree, browser: Browser, database_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    """What that server cannot do is not offered: words about a record, the history of others."""
    app = then.folder / "pwa/dist"
    app.rename(app.with_name("dist-of-then"))
    try:
        app.symlink_to(ROOT / "pwa/dist")
        with then.served(database_engine("sqlite"), tmp_path / "data") as (url, code, token), browser.desk() as desk:
            colleague = Colleague(url, token)
            reviewer = driver(then.folder, "browsers/reviewer").Reviewer(desk.new_page(), url).sign_in("huyen")
            one = Officer(browser, tmp_path / "phone", url).open()
            try:
                a_day(one, reviewer, code, colleague)
                assert {row["state"] for row in rows(one.page, "entries")} <= {"stored"}
                one.open_record("BR-1")
                expect(one.page.get_by_role("button", name="Hỏi cấp trên")).to_have_count(0)
            finally:
                one.close()
            arrived(colleague)
    finally:
        app.unlink()
        app.with_name("dist-of-then").rename(app)
