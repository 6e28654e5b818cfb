"""What stands between a phone's app and the hub alters an answer: a proxy's own page, a line that ends early."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Request, Route

Json = dict[str, Any]
SYNC = "**/api/v1/sync"


def asked(request: Request) -> Json:
    """The question of a request, as the app wrote it."""
    body = request.post_data_buffer or b"{}"
    question: Json = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    return question


def heard(page: Page, path: str = "/sync") -> list[Json]:
    """What this phone's app asks from here on. (Chromium itself may repeat a request unasked.)"""
    questions: list[Json] = []

    def hear(request: Request) -> None:
        if request.url.endswith(path) and request.method == "POST":
            questions.append(asked(request))

    page.on("request", hear)
    return questions


def instead(page: Page, answer: Callable[[Json], int | None], *, arrives: bool) -> None:
    """Where `answer` says a status, the app gets that and no body; `arrives`: the hub did what it was asked."""

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
    """Of each answer, or of so many, the head comes, and then the line breaks (SPEC X-21); which those were."""
    came: list[str] = []

    def handle(route: Route) -> None:
        came.append(route.fetch().text().partition("\n")[0])
        route.fulfill(status=200, content_type="application/x-ndjson", body=came[-1] + "\n")

    page.route(SYNC, handle, times=times)
    return came


def untouched(page: Page) -> None:
    """Every answer comes as it is again."""
    page.unroute(SYNC)
