"""The test phone has what a phone has: a camera, a place, Vietnamese time, and a memory that survives a kill."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING

import pytest

from support.browsers.browser import COMMUNE, Browser, kill
from support.installation.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


class Blank(http.server.BaseHTTPRequestHandler):
    """Storage, camera and place need an origin; an empty page is one."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def page_url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Blank) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_address[1]}/"
        server.shutdown()


def test_has_a_camera_a_place_and_the_time_of_vietnam(browser: Browser, page_url: str) -> None:
    with browser.phone() as phone:
        page = phone.new_page()
        page.goto(page_url)
        told = page.evaluate(
            """async () => ({
                tracks: (await navigator.mediaDevices.getUserMedia({ video: true })).getVideoTracks().length,
                latitude: await new Promise((done, fail) =>
                    navigator.geolocation.getCurrentPosition((at) => done(at.coords.latitude), fail)),
                zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
                width: screen.width,
            })"""
        )
    assert told["tracks"] == 1
    assert told["latitude"] == COMMUNE["latitude"]
    assert told["zone"] in ("Asia/Ho_Chi_Minh", "Asia/Saigon")
    assert told["width"] == 360


@pytest.mark.costly
def test_a_killed_phone_remembers_what_was_committed(browser: Browser, page_url: str, tmp_path: Path) -> None:
    profile = tmp_path / "phone"
    phone = browser.profile(profile)
    page = phone.new_page()
    page.goto(page_url)
    page.evaluate(
        """() => new Promise((done, fail) => {
            const opening = indexedDB.open("kept");
            opening.onupgradeneeded = () => opening.result.createObjectStore("words");
            opening.onsuccess = () => {
                const writing = opening.result.transaction("words", "readwrite", { durability: "strict" });
                writing.objectStore("words").put("đã ghi", 1);
                writing.oncomplete = done;
                writing.onerror = fail;
            };
        })"""
    )
    kill(phone, profile)
    phone = browser.profile(profile)
    page = phone.new_page()
    page.goto(page_url)
    kept = page.evaluate(
        """() => new Promise((done) => {
            const opening = indexedDB.open("kept");
            opening.onsuccess = () => {
                const reading = opening.result.transaction("words").objectStore("words").get(1);
                reading.onsuccess = () => done(reading.result);
            };
        })"""
    )
    phone.close()
    assert kept == "đã ghi"
