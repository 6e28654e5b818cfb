"""The session ends while there is no signal: the work goes on, and a new code sends it all (SPEC W-7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import func, select, update

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Device, Photo, Record
from support.browsers.kept import rows
from support.browsers.officer import Officer
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
LOSE_TOKEN = """async () => {
    const opening = indexedDB.open("loa");
    await new Promise((done) => { opening.onsuccess = done; });
    const sessions = opening.result.transaction("sessions", "readwrite").objectStore("sessions");
    sessions.openCursor().onsuccess = ({ target: { result } }) => result?.update({ ...result.value, token: "" });
    await new Promise((done) => { sessions.transaction.oncomplete = done; });
    opening.result.close();
}"""


def ended(one: Officer) -> Locator:
    return one.page.get_by_role("alert").filter(has_text="Máy chủ không nhận máy này nữa")


@pytest.mark.parametrize("how", ["revoked", pytest.param("gone", marks=pytest.mark.costly(soak=True))])
@pytest.mark.costly
def test_a_session_that_ends_without_a_signal_holds_nobody_up(
    how: str, province: Province, officer: Callable[[str], Officer]
) -> None:
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    if how == "gone":
        one.page.evaluate(LOSE_TOKEN)
        one.page.reload()
    else:
        with province.world.app.app_context(), writing() as session:
            session.execute(update(Device).values(revoked_at=now_ms()))
    one.banner(SLOGAN)
    one.expect_status("2 chờ gửi · 2 ảnh chờ gửi")
    expect(ended(one)).to_have_count(0)
    one.offline(on=False)
    expect(ended(one)).to_be_visible()
    one.banner(SLOGAN)
    one.kill()
    one.open()
    expect(ended(one)).to_be_visible()
    one.expect_status("3 chờ gửi · 3 ảnh chờ gửi")
    ended(one).get_by_role("link", name="Nhập mã mới").click()
    one.enrol(province.world.code("xa1"))
    one.expect_status("3 đã gửi đủ")
    expect(ended(one)).to_have_count(0)
    assert len(rows(one.page, "records")) == 3
    with province.world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Record)) == 3
        assert set(session.scalars(select(Photo.state))) == {"verified"}
