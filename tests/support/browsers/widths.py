"""No page is pushed sideways, on a phone or at a desk."""

from __future__ import annotations

from playwright.sync_api import Page

FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SIZES = ({"width": 360, "height": 640}, {"width": 393, "height": 727}, {"width": 1366, "height": 768})


def fits(page: Page) -> None:
    """Try each size once the page is there: while the next one comes, there is none to measure."""
    page.wait_for_load_state()
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate(FITS), (page.url, size)
