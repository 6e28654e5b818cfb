"""What one takes in at a glance: `tools/glance.py http://127.0.0.1:8080 [FOLDER]`, of a running demo.

Prints a line for each list at 1366 x 768: how far down its first row begins, how many links, buttons and fields stand
above it, how many whole rows the first screen shows, how high the page is; then how many sizes and weights of type and
how many looks of buttons and fields the ten pages have that are used most. With a folder these are pictured there at
360, 768 and 1366. Run with the Python of the tests: it has Playwright.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from server.demo.people import PASSWORD  # noqa: E402
from support.browsers.browser import Browser  # noqa: E402  # needs the line above

SIZES: Final = ((1366, 768), (768, 1024), (360, 740))
LINES, RECORDS, TABLE = ".rows > li:not(.head)", ".records > li", "main tbody tr"
LISTS: Final = {
    "huyen.kimdong": (
        ("queue", "/desk/queue", ".record"),
        ("results, photos", "/desk/results", ".gallery > li"),
        ("results, list", "/desk/results?view=list", RECORDS),
        ("results, table", "/desk/results?view=table", TABLE),
        ("units below, start page", "/desk/", TABLE),
    ),
    "tinh.hungyen": (
        ("figures, every unit", "/desk/figures?reach=every&tab=all", TABLE),
        ("figures, units below", "/desk/figures", TABLE),
        ("board", "/desk/board?who=all", LINES),
        ("planned and done", "/desk/progress?reach=every", TABLE),
        ("silent units", "/desk/totals/silent", LINES),
        ("campaigns", "/desk/campaigns", "#campaigns li"),
    ),
    "quantri": (
        ("people", "/desk/people", LINES),
        ("devices", "/desk/devices", TABLE),
        ("audit log", "/desk/audit", LINES),
        ("jobs", "/desk/jobs", ".jobs > li"),
    ),
}
"""By who looks: each list, its address, what a row of it is."""
MOST_USED: Final = {
    "huyen.kimdong": ("/desk/", "/desk/queue", "/desk/review", "/desk/results", "/desk/board"),
    "tinh.hungyen": ("/desk/figures", "/desk/progress", "/desk/report"),
    "quantri": ("/desk/people", "/desk/audit"),
}
MEASURE = """(row) => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true });
  const rows = [...document.querySelectorAll(row)].filter(seen);
  const bar = document.querySelector(".act-bar");
  const bottom = bar ? Math.min(innerHeight, bar.getBoundingClientRect().top) : innerHeight;
  const boxes = rows.map((one) => one.getBoundingClientRect());
  const kinds = "a[href]:not(.skip), button, input:not([type=hidden]), select, summary, textarea";
  const controls = [...document.querySelectorAll(kinds)].filter(seen);
  const above = controls.filter((one) => rows[0]?.compareDocumentPosition(one) === Node.DOCUMENT_POSITION_PRECEDING);
  return {
    rows: rows.length, first: Math.round(boxes[0]?.top ?? -1), above: above.length,
    shown: boxes.filter((one) => one.bottom <= bottom + 1).length, high: document.documentElement.scrollHeight,
  };
}"""
STYLES = """() => {
  const type = new Set(), controls = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const box = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || box.closest(".unseen, .paper")) continue;
    if (!box.checkVisibility({ visibilityProperty: true })) continue;
    const look = getComputedStyle(box);
    type.add(`${look.fontSize} ${look.fontWeight}`);
  }
  const fields = "input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea";
  for (const one of document.querySelectorAll(`button, .button, .button-like > summary, ${fields}`)) {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.disabled) continue;
    const look = getComputedStyle(one);
    controls.add([look.backgroundColor, look.color, look.borderTopColor, look.borderRadius].join(" "));
  }
  return { type: [...type], controls: [...controls] };
}"""


def signed_in(context: BrowserContext, address: str, username: str) -> Page:
    """Sign in as a person of the demo."""
    page = context.new_page()
    page.goto(f"{address}/desk/")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.locator(".who > summary").wait_for()
    return page


def shown(page: Page, address: str, width: int, height: int) -> None:
    """Open a page at this size."""
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)


def main() -> None:
    """Print both tables; take the pictures, if a folder is named."""
    address, folder = sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None
    type_, controls = set[str](), set[str]()
    with Browser() as browser, ExitStack() as stack:
        print("| list | first row, px | above it | rows shown | of | page, px |\n| --- | --- | --- | --- | --- | --- |")
        for username, lists in LISTS.items():
            page = signed_in(stack.enter_context(browser.desk()), address, username)
            for name, path, row in lists:
                shown(page, f"{address}{path}", *SIZES[0])
                measured = page.evaluate(MEASURE, row)
                line = (name, *(str(measured[each]) for each in ("first", "above", "shown", "rows", "high")))
                print(f"| {' | '.join(line)} |", flush=True)
            for path in MOST_USED[username]:
                for width, height in SIZES:
                    shown(page, f"{address}{path}", width, height)
                    if width == SIZES[0][0]:
                        styles = page.evaluate(STYLES)
                        type_.update(styles["type"])
                        controls.update(styles["controls"])
                    if folder:
                        page.screenshot(path=folder / f"{path.strip('/').replace('/', '-')}-{username}-{width}.png")
    sizes = {each.partition(" ")[0] for each in type_}
    print(
        f"\n{len(type_)} combinations of size and weight of type, {len(sizes)} sizes; {len(controls)} looks of controls"
    )


if __name__ == "__main__":
    main()
