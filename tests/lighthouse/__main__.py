"""`make lighthouse`: the four scores of Lighthouse, as on a phone, for the app before and after enrolment and for the
desk's door, in light and dark. Ends with 1 where one is not 100, and says which audits took the points.
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

from support.browsers.browser import FLAGS, PHONE, Browser, chromium_path
from support.browsers.officer import Officer
from support.installation.databases import Sqlite
from support.installation.ports import free_port
from support.installation.served import served
from support.world.world import world

HERE = Path(__file__).resolve().parent
SETUP = HERE.parents[1] / "tools" / "setup.py"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = (("the app, not enrolled", "/app/"), ("home", "/app/"), ("the desk's door", "/desk/sign-in"))
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WHOLE = 100


def main() -> int:
    """A line of the table for each page."""
    lost: list[str] = []
    print("| page | " + " | ".join(CATEGORIES) + " |")
    print("| --- |" + " --- |" * len(CATEGORIES))
    with tempfile.TemporaryDirectory(prefix="loa-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "sqlite").mkdir()
        url = Sqlite(folder / "sqlite").fresh()
        with world(url, folder / "data") as made, served(url, folder / "data") as server:
            for theme in THEMES:
                with chromium(folder, theme) as (port, page):
                    enrolled = Officer(Browser(), folder, server.url, page.context)
                    for what, path in PAGES:
                        if what == "home":
                            page.goto(f"{server.url}/app/")
                            enrolled.enrol(made.code("xa1"))
                        told = lighthouse(f"{server.url}{path}", port)
                        scores = [round(told["categories"][category]["score"] * WHOLE) for category in CATEGORIES]
                        print(f"| {what}, {theme} | " + " | ".join(map(str, scores)) + " |", flush=True)
                        if min(scores) < WHOLE:
                            lost += [f"{what}, {theme}: {fault}" for fault in faults(told)]
                        if is_dark(told) != (theme == "dark"):
                            lost.append(f"{what}, {theme}: it was drawn in the other theme")
    print("\n".join(lost))
    return 1 if lost else 0


@contextmanager
def chromium(folder: Path, theme: Literal["light", "dark"]) -> Iterator[tuple[int, Any]]:
    """A phone that Lighthouse can take over at a port; its pages are drawn in a theme."""
    port = free_port()
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / theme,
            executable_path=chromium_path(whole=True),
            headless=True,
            args=[*FLAGS, f"--remote-debugging-port={port}"],
            color_scheme=theme,
            **PHONE,
        )
        try:
            yield port, context.pages[0]
        finally:
            context.close()


def lighthouse(url: str, port: int) -> dict[str, Any]:
    """Its report. Storage stays: who is enrolled stays so."""
    command: list[str | Path] = [
        *(sys.executable, SETUP, "node", HERE / "node_modules" / "lighthouse" / "cli" / "index.js", url),
        *(f"--port={port}", "--disable-storage-reset", "--output=json", "--quiet"),
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
