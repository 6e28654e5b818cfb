"""Photographs every screen of phone and desk in every state: `tools/walk.py FOLDER`, with the Python of the tests.

It follows the walk of tests/e2e/test_legible.py, with the phone at 360 x 640 and as a Pixel 5, the desk at 1366 x 768.
A longer screen is taken whole.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Page, ViewportSize  # noqa: E402

from support.browsers.browser import Browser  # noqa: E402  # needs the line above
from support.browsers.officer import Officer  # noqa: E402
from support.installation.databases import Sqlite  # noqa: E402
from support.installation.served import served  # noqa: E402
from support.network.proxy import Proxy  # noqa: E402
from support.tour import desk, phone  # noqa: E402
from support.world.province import Province  # noqa: E402
from support.world.world import world  # noqa: E402

PHONES: tuple[ViewportSize, ...] = ({"width": 360, "height": 640}, {"width": 393, "height": 851})
DESKS: tuple[ViewportSize, ...] = ({"width": 1366, "height": 768},)


@contextmanager
def province(folder: Path) -> Iterator[Province]:
    """Yield a fresh province."""
    (folder / "sqlite").mkdir(parents=True)
    url = Sqlite(folder / "sqlite").fresh()
    with world(url, folder / "data") as made, served(url, folder / "data") as server, Proxy(server.port) as line:
        yield Province(made, server, line)


def take(page: Page, name: str, sizes: tuple[ViewportSize, ...], out: Path) -> None:
    """Take one picture in each size."""
    for size in sizes:
        page.set_viewport_size(size)
        page.wait_for_timeout(200)
        page.screenshot(path=out / f"{name} {size['width']}.png", full_page=True)
    page.set_viewport_size(sizes[0])


def main() -> None:
    """Take all pictures, in the order of the walk."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="loa-") as name, Browser(whole=True) as browser:
        with province(Path(name) / "1") as here:
            one = Officer(browser, Path(name) / "phone", here.line.url).open()
            for number, stop in enumerate(phone.walk(here, one), 1):
                take(one.page, f"phone {number:02} {_plain(stop)}", PHONES, out)
            one.close()
        with province(Path(name) / "2") as here, browser.desk() as context:
            page = context.new_page()
            for number, stop in enumerate(desk.walk(here, page), 1):
                take(page, f"desk {number:02} {_plain(stop)}", DESKS, out)


def _plain(stop: str) -> str:
    return re.sub(r"[^\w.]+", " ", stop)


if __name__ == "__main__":
    main()
