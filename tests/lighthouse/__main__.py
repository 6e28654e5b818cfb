"""`make lighthouse`: the four scores of Lighthouse: as on a phone, for the app before and after enrolment and for the
desk's door; as on an office PC, for ten pages of the desk; in light and dark. Ends with 1 where one is not 100, and
says which audits took the points. `PYTHONPATH=tests python -m lighthouse desk` takes the desk alone, `phone` the phone.
"""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import sync_playwright

from support.browsers.browser import DESK, FLAGS, PHONE, Browser, chromium_path
from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.installation.databases import Sqlite
from support.installation.ports import free_port
from support.installation.served import served
from support.tour.colleagues import Colleague
from support.world.world import World, world

HERE = Path(__file__).resolve().parent
SETUP = HERE.parents[1] / "tools" / "setup.py"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = (("the app, not enrolled", "/app/"), ("home", "/app/"), ("the desk's door", "/desk/sign-in"))
DESK_PAGES = {
    "huyen": ("/desk/", "/desk/queue", "/desk/review", "/desk/results", "/desk/board"),
    "tinh": ("/desk/figures", "/desk/progress", "/desk/report"),
    "quantri": ("/desk/people", "/desk/audit"),
}
"""By who looks: the ten pages where most of the time is spent."""
AS_AT_A_DESK = ("--preset=desktop",)
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WHOLE = 100


def main() -> int:
    """A line of the table for each page."""
    wanted = sys.argv[1:] or ["phone", "desk"]
    lost: list[str] = []
    print("| page | " + " | ".join(CATEGORIES) + " |")
    print("| --- |" + " --- |" * len(CATEGORIES))
    with tempfile.TemporaryDirectory(prefix="loa-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "sqlite").mkdir()
        url = Sqlite(folder / "sqlite").fresh()
        with world(url, folder / "data") as made, served(url, folder / "data") as server:
            for theme in THEMES:
                if "phone" in wanted:
                    lost += on_a_phone(made, folder, server.url, theme)
                if "desk" in wanted:
                    lost += at_a_desk(made, folder, server.url, theme)
    print("\n".join(lost))
    return 1 if lost else 0


def on_a_phone(made: World, folder: Path, url: str, theme: Theme) -> list[str]:
    """The app's pages, and the desk's door. Returns what took points."""
    lost: list[str] = []
    with chromium(folder / f"phone-{theme}", theme, PHONE) as (port, page):
        enrolled = Officer(Browser(), folder, url, page.context)
        for what, path in PAGES:
            if what == "home":
                page.goto(f"{url}/app/")
                enrolled.enrol(made.code("xa1"))
            lost += judged(what, f"{url}{path}", port, theme)
    return lost


def at_a_desk(made: World, folder: Path, url: str, theme: Theme) -> list[str]:
    """Ten pages of people who are signed in, with some results in them. Returns what took points."""
    for quantity in (1, 2, 3):
        Colleague(made, "xa1").banner(quantity=quantity)
    lost: list[str] = []
    for username, paths in DESK_PAGES.items():
        with chromium(folder / f"{username}-{theme}", theme, DESK) as (port, page):
            Reviewer(page, url).sign_in(username)
            for path in paths:
                lost += judged(f"{path} ({username})", f"{url}{path}", port, theme, *AS_AT_A_DESK)
    return lost


def judged(what: str, address: str, port: int, theme: Theme, *options: str) -> list[str]:
    """Print a page's line of the table. Returns what took points."""
    try:
        told = lighthouse(address, port, *options)
    except subprocess.CalledProcessError as fault:  # the browser was too busy for it: the other pages are judged
        return [f"{what}, {theme}: no answer: {fault.stderr.decode()[-300:]}"]
    scores = [round(told["categories"][category]["score"] * WHOLE) for category in CATEGORIES]
    print(f"| {what}, {theme} | " + " | ".join(map(str, scores)) + " |", flush=True)
    lost = [f"{what}, {theme}: {fault}" for fault in faults(told)] if min(scores) < WHOLE else []
    if is_dark(told) != (theme == "dark"):
        lost.append(f"{what}, {theme}: it was drawn in the other theme")
    return lost


@contextmanager
def chromium(folder: Path, theme: Theme, machine: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """A phone or an office PC that Lighthouse can take over at a port; its pages are drawn in a theme."""
    port = free_port()
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium_path(whole=True),
            headless=True,
            args=[*FLAGS, f"--remote-debugging-port={port}"],
            color_scheme=theme,
            **machine,
        )
        try:
            yield port, context.pages[0]
        finally:
            context.close()


def lighthouse(url: str, port: int, *options: str) -> dict[str, Any]:
    """Its report. Storage stays: who is enrolled stays so."""
    command: list[str | Path] = [
        *(sys.executable, SETUP, "node", HERE / "node_modules" / "lighthouse" / "cli" / "index.js", url),
        *(f"--port={port}", "--disable-storage-reset", "--output=json", "--quiet", *options),
        f"--only-categories={','.join(CATEGORIES)}",
    ]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return told


def is_dark(told: dict[str, Any]) -> bool:
    """Whether what it looked at has more black than white."""
    shot = told["audits"]["final-screenshot"]["details"]["data"].partition(",")[2]
    grey = Image.open(io.BytesIO(base64.b64decode(shot))).convert("L")
    return sum(level * count for level, count in enumerate(grey.histogram())) < 128 * grey.width * grey.height


def faults(told: dict[str, Any]) -> list[str]:
    """The audits that took points."""
    counted = {
        each["id"] for category in told["categories"].values() for each in category["auditRefs"] if each["weight"]
    }
    found = []
    for id_ in sorted(counted):
        audit = told["audits"][id_]
        if audit["score"] is not None and audit["score"] < 1:
            found.append(f"{id_} {audit['score']:.2f} {audit.get('displayValue', '')} {audit['title']}")
    return found


if __name__ == "__main__":
    sys.exit(main())
