"""Search on the phone: whatever the marks, without a network, among thousands of records."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.officer import Officer

pytestmark = pytest.mark.slow
MANY = 5_000
FILL = """async (many) => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const db = opening.result;
    const filling = db.transaction(["records", "words"], "readwrite");
    const [records, words] = ["records", "words"].map((name) => filling.objectStore(name));
    const read = (store) => new Promise((done) => {
        const asked = store.getAll();
        asked.onsuccess = () => done(asked.result[0]);
    });
    const [row, said] = [await read(records), await read(words)];
    for (let nth = 0; nth < many; nth += 1) {
        const record = `copy-${nth}`.padEnd(16, "-");
        const [order, number] = [nth + 10, `PT-${nth + 10}`];
        records.put({ ...row, record, number, order, list: [row.list[0], "shown", -order] });
        words.put({ ...said, record, order, text: `${number.toLowerCase()} tin so ${nth} xa chinh nghia` });
    }
    await new Promise((done) => { filling.oncomplete = done; });
    db.close();
}"""


@pytest.mark.costly
def test_finds_with_and_without_marks_by_state_and_kind(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    one.offline()
    for script in ("Tin ở Đình Cao", "Tin ở Nhân La"):
        one.broadcast(script, "2021-07-21", "2021-07-30", 2, 15)
        one.save()
    one.close_notice()
    one.page.get_by_role("link", name="Tất cả bản ghi").click()
    box = one.page.get_by_role("searchbox")
    for asked in ("dinh cao", "ĐÌNH CAO", "cao đinh", "tin cao"):
        box.fill(asked)
        expect(one.page.get_by_text("1 bản ghi", exact=True)).to_be_visible()
        expect(one.item("Tin ở Đình Cao")).to_be_visible()
    box.fill("chinh nghia")
    expect(one.page.get_by_text("2 bản ghi", exact=True)).to_be_visible()
    one.page.get_by_label("Loại việc").select_option(label="Băng rôn")
    expect(one.page.get_by_text("0 bản ghi", exact=True)).to_be_visible()
    one.page.get_by_label("Loại việc").select_option(label="Phát thanh")
    one.page.get_by_role("combobox", name="Tình trạng").select_option(label="Đã duyệt")
    expect(one.page.get_by_text("0 bản ghi", exact=True)).to_be_visible()
    one.page.get_by_role("combobox", name="Tình trạng").select_option(label="Chưa gửi")
    one.item("Tin ở Nhân La").get_by_role("link").click()
    expect(one.page.get_by_role("article")).to_contain_text("Tin ở Nhân La")


@pytest.mark.costly
def test_one_of_thousands_is_found_and_a_long_list_is_paged(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    one.offline()
    one.broadcast("Tin đầu", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.page.evaluate(FILL, MANY)
    one.page.reload()
    one.page.get_by_role("link", name="Tất cả bản ghi").click()
    many = f"{MANY + 1:,}".replace(",", ".")
    expect(one.page.get_by_text(f"{many} bản ghi")).to_be_visible()
    one.page.get_by_role("searchbox").fill("pt-4321")
    expect(one.page.get_by_text("1 bản ghi", exact=True)).to_be_visible()
    expect(one.item("PT-4321")).to_be_visible()
    # Gửi/nhận shows a page of them.
    one.page.evaluate("() => { location.hash = '/sync' }")
    expect(one.page.get_by_role("region", name=f"Chưa gửi ({many})").get_by_role("link")).to_have_count(50)


@pytest.mark.costly
def test_back_from_a_hit_the_question_the_page_and_the_place_are_as_before(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.page.evaluate(FILL, 120)
    one.home()
    one.page.get_by_role("link", name="Tất cả bản ghi").click()
    one.page.get_by_role("searchbox").fill("tin so")
    one.page.get_by_role("button", name="Xem thêm").click()
    hits = one.page.get_by_role("listitem")
    expect(hits).to_have_count(100)
    hits.nth(80).scroll_into_view_if_needed()
    place = one.page.evaluate("scrollY")
    hits.nth(80).get_by_role("link").click()
    expect(one.page.get_by_role("article")).to_be_visible()
    one.page.go_back()
    expect(one.page.get_by_role("searchbox")).to_have_value("tin so")
    expect(hits).to_have_count(100)
    assert place > 0
    one.page.wait_for_function("(place) => Math.abs(scrollY - place) < 5", arg=place)
    one.home()
    one.page.get_by_role("link", name="Tất cả bản ghi").click()
    expect(one.page.get_by_role("searchbox")).to_have_value("")
