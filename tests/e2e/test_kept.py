"""What a phone keeps: nothing goes before the hub has verified it, and then not for 30 days (SPEC H-2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.officer import Officer

pytestmark = pytest.mark.browser
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


def start_again(one: Officer) -> None:
    one.close()
    one.open()
    one.home()


def test_photos_stay_until_verified_and_thirty_days_more(officer: Callable[[str], Officer]) -> None:
    """H-2: by the hub's time, so a phone's clock takes nothing away (G5); writes stay for good."""
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    start_again(one)
    assert one.page.evaluate(FILES) == ["full", "thumb"]
    one.send()
    one.expect_status("1 đã xác nhận")
    start_again(one)
    assert one.page.evaluate(FILES) == ["full", "thumb"]
    assert one.page.evaluate(AGE, 29 * DAY_MS) == 1
    start_again(one)
    assert one.page.evaluate(FILES) == ["full", "thumb"]
    assert one.page.evaluate(AGE, 2 * DAY_MS) == 1
    start_again(one)
    one.page.wait_for_function(f"async () => !(await ({FILES})()).includes('full')")
    assert one.page.evaluate(FILES) == ["thumb"]
    assert one.page.evaluate(AGE, 0) == 1
    one.open_record(SLOGAN)
