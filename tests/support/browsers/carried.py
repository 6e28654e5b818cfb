"""All that a phone's browser stores for the app, read out as JSON and laid into another browser.

Databases with their versions, stores and indexes, caches other than those of the app's own files, and localStorage.
What JSON has no word for is an object with one name: `$buffer`, `$bytes` (base64), `$undefined`.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from playwright.sync_api import Page

from support.clients.write_only import Json

QUIET = "/app/manifest.webmanifest"
"""A page of the app's address on which no app runs."""

_OUT = """async () => {
    const base64 = (bytes) => {
        let text = "";
        for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
        return btoa(text);
    };
    const plain = (value) => {
        if (value === undefined) return { $undefined: true };
        if (value instanceof ArrayBuffer) return { $buffer: base64(value) };
        if (value instanceof Uint8Array) return { $bytes: base64(value) };
        if (Array.isArray(value)) return value.map(plain);
        if (value === null || typeof value !== "object") return value;
        if (Object.getPrototypeOf(value) !== Object.prototype) throw new TypeError(`no plain value: ${value}`);
        return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
    };
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const databases = [];
    for (const { name } of await indexedDB.databases()) {
        const db = await done(indexedDB.open(name));
        const stores = [];
        for (const store of db.objectStoreNames) {
            const held = db.transaction(store).objectStore(store);
            const indexes = [...held.indexNames].map((index) => {
                const { keyPath, unique, multiEntry } = held.index(index);
                return { name: index, keyPath, unique, multiEntry };
            });
            const [keys, rows] = await Promise.all([done(held.getAllKeys()), done(held.getAll())]);
            const { keyPath, autoIncrement } = held;
            const pairs = rows.map((row, at) => [keys[at], plain(row)]);
            stores.push({ name: store, keyPath, autoIncrement, indexes, rows: pairs });
        }
        databases.push({ name, version: db.version, stores });
        db.close();
    }
    const held = [];
    for (const name of await caches.keys()) {
        if (name.startsWith("loa-app-")) continue;
        const cache = await caches.open(name);
        const files = [];
        for (const { url } of await cache.keys()) {
            const { pathname, search } = new URL(url);
            const answer = await cache.match(url);
            files.push([pathname + search, answer.headers.get("Content-Type"), base64(await answer.arrayBuffer())]);
        }
        held.push({ name, files });
    }
    return { databases, caches: held, local: { ...localStorage } };
}"""

_IN = """async ({ databases, caches: held, local }) => {
    const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const whole = (value) => {
        if (Array.isArray(value)) return value.map(whole);
        if (value === null || typeof value !== "object") return value;
        if ("$undefined" in value) return undefined;
        if ("$buffer" in value) return bytes(value.$buffer).buffer;
        if ("$bytes" in value) return bytes(value.$bytes);
        return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, whole(part)]));
    };
    for (const { name, version, stores } of databases) {
        const opening = indexedDB.open(name, version);
        opening.onupgradeneeded = () => {
            for (const { name: store, keyPath, autoIncrement, indexes } of stores) {
                const made = opening.result.createObjectStore(store, { keyPath, autoIncrement });
                for (const { name: index, keyPath: path, unique, multiEntry } of indexes)
                    made.createIndex(index, path, { unique, multiEntry });
            }
        };
        const db = await new Promise((resolve, reject) => {
            opening.onsuccess = () => resolve(opening.result);
            opening.onerror = () => reject(opening.error);
        });
        const tx = db.transaction([...db.objectStoreNames], "readwrite");
        for (const { name: store, keyPath, rows } of stores)
            for (const [key, row] of rows)
                if (keyPath === null) tx.objectStore(store).put(whole(row), key);
                else tx.objectStore(store).put(whole(row));
        await new Promise((resolve, reject) => {
            tx.oncomplete = resolve;
            tx.onabort = () => reject(tx.error);
        });
        db.close();
    }
    for (const { name, files } of held) {
        const cache = await caches.open(name);
        for (const [path, type, text] of files)
            await cache.put(path, new Response(bytes(text), { headers: type ? { "Content-Type": type } : {} }));
    }
    for (const [name, text] of Object.entries(local)) localStorage.setItem(name, text);
}"""


def read_out(page: Page) -> Json:
    """Everything that this page's address stores."""
    stored: Json = page.evaluate(_OUT)
    return stored


def lay_in(page: Page, url: str, stored: Json) -> None:
    """Put it under `url`, where nothing is stored yet. Opens a page there on which no app runs."""
    page.goto(url + QUIET)
    page.evaluate(_IN, stored)


def write(stored: Json, file: Path) -> None:
    """Keep it as a file: the same storage makes the same bytes."""
    text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(file: Path) -> Json:
    stored: Json = json.loads(gzip.decompress(file.read_bytes()))
    return stored
