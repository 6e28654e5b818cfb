"""A phone of an earlier release with unsent work, and its server's database, taken over by today's app and server.

What is in `recorded/` never changes, and every change runs this (README.md there).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from e2e import released_work as work
from playwright.sync_api import expect
from sqlalchemy import select

from server.application import create_app
from server.commands import main
from server.core.db import db, reading, writing
from server.models import Officer as Person
from server.models import PhotoRef, Reply
from server.services.access import devices
from server.settings import Settings
from support.browsers import carried
from support.browsers.browser import Browser
from support.browsers.kept import keyed, rows
from support.browsers.officer import Officer
from support.clients.client import Client
from support.clients.write_only import Json
from support.installation import released
from support.installation.databases import Engine
from support.installation.served import forked
from support.installation.shell import said
from support.waiting import PATIENCE_MS, until

pytestmark = pytest.mark.slow
RECORDED = sorted(folder for folder in (Path(__file__).parent / "recorded").glob("*/*") if folder.is_dir())
FROM_TRAY = "Tin của ảnh được gửi sang"
DIRECTIVE_FROM_TRAY = "Văn bản của tệp được gửi sang"
Held = dict[str, tuple[Any, int]]
"""By the text of a record: its minutes, and how many photos and PDF files of it the server holds."""


@contextmanager
def phone(browser: Browser, folder: Path, url: str, stored: Json) -> Iterator[Officer]:
    """The recorded phone, at the home screen of today's app."""
    one = Officer(browser, folder, url)
    one.context = browser.profile(folder)
    one.context.set_default_timeout(PATIENCE_MS)
    carried.lay_in(one.page, url, stored)
    one.page.goto(f"{url}/app/")
    expect(one.page.get_by_text("Ứng dụng bị đóng khi đang ghi dở.")).to_be_visible()
    one.home()
    yield one
    one.close()


def save(one: Officer) -> None:
    """Save a form, and keep what a check asks about: a phone of that release asked nothing."""
    page = one.page
    kept, done = page.get_by_role("button", name="Giữ như đã ghi"), page.get_by_text("Đã lưu trên máy này.")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(kept.or_(done).first).to_be_visible()
    if kept.count():
        kept.click()
    expect(done).to_be_visible()
    expect(page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()


def sent(one: Officer) -> None:
    """Send, and wait until the server has all that was saved; what is refused stays so."""
    one.send()
    until(lambda: {row["state"] for row in rows(one.page, "writes")} <= {"landed", "refused"}, one.page)
    until(lambda: {row["state"] for row in rows(one.page, "uploads")} <= {"verified", "refused"}, one.page)


def at_server(url: str, data_dir: Path) -> tuple[Held, list[str]]:
    """What another phone of the commune is told, and the answers to returns."""
    app = create_app(Settings.from_environment({"LOA_DATABASE_URL": url, "LOA_DATA_DIR": str(data_dir)}))
    with app.app_context():
        with writing() as session:
            other = session.scalars(select(Person).where(Person.username == "xa2")).one()
            token = devices.add_device(session, other.id, "máy khác").token
        values: dict[str, dict[str, Any]] = {}
        for change in Client(app.test_client(), token).sync()["changes"]:
            for write in change.get("writes", ()):
                values.setdefault(change["record"], {}).update(write["set"])
        with reading() as session:
            of_record = select(PhotoRef.record_id).where(PhotoRef.held, PhotoRef.role != "thumb")
            files = Counter(session.scalars(of_record))
            assert not session.scalars(select(PhotoRef.sha256).where(PhotoRef.held.is_(False))).all()
            answers = list(session.scalars(select(Reply.text)))
        db.session.remove()
        db.engine.dispose()
    named = {said.get("script") or said.get("headline"): record for record, said in values.items()}
    assert len(named) == len(values), "one record became two"
    return {str(text): (values[record].get("minutes"), files[record]) for text, record in named.items()}, answers


def test_something_is_recorded() -> None:
    assert {folder.name for folder in RECORDED} == {"sqlite", "postgresql"}


@pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_an_older_phone_hands_in_all_that_it_held(
    folder: Path, browser: Browser, database_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    """H-2, V-4: outbox, half an upload, what was refused, drafts, the tray and a reply, each item once."""
    data_dir = tmp_path / "data"
    url = released.put_up(database_engine(folder.name), folder, data_dir)
    env = {"LOA_DATABASE_URL": url, "LOA_DATA_DIR": str(data_dir)}
    assert "loa db upgrade" in said(CliRunner(env=env).invoke(main, ["serve"]))
    assert CliRunner(env=env).invoke(main, ["db", "upgrade"]).exit_code == 0
    with (
        forked(url, data_dir, LOA_WORKERS="1") as server,
        phone(browser, tmp_path / "phone", server.url, carried.read(folder / "phone.json.gz")) as one,
    ):
        page = one.page
        sent(one)
        until(lambda: not keyed(page, "meta").get("replies"), page)
        assert [row["state"] for row in rows(page, "writes")].count("refused") == 1
        one.open_record(work.REFUSED)
        page.get_by_role("button", name="Gửi lại", exact=True).click()
        one.home()
        for left in (2, 1, 0):
            page.get_by_role("link", name="Ghi tiếp").first.click()
            save(one)
            assert len(rows(page, "drafts")) == left
        one.broadcast(FROM_TRAY, "2021-07-21", "2021-07-30", 2, 15)
        page.get_by_role("button", name="Tất cả một nơi").click()
        expect(page.get_by_role("button", name="Bỏ ảnh này")).to_have_count(2)
        save(one)
        one.kind("Tin bài").click()
        page.get_by_text("Văn bản chỉ đạo", exact=True).click()
        page.get_by_label("Tên bài hoặc trích yếu").fill(DIRECTIVE_FROM_TRAY)
        page.get_by_role("button", name="Đính kèm vào bản ghi này").click()
        expect(page.get_by_role("button", name="Mở tệp Kế hoạch.pdf")).to_be_visible()
        save(one)
        sent(one)
        one.expect_status(f"{len(EXPECTED)} đã gửi đủ")
        assert rows(page, "drafts") == []
    held, answers = at_server(url, data_dir)
    assert held == EXPECTED
    assert answers == [work.ANSWER]


EXPECTED: Held = {
    work.AGAIN: (15, 1),
    work.EDITED: (int(work.CHANGED), 0),
    work.RETURNED: (15, 0),
    work.REFUSED: (15, 1),
    work.HALF: (15, 1),
    work.UNSENT: (15, 1),
    work.DIRECTIVE: (None, 1),
    work.DRAFT: (15, 1),
    work.DRAFT_DIRECTIVE: (None, 1),
    FROM_TRAY: (15, 2),
    DIRECTIVE_FROM_TRAY: (None, 1),
}
