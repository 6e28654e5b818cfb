"""Alters the server's answers on their way to a phone's app: a proxy's own status, a stream cut after the head."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

from playwright.sync_api import Page, Request, Route

from support.clients.write_only import Json

SYNC = "**/api/v1/sync"


def asked(request: Request) -> Json:
    """The body of a request, parsed."""
    body = request.post_data_buffer or b"{}"
    question: Json = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    return question


def heard(page: Page, path: str = "/sync") -> list[Json]:
    """A list that collects the bodies this app sends from here on. (Chromium may repeat a request by itself.)"""
    questions: list[Json] = []

    def hear(request: Request) -> None:
        if request.url.endswith(path) and request.method == "POST":
            questions.append(asked(request))

    page.on("request", hear)
    return questions


def instead(page: Page, answer: Callable[[Json], int | None], *, arrives: bool) -> None:
    """Replace each answer for which `answer` returns a status by that status; `arrives`: the server acts on it."""

    def handle(route: Route) -> None:
        status = answer(asked(route.request))
        if status is None:
            route.continue_()
            return
        if arrives:
            assert route.fetch().ok
        route.fulfill(status=status, body="")

    page.route(SYNC, handle)


def only_heads(page: Page, times: int | None = None) -> list[str]:
    """Cut the next answers, all or `times`, after their head (SPEC X-21). Returns the list of those heads."""
    came: list[str] = []

    def handle(route: Route) -> None:
        came.append(route.fetch().text().partition("\n")[0])
        route.fulfill(status=200, content_type="application/x-ndjson", body=came[-1] + "\n")

    page.route(SYNC, handle, times=times)
    return came


def untouched(page: Page) -> None:
    """Stop altering answers, once those that are being altered are delivered."""
    page.unroute_all(behavior="wait")
