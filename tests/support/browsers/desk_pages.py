"""The pages of the desk: their endpoints, and a walk along the links of whoever is signed in."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from playwright.sync_api import Page

FILES = (
    *("figures.as_xlsx", "figures.as_csv", "board.as_xlsx", "board.as_csv", "audit.as_csv"),
    *("exports.table", "export_photos.part", "export_link.read", "rosters.template", "ordering.original"),
    *("handovers.minutes", "cases.left"),
)
VIEWS = ("tab", "view", "who", "reach", "state", "order", "chart")
"""Names of an address whose values make a page look otherwise."""
LINKS = """() => [...document.querySelectorAll("a[href]")]
  .filter((one) => one.origin === location.origin && !one.hasAttribute("download")).map((one) => one.href)"""


def pages(app: Flask) -> set[str]:
    """The endpoints that answer with a page."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    ours = [
        rule.endpoint for rule in rules if rule.rule == "/" or rule.rule.startswith(("/desk/", "/demo/", "/class/"))
    ]
    return set(ours) - {
        "desk.static",
        "records.photo",
        "records.document",
        "alike.laid",
        "faces.covered",
        "faces.upright",
        "annex.download",
        "regimes.file",
        "papers.signed_pdf",
        "word.download",
        "documents.download",
        "forms.starter",
        "forms.preview",
        "rescue.look",
        "rescue.look_unfinished",
        "rescue.save_unfinished",
        "rescue.save_document",
        "given.show",
        "airing_log.sample",
        "units.suggest",
        "results.points",
        "fast.items",
        "kit.themes",
        *FILES,
    }


def crawl(page: Page, app: Flask, start: str) -> Iterator[str]:
    """Follow links from this address, one of each endpoint and each way it looks. Yields each address, shown now."""
    ours, seen, todo = pages(app) - {"entry.sign_out"}, set(), deque([start])
    while todo:
        address = todo.popleft()
        look = _look(app, address)
        if look is None or look[0] not in ours or look in seen:
            continue
        seen.add(look)
        page.goto(address)
        page.wait_for_load_state()
        yield address
        todo.extend(dict.fromkeys(page.evaluate(LINKS)))


def _look(app: Flask, address: str) -> tuple[Any, ...] | None:
    """Return the endpoint with what the address says about the look of its page; None if it is no address of ours."""
    parts = urlsplit(address)
    try:
        endpoint, _ = app.url_map.bind("").match(parts.path)
    except HTTPException:
        return None
    return endpoint, *sorted((name, value) for name, value in parse_qsl(parts.query) if name in VIEWS)
