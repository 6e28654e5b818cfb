"""Whether a page can be read and pressed by everybody: axe-core (WCAG 2.2 AA, contrast 7:1), then what axe does not
measure (`legible.js`), then the same at 200 % zoom.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ENHANCED = {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}
SMALL_PX = 15
NARROW_PX = 320


def faults(page: Page, target_px: int) -> list[str]:
    """Everything that is wrong with what the page shows now, as sentences."""
    page.wait_for_load_state()  # its sheet too
    page.evaluate("() => scrollTo(0, 0)")  # for axe, what was scrolled half under a bar is too small to be pressed
    return axe(page) + fit(page, target_px)


def axe(page: Page) -> list[str]:
    """What axe-core finds."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source("pwa/node_modules/axe-core/axe.min.js"))
    options = {"runOnly": {"type": "tag", "values": TAGS}, "rules": ENHANCED, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{fault['id']}: {node['html'][:120]} {_why(node)}" for fault in found["violations"] for node in fault["nodes"]
    ]


def fit(page: Page, target_px: int) -> list[str]:
    """What it finds at this size; and what is too wide when everything is twice as large, or the window narrow."""
    script = _source("tests/support/legible.js")
    asked = {"target": target_px, "small": SMALL_PX}
    told: list[str] = page.evaluate(script, asked)
    size = page.viewport_size
    assert size is not None
    for width in {size["width"] // 2, min(size["width"], NARROW_PX)}:
        page.set_viewport_size({"width": width, "height": size["height"] // 2})
        told += [fault for fault in page.evaluate(script, asked) if fault.startswith("wider")]
    page.set_viewport_size(size)
    return told


def _why(node: dict[str, Any]) -> str:
    return " ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))


@cache
def _source(path: str) -> str:
    return (ROOT / path).read_text()
