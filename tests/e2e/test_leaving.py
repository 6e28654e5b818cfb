"""An officer leaves a phone that is killed amid it: the next start ends it, and nothing of theirs is half there."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect

from chaos.sizes import size
from support.browsers.officer import MakeOfficer, Officer
from support.tour.phone import picture
from support.waiting import until
from support.world.province import Province

pytestmark = pytest.mark.slow
KILLS = size(1, 4)
"""At each of five steps."""
STOPPED = {
    "as it begins": "IDBDatabase.prototype.close = () => { reached(); throw new Error('stopped'); };",
    "after its note": "CacheStorage.prototype.keys = () => { reached(); return new Promise(() => {}); };",
    "after its caches": "IDBFactory.prototype.deleteDatabase = () => { reached(); return {}; };",
    "after its database": """
        const deleted = IDBFactory.prototype.deleteDatabase;
        IDBFactory.prototype.deleteDatabase = function (name) {
            deleted.call(this, name).onsuccess = reached;
            return {};
        };
    """,
    "at any moment": "",
}
"""By step: a script that stops the page there."""
DATABASE = """async () => (await indexedDB.databases()).map(({ name }) => name).find((name) => name !== "loa")"""
LEFT = """async (database) => [
    (await indexedDB.databases()).map(({ name }) => name).filter((name) => name === database),
    (await caches.keys()).filter((name) => name.endsWith(database)),
    Object.keys(localStorage).filter((key) => key.endsWith(database)),
]"""
NOTHING: list[list[str]] = [[], [], []]
CLEAR = "Xóa dữ liệu khỏi máy này"
CODE = "Mã 16 chữ số"


def hold_something(one: Officer) -> None:
    """A record that is not sent, a photo that waits, and both in a file that was given away."""
    one.offline()
    one.broadcast("Tin chưa gửi", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.hand_over([picture("teal")["buffer"]])
    expect(one.page.get_by_text(re.compile("^1 ảnh mới nhận"))).to_be_visible()
    one.page.evaluate("location.hash = '/leave'")
    one.page.get_by_role("button", name="Lập tệp").click()
    with one.page.expect_download():
        one.page.get_by_role("button", name=re.compile("^Chuyển tệp")).click()


def leave(page: Page) -> None:
    page.get_by_role("button", name=CLEAR).click()
    page.get_by_role("dialog", name=CLEAR).get_by_role("button", name=CLEAR).click()


@pytest.mark.parametrize("step", STOPPED)
def test_killed_amid_it(province: Province, officer: MakeOfficer, step: str) -> None:
    one = officer("xa1")
    whole = 0
    for nth in range(KILLS):
        hold_something(one)
        database = one.page.evaluate(DATABASE)
        until(lambda: all(one.page.evaluate(LEFT, database)), one.page)  # noqa: B023 (called here)
        held = one.page.evaluate(LEFT, database)
        one.page.evaluate(
            "(stop) => { window.reached = () => { window.isReached = true; }; eval(stop); }", STOPPED[step]
        )
        leave(one.page)
        if STOPPED[step]:
            one.page.wait_for_function("() => window.isReached")
        else:
            time.sleep(nth * 0.03)
        one.kill()
        one.open()
        code, home = one.page.get_by_label(CODE), one.page.get_by_role("navigation", name="Ghi việc mới")
        expect(code.or_(home)).to_be_visible()
        if home.count():  # it had not begun: then all is there
            assert not STOPPED[step]
            until(lambda: one.page.evaluate(LEFT, database) == held, one.page)  # noqa: B023 (called here)
            whole += 1
            one.page.evaluate("location.hash = '/leave'")
            one.page.get_by_role("button", name="Lập tệp").click()
            with one.page.expect_download():
                one.page.get_by_role("button", name=re.compile("^Chuyển tệp")).click()
            leave(one.page)
            expect(code).to_be_visible()
        with suppress(AssertionError):  # what is left is said below
            until(lambda: one.page.evaluate(LEFT, database) == NOTHING, one.page)  # noqa: B023 (called here)
        assert one.page.evaluate(LEFT, database) == NOTHING
        expect(one.page.get_by_text("Trình duyệt đã xóa dữ liệu")).to_have_count(0)
        one.offline(on=False)
        one.enrol(province.world.code("xa1"))
    print(f"left, killed {step}: {KILLS}, {whole} had not begun, nothing half there")  # noqa: T201 (a count of `make chaos`)
