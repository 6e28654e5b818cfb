"""What a phone keeps: nothing goes before the hub has verified it, and then not for 30 days (SPEC H-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from support.browsers.kept import rows
from support.browsers.officer import Officer
from support.waiting import until

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
DAY_MS = 86_400_000
OWN = """async (work) => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const db = opening.result;
    const all = (store) => new Promise((done) => {
        const asked = db.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
    });
    const said = await work(db, all);
    db.close();
    return said;
}"""
FILES = f"""() => ({OWN})(async (db, all) => {{
    const uploads = await all("uploads");
    const keys = await new Promise((done) => {{
        const asked = db.transaction("bytes").objectStore("bytes").getAllKeys();
        asked.onsuccess = () => done(asked.result);
    }});
    return uploads.filter(({{ sha256 }}) => keys.includes(sha256)).map(({{ role }}) => role).sort();
}})"""
AGE = f"""(by) => ({OWN})(async (db, all) => {{
    for (const row of await all("uploads")) {{
        const putting = db.transaction("uploads", "readwrite").objectStore("uploads")
            .put({{ ...row, verified_at: row.verified_at - by }});
        await new Promise((done) => {{ putting.onsuccess = done; }});
    }}
    return (await all("writes")).length;
}})"""


LITTER = f"""() => ({OWN})(async (db) => {{
    const putting = db.transaction("drafts", "readwrite").objectStore("drafts")
        .put({{ id: "litter", untouched: true }});
    await new Promise((done) => {{ putting.onsuccess = done; }});
}})"""
"""A draft in which nobody said anything: an app that makes room at its start takes it away."""


def start_again(one: Officer) -> None:
    one.close()
    one.open()
    one.home()


@pytest.mark.costly(soak=True, kept_by="pwa/src/db/prune.test.ts::G5")
def test_a_clock_that_jumps_ahead_takes_no_photo_away(officer: Callable[[str], Officer]) -> None:
    """H-2, G5: the 30 days are counted to the hub's last answer."""
    one = officer("xa1")
    one.banner(SLOGAN)
    one.send()
    one.expect_status("1 đã gửi đủ")
    one.offline()
    one.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=40))
    one.page.evaluate(LITTER)
    one.page.reload()
    until(lambda: rows(one.page, "drafts") == [], one.page)  # it has made room
    assert one.page.evaluate(FILES) == ["full", "thumb"]


@pytest.mark.costly(soak=True, kept_by="pwa/src/db/prune.test.ts::what a draft or the catalogue names stays")
def test_another_window_leaves_an_open_form_its_photo(officer: Callable[[str], Officer]) -> None:
    """G1, H-2: taken off, its draft does not name it, and the form can get it back."""
    one = officer("xa1")
    one.offline()
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_role("button", name="Chụp", exact=True).click()
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.page.get_by_role("button", name="Bỏ ảnh này").click()
    one.page.evaluate(LITTER)
    other = one.page.context.new_page()
    other.goto(f"{one.url}/app/")
    until(lambda: [row["id"] for row in rows(one.page, "drafts") if row["id"] == "litter"] == [], other)
    other.close()
    one.page.get_by_role("button", name="Hoàn tác").click()
    one.save()
    assert one.page.evaluate(FILES) == ["full", "thumb"]


@pytest.mark.costly
def test_photos_stay_until_verified_and_thirty_days_more(officer: Callable[[str], Officer]) -> None:
    """H-2: by the hub's time, so a phone's clock takes nothing away (G5); writes stay for good."""
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    start_again(one)
    assert one.page.evaluate(FILES) == ["full", "thumb"]
    one.send()
    one.expect_status("1 đã gửi đủ")
    start_again(one)
    assert one.page.evaluate(FILES) == ["full", "thumb"]
    assert one.page.evaluate(AGE, 29 * DAY_MS) == 1
    start_again(one)
    assert one.page.evaluate(FILES) == ["full", "thumb"]
    assert one.page.evaluate(AGE, 2 * DAY_MS) == 1
    start_again(one)
    until(lambda: "full" not in one.page.evaluate(FILES), one.page)
    assert one.page.evaluate(FILES) == ["thumb"]
    assert one.page.evaluate(AGE, 0) == 1
    one.open_record(SLOGAN)
