"""What the app waits for is late at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.browsers.browser import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext

_LATE = """(() => {
    const after = window.setTimeout.bind(window);
    const late = (ms) => new Promise((done) => after(done, Math.max(0, Math.random() * 1.4 - 0.4) * ms));

    const { fetch } = window;
    window.fetch = async (...what) => {
        await late(400);
        const answer = await fetch(...what);
        await late(300);
        return answer;
    };

    const { request } = LockManager.prototype;
    LockManager.prototype.request = async function (...what) {
        await late(400);
        return request.apply(this, what);
    };

    const complete = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
    Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
        ...complete,
        set(told) {
            const slow = told && this.mode === "readwrite";
            complete.set.call(this, slow ? (event) => late(250).then(() => told.call(this, event)) : told);
        },
    });

    for (const { prototype } of [BroadcastChannel, Worker]) {
        const { postMessage } = prototype;
        prototype.postMessage = function (...what) {
            // Who closed it meanwhile hears nothing.
            late(300).then(() => postMessage.apply(this, what)).catch(() => {});
        };
    }
})()"""


@pytest.fixture(scope="session", autouse=True)
def late_phones() -> Iterator[None]:
    """Phones on which this is so; the desk has no script that waits."""
    profile = Browser.profile

    def late(browser: Browser, folder: Path, **options: Any) -> BrowserContext:
        context = profile(browser, folder, **options)
        context.add_init_script(_LATE)
        return context

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Browser, "profile", late)
        yield
