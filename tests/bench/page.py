"""What measures on the phone's own page: when a thing is drawn, a slower processor, how much memory is held."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
from playwright.sync_api import Locator, Page

SEEN = """(selector) => {
    // When the first thing of this name is drawn: the frame in which it is on the page has begun and ended.
    globalThis.seen = new Promise((tell) => {
        const look = () => document.querySelector(selector)
            ? requestAnimationFrame(() => setTimeout(() => tell(performance.now())))
            : requestAnimationFrame(look);
        look();
    });
    addEventListener("click", (event) => { globalThis.pressed = event.timeStamp; }, true);
}"""


def shown(page: Page, url: str, selector: str) -> float:
    """Milliseconds from the address to this thing."""
    page.add_init_script(f"({SEEN})({selector!r})")
    page.goto(f"{url}/app/", wait_until="commit")
    told: float = page.evaluate("() => globalThis.seen")
    return told


def pressed(page: Page, link: Locator, selector: str) -> float:
    """Milliseconds from the tap to this thing."""
    page.evaluate(SEEN, selector)
    link.click()
    told: float = page.evaluate("async () => (await globalThis.seen) - globalThis.pressed")
    return told


def brake(page: Page, rate: int) -> None:
    """The page's processor, so many times slower."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def processor(page: Page) -> Callable[[], float]:
    """`worked()` is how many milliseconds of a processor the page's main thread took by then."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        told = session.send("Performance.getMetrics")["metrics"]
        return next(1_000 * float(each["value"]) for each in told if each["name"] == "TaskDuration")

    return worked


@contextmanager
def watched_memory() -> Iterator[Callable[[], int]]:
    """`most()` is by how many bytes all processes of the browser grew at the most."""
    before, most, over = resident(), [0], threading.Event()

    def watch() -> None:
        while not over.is_set():
            most[0] = max(most[0], resident() - before)
            time.sleep(0.01)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: most[0]
    finally:
        over.set()
        thread.join()


def resident() -> int:
    """What the renderers hold: they draw, decode and keep."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "--type=renderer" in process.cmdline():
                total += process.memory_info().rss
    return total
