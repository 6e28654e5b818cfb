"""Whether everybody can read and press a page: axe-core (WCAG 2.2 AA, contrast 7:1), then what axe does not measure
(`legible.js`), then the latter at 200 % zoom; the phone's screens also with large text and on small screens.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[3]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}
CONTRAST = ["color-contrast", "color-contrast-enhanced"]
"""Less than 4.5:1, and less than 7:1: the second passes over what the first finds."""
SMALL_PX = 15
NARROW_PX = 320
FONT_PX = 16
"""The browsers' default."""
LARGE = ((360, 640, 24), (360, 640, 32), (320, 640, 32), (320, 568, 16), (180, 320, 16), (640, 360, 16))
"""Width, height, the browser's font size: text at 150 and 200 %, a small screen, the page at 200 %, landscape."""


AXE = "async (options) => (await axe.run(document, options)).violations"


def faults(page: Page, target_px: int, *, by_axe: bool = True) -> list[str]:
    """Everything wrong with the page as shown now, as sentences; or all but what axe-core finds, which costs most."""
    page.wait_for_load_state()  # its style sheet too
    page.evaluate("() => scrollTo(0, 0)")  # axe finds a target half under a bar too small
    return (axe(page) if by_axe else []) + fit(page, target_px)


def axe(page: Page) -> list[str]:
    """The faults that axe-core finds."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source("pwa/node_modules/axe-core/axe.min.js"))
    options = {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": RULES,
        "resultTypes": ["violations"],
        "preload": False,  # it would fetch all style sheets anew, for a rule about sound: the one video is muted
    }
    found: list[dict[str, Any]] = page.evaluate(AXE, options)
    return [f"{fault['id']}: {node['html'][:120]} {_why(node)}" for fault in found for node in fault["nodes"]]


def dark(page: Page) -> list[str]:
    """The faults of contrast in the dark theme, of which nothing but colours differs."""
    page.emulate_media(color_scheme="dark")
    options = {"runOnly": {"type": "rule", "values": CONTRAST}, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate(AXE, options)
    page.emulate_media(color_scheme="light")
    return [f"dark: {node['html'][:120]} {_why(node)}" for fault in found for node in fault["nodes"]]


PRIMARIES = """() => {
  const probe = document.createElement("button");
  document.querySelector("main").append(probe);
  const ground = getComputedStyle(probe).backgroundColor;
  probe.remove();
  const all = [...document.querySelectorAll("main :is(button, .button):not(.unseen, .kit *)")];
  const shown = all.filter((one) => one.checkVisibility({ visibilityProperty: true }));
  return shown.filter((one) => getComputedStyle(one).backgroundColor === ground).map((one) => one.innerText);
}"""
"""The buttons in sight that look like one without a class, which is how the main act of a page looks."""


def primary(page: Page) -> list[str]:
    """The fault of a page that shows more than one main act: nothing says then which one is next."""
    found: list[str] = page.evaluate(PRIMARIES)
    return [f"primary: {found}"] if len(found) > 1 else []


def fit(page: Page, target_px: int) -> list[str]:
    """The faults `legible.js` finds at this size, and what is too wide at twice the size or in a narrow window."""
    script = _source("tests/support/browsers/legible.js")
    asked = {"target": target_px, "small": SMALL_PX}
    told: list[str] = page.evaluate(script, asked)
    size = page.viewport_size
    assert size is not None
    for width in {size["width"] // 2, min(size["width"], NARROW_PX)}:
        page.set_viewport_size({"width": width, "height": size["height"] // 2})
        told += [fault for fault in page.evaluate(script, asked) if fault.startswith("wider")]
    page.set_viewport_size(size)
    return told


def large(page: Page, target_px: int, sizes: Sequence[tuple[int, int, int]] = LARGE) -> list[str]:
    """What is wrong with the page, or cannot be pressed, at each of these sizes."""
    size = page.viewport_size
    assert size is not None
    script, told = _source("tests/support/browsers/legible.js"), []
    client = page.context.new_cdp_session(page)
    for width, height, font in sizes:
        client.send("Page.setFontSizes", {"fontSizes": {"standard": font}})
        page.set_viewport_size({"width": width, "height": height})
        found = page.evaluate(script, {"target": target_px, "small": SMALL_PX, "large": True})
        told += [f"{width} x {height}, text of {font} px: {fault}" for fault in found]
    client.send("Page.setFontSizes", {"fontSizes": {"standard": FONT_PX}})
    client.detach()
    page.set_viewport_size(size)
    return told


def _why(node: dict[str, Any]) -> str:
    return " ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))


@cache
def _source(path: str) -> str:
    return (ROOT / path).read_text()
