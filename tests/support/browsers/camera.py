"""The phone's camera by its buttons, a browser with something replaced, and a phone's stored bytes."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from support.browsers.officer import Officer

KEPT = """async () => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const ask = (store, how) => new Promise((done) => {
        const asked = opening.result.transaction(store).objectStore(store)[how]();
        asked.onsuccess = () => done(asked.result);
    });
    const hex = async (bytes) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
        .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const bytes = await ask("bytes", "getAll");
    const kept = {
        names: await ask("bytes", "getAllKeys"),
        hashes: await Promise.all(bytes.map(hex)),
        drafts: await ask("drafts", "getAll"),
    };
    opening.result.close();
    return kept;
}"""


def reload_with(one: Officer, script: str) -> Page:
    """Reload the app with something of its browser replaced."""
    one.page.add_init_script(script)
    one.page.reload()
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    return one.page


def shoot(page: Page) -> None:
    page.get_by_role("button", name="Chụp", exact=True).click()
    expect(page.get_by_role("region", name="Ảnh").get_by_role("img")).to_have_count(1)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
