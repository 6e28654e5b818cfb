"""Headers that keep a browser from doing what nobody meant, and no more of them than the thin line can bear."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from server.serving.every_request import DATA_POLICY, ID_HEADER, POLICY
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.parametrize(("path", "policy"), [("/api/v1/health", DATA_POLICY), ("/desk/sign-in", POLICY)])
def test_every_answer_says_what_may_run_and_that_nobody_frames_it(world: World, path: str, policy: str) -> None:
    headers = world.app.test_client().get(path).headers
    assert headers["Content-Security-Policy"] == policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_the_sheet_in_the_phone_apps_page_holds_and_nothing_else_inline(world: World) -> None:
    """By its hash: it costs no round trip of its own on a thin line. No script stands in the page."""
    answer = world.app.test_client().get("/app/", buffered=True)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith(POLICY)
    assert "unsafe" not in policy
    assert "script-src" not in policy
    page = answer.get_data(as_text=True)
    (sheet,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f"; style-src 'self' 'sha256-{digest}'" in policy
    (script,) = re.findall('<script type="module"[^>]* src="([^"]+)"></script>', page)
    assert world.app.test_client().get(script, buffered=True).mimetype == "text/javascript"


def test_a_page_may_use_the_camera_and_the_place_and_nothing_it_opens_may(world: World) -> None:
    headers = world.app.test_client().get("/desk/sign-in").headers
    assert headers["Permissions-Policy"] == "camera=(self), geolocation=(self), microphone=()"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"


def test_an_answer_that_is_well_needs_no_name(world: World) -> None:
    """The log names what failed; a page may show one, so each page has it."""
    client = world.app.test_client()
    exchange = client.post("/api/v1/sync", json={}, headers={"Authorization": f"Bearer {world.token('xa1')}"})
    failed = client.post("/api/v1/sync", json={})
    assert (exchange.status_code, failed.status_code) == (200, 401)
    assert [ID_HEADER in answer.headers for answer in (exchange, failed)] == [False, True]
    assert ID_HEADER in client.get("/desk/sign-in").headers


def test_an_exchange_is_told_in_few_bytes_of_headers(world: World) -> None:
    """Quality W0, W8: a kilobyte holds the question, the answer and all that goes around them."""
    asked = {"Authorization": f"Bearer {world.token('xa1')}", "Accept": "application/x-ndjson"}
    answer = world.app.test_client().post("/api/v1/sync", json={}, headers=asked | {"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert sum(len(f"{name}: {value}\r\n") for name, value in answer.headers) <= 260
