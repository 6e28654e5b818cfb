"""The content of a phone's database, read directly, without the app's help."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

_READ = """async (store) => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const from = opening.result.transaction(store).objectStore(store);
    const keys = from.getAllKeys();
    const rows = from.getAll();
    await new Promise((done) => { rows.transaction.oncomplete = done; });
    opening.result.close();
    // Bytes of photos do not travel to the test: their sizes do.
    const plain = (row) => row instanceof ArrayBuffer ? row.byteLength : row;
    return rows.result.map((row, at) => [keys.result[at], plain(row)]);
}"""


def rows(page: Page, store: str) -> list[Any]:
    """All rows of a store."""
    return [row for _, row in page.evaluate(_READ, store)]


def keyed(page: Page, store: str) -> dict[str, Any]:
    """The rows of a store with explicit keys, by key."""
    return dict(page.evaluate(_READ, store))


_FORGET = """async ([store, key]) => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const from = opening.result.transaction(store, "readwrite", { durability: "strict" }).objectStore(store);
    from.delete(key);
    await new Promise((done) => { from.transaction.oncomplete = done; });
    opening.result.close();
}"""


def forget(page: Page, store: str, key: str) -> None:
    """Delete one row."""
    page.evaluate(_FORGET, [store, key])
