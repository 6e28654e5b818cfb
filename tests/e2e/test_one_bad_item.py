"""One bad item blocks nothing, by the phone's own exchange: halved, set aside, told, sent again (X-24, H-3, G6)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer, Officer
from support.clients.write_only import Json
from support.installation.old_file import held
from support.network.answers import SYNC, asked, instead, untouched
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
MORE = 49
BAD = "Tin số 25"
_OPEN = """const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });"""
_COPIES = f"""async (more) => {{
    {_OPEN}
    const tx = opening.result.transaction(["writes", "records", "meta"], "readwrite");
    const store = (name) => tx.objectStore(name);
    const first = (name) => new Promise((done) => {{
        store(name).getAll().onsuccess = ({{ target }}) => done(target.result[0]);
    }});
    const {{ seq, ...write }} = await first("writes");
    const made = await first("records");
    for (let nth = 1; nth <= more; nth += 1) {{
        const id = `copy${{nth}}`.padEnd(16, "-");
        const wire = {{ ...write.wire, id, record: id, set: {{ ...write.wire.set, script: `Tin số ${{nth}}` }} }};
        store("writes").put({{ ...write, id, record: id, wire }});
        store("records").put({{ ...made, record: id }});
    }}
    store("meta").delete("sums");
    await new Promise((done) => {{ tx.oncomplete = done; }});
    opening.result.close();
}}"""
_NO_BYTES = f"""async () => {{
    {_OPEN}
    const tx = opening.result.transaction("bytes", "readwrite");
    tx.objectStore("bytes").clear();
    await new Promise((done) => {{ tx.oncomplete = done; }});
    opening.result.close();
}}"""


def broadcast(one: Officer, name: str) -> None:
    one.broadcast(name, "2021-07-21", "2021-07-30", 2, 15)
    one.save()


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/reducer.test.ts::X-24, G6")
def test_of_fifty_writes_one_cannot_be_judged(province: Province, officer: MakeOfficer) -> None:
    """The others arrive; it waits with a sentence until a person sends it again."""
    one = officer("xa1")
    one.offline()
    broadcast(one, "Tin đầu")
    one.page.evaluate(_COPIES, MORE)
    poisoned = [row["id"] for row in rows(one.page, "writes") if row["wire"]["set"]["script"] == BAD]

    def answer(question: Json) -> int | None:
        return 400 if any(write["id"] in poisoned for write in question.get("writes", ())) else None

    instead(one.page, answer, arrives=False)
    one.offline(on=False)
    one.expect_status(f"1 chưa nhận được · {MORE} đã gửi đủ")
    assert len(held(province)) == MORE
    assert not held(province) & set(poisoned)
    one.page.get_by_role("link", name=re.compile(BAD)).first.click()
    expect(one.page.get_by_text("Chưa nhận được").first).to_be_visible()
    untouched(one.page)
    one.page.get_by_role("button", name="Gửi lại", exact=True).click()
    one.home()
    one.expect_status(f"{MORE + 1} đã gửi đủ")


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/driver.test.ts::G6: a write that was answered later")
def test_a_photo_of_a_write_that_has_to_wait_holds_up_no_other(officer: MakeOfficer) -> None:
    """G6, X-5, X-30: its creation was set aside, so it is answered `later`; all others go on to their originals."""
    one = officer("xa1")
    one.offline()
    broadcast(one, BAD)
    one.open_record(BAD)
    one.page.get_by_role("button", name=re.compile("^Sửa")).click()
    one.page.get_by_role("button", name="Chụp ảnh").click()
    one.page.get_by_role("button", name="Chụp", exact=True).click()
    one.save()
    (bad,) = [row["record"] for row in rows(one.page, "records")]
    for _ in range(3):
        one.banner(SLOGAN)

    def answer(question: Json) -> int | None:
        return 400 if any(write["id"] == bad for write in question.get("writes", ())) else None

    instead(one.page, answer, arrives=False)
    one.offline(on=False)
    one.expect_status("1 chưa nhận được · 1 ảnh chờ gửi · 3 đã gửi đủ")
    assert {(row["record"] == bad, row["state"]) for row in rows(one.page, "uploads")} == {
        (True, "waiting"),
        (False, "verified"),
    }


@pytest.mark.parametrize(
    "bad",
    [
        [("push", True), ("ask", False)],
        pytest.param([("push", False), ("push", True)], marks=pytest.mark.costly(soak=True)),
    ],
)
@pytest.mark.costly
def test_what_was_stored_behind_a_bad_answer_is_not_called_refused(
    province: Province, officer: MakeOfficer, bad: list[tuple[str, bool]]
) -> None:
    """G7, X-24, X-39: twice in a row a proxy answers 413, whether the hub got the request (True) or not."""
    one = officer("xa1")
    left = list(bad)

    def handle(route: Route) -> None:
        question = asked(route.request)
        what = "push" if question.get("writes") else "ask" if "ask" in question else ""
        if not left or left[0][0] != what:
            route.continue_()
            return
        _, arrives = left.pop(0)
        if arrives:
            assert route.fetch().ok
        route.fulfill(status=413)

    one.page.route(SYNC, handle)
    broadcast(one, "Tin số 1")
    one.send()
    one.expect_status("1 đã gửi đủ")
    assert left == []
    assert {row["state"] for row in rows(one.page, "writes")} == {"landed"}
    assert len(held(province)) == 1


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/upload.test.ts::P-4")
def test_photos_deleted_behind_the_apps_back_are_told(province: Province, officer: MakeOfficer) -> None:
    """H-1: the hub has the text, and nobody says that it is complete."""
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    one.page.evaluate(_NO_BYTES)
    one.offline(on=False)
    one.expect_status("1 chưa nhận được")
    assert len(held(province)) == 1
    one.open_record(SLOGAN)
    expect(one.page.get_by_text("Ảnh, tệp không còn trong máy này")).to_be_visible()
