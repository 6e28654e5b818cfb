"""The phone: how soon it can be used, how fast it answers a thumb, what it weighs.

The times are the page's own (`performance.now`, from the moment the address was typed or the finger came down) until
what was asked for is on the screen. "CPU x4" is Chromium's own brake: the page runs at a quarter of this machine.
"""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, expect

from bench.hub import Hub
from bench.lab import Lab
from bench.link import line
from bench.page import brake, pressed, processor, shown, watched_memory
from bench.table import Line, middle
from server.demo.photo import Scene, shoot
from support.browsers.browser import Browser
from support.browsers.officer import Officer
from support.clients.client import Client
from support.world.workload import records

ROOT = Path(__file__).resolve().parents[2]
OFFICER = "bench0"
MANY = 5_000
SLOW = 4
FIRST_SHOWN = 50
TYPING = """() => {
    globalThis.answers = [];
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (one.name === "keydown") globalThis.answers.push(one.duration);
    }).observe({ type: "event", durationThreshold: 16 });
}"""
READY = """() => {
    // From the choice of the file until the form names its photo.
    globalThis.ready = new Promise((tell) => {
        document.querySelector("input[type=file]").addEventListener("change", () => {
            const begun = performance.now();
            new MutationObserver((_, watch) => {
                if (document.querySelector("[aria-busy=true]") || !document.querySelector("figure")) return;
                watch.disconnect();
                tell(performance.now() - begun);
            }).observe(document.body, { subtree: true, childList: true, attributes: true });
        }, true);
    });
}"""
FOUND = """async (number) => {
    const input = document.querySelector("[type=search]");
    const items = document.querySelector("main").getElementsByTagName("li");
    const began = performance.now();
    input.value = number;
    input.dispatchEvent(new Event("input"));
    while (items.length !== 1 || !items[0].textContent.includes(number)) await new Promise(requestAnimationFrame);
    return performance.now() - began;
}"""
TAPS = "() => { globalThis.taps = 0; addEventListener('pointerdown', () => { globalThis.taps += 1; }, true); }"
HOME = 'nav[aria-label="Ghi việc mới"] button'
CODE = "#code"


def run(lab: Lab) -> list[Line]:
    """Everything of the phone, on SQLite."""
    with lab.hub("sqlite") as hub, Browser(whole=True) as browser:
        lines = [*sizes(), *cold(lab, hub, browser)]
        crowd = Client(hub.world.app.test_client(), hub.tokens[0])
        for seed in range(MANY // 100):
            crowd.sync(*records(100, hub.units[0], hub.campaign, seed=seed))
        folder = lab.folder / "phone"
        one = Officer(browser, folder, hub.server.url).open()
        try:
            one.enrol(hub.world.code(OFFICER))
            one.status.get_by_role("link").click()
            expect(one.page.get_by_text(re.compile("Đã gửi/nhận xong"))).to_be_visible(timeout=120_000)
            one.home()
            lines += [
                *warm(lab, one),
                *lists(lab, one),
                *answers(lab, one),
                search(lab, one),
                *photos(lab, one),
                taps(one),
                installable(one),
            ]
        finally:
            one.close()
    return lines


def sizes() -> list[Line]:
    """What travels, brotli, as the build counts it; it fails where that is more than its own limit."""
    counted = [sys.executable, "tools/setup.py", "node", "pwa/tools/budget.mjs"]
    told = subprocess.run(counted, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^(.+): (\d+) of (\d+)", told, re.MULTILINE)
    return [Line("phone", name, "bytes brotli", {"phone": float(n)}, f"<= {int(most):,}") for name, n, most in found]


def cold(lab: Lab, hub: Hub, browser: Browser) -> list[Line]:
    """Nothing is on the phone yet, over 3G: to the first screen, and to a home screen whose records are there."""
    enrol, home = [], []
    with line(hub.port, "3G") as slow:
        for _ in range(lab.rounds):
            with browser.phone() as context:
                enrol.append(shown(context.new_page(), slow.url, CODE))
        with browser.phone(service_workers="block") as context:
            page = context.new_page()
            page.goto(f"{slow.url}/app/")
            page.get_by_label("Mã 16 chữ số").fill(hub.world.code(OFFICER))
            page.get_by_role("button", name="Đăng ký").click()
            expect(page.locator(HOME).first).to_be_visible(timeout=20_000)
            for _ in range(lab.rounds):
                context.new_cdp_session(page).send("Network.clearBrowserCache")
                home.append(shown(context.new_page(), slow.url, HOME))
    return [
        Line("phone", "first load on 3G: the code can be typed", "ms", {"phone": middle(enrol)}, "<= 2,000"),
        Line("phone", "first load on 3G: home can be used", "ms", {"phone": middle(home)}, "<= 2,000"),
    ]


def warm(lab: Lab, one: Officer) -> list[Line]:
    """Opened again without a signal, 5,000 records on the phone."""
    one.wait_for_worker()
    one.offline()
    found, spent = [], []
    for _ in range(lab.rounds):
        page = context_of(one).new_page()
        brake(page, SLOW)
        found.append(shown(page, one.url, HOME))
        page.close()
        page = context_of(one).new_page()
        worked = processor(page)
        shown(page, one.url, HOME)
        spent.append(worked())
        page.close()
    one.offline(on=False)
    return [
        Line("phone", "start without a signal, CPU x4", "ms", {"phone": middle(found)}, "<= 500"),
        # What others do on this machine is not in it.
        Line("phone", "the same: processor of the page, not braked", "ms", {"phone": middle(spent)}, "<= 125"),
    ]


def lists(lab: Lab, one: Officer) -> list[Line]:
    """From home to the list of 5,000, of which 50 are shown."""
    found: dict[int, list[float]] = {1: [], SLOW: []}
    for rate, times in found.items():
        brake(one.page, rate)
        for _ in range(lab.rounds):
            one.home()
            every = one.page.get_by_role("link", name="Tất cả bản ghi")
            times.append(pressed(one.page, every, f"main li:nth-child({FIRST_SHOWN})"))
    brake(one.page, 1)
    return [
        Line("phone", "50 of 5,000 records are shown", "ms", {"phone": middle(found[1])}, "<= 100"),
        Line("phone", "the same, CPU x4", "ms", {"phone": middle(found[SLOW])}),
    ]


def answers(lab: Lab, one: Officer) -> list[Line]:
    """A key in a form and a tap on a record, both at CPU x4."""
    page = one.page
    opened = []
    brake(page, SLOW)
    for _ in range(lab.rounds):
        page.evaluate("() => { location.hash = '/search' }")
        opened.append(
            pressed(page, page.get_by_role("main").get_by_role("listitem").first.get_by_role("link"), "article")
        )
        one.home()
    one.kind("Phát thanh").click()
    field = page.get_by_label("Tin, bài phát")
    field.click()
    page.evaluate(TYPING)
    field.press_sequentially("Phòng, chống mua bán người", delay=120)
    page.wait_for_timeout(500)
    typed = page.evaluate("() => globalThis.answers") or [16]  # what took less than a frame is not told
    brake(page, 1)
    one.home()
    return [
        Line("phone", "a record opens, CPU x4", "ms", {"phone": middle(opened)}, "< 100"),
        Line("phone", "a key in a form answers, the slowest, CPU x4", "ms", {"phone": max(typed)}, "< 100"),
    ]


def search(lab: Lab, one: Officer) -> Line:
    """From the last key of a number to the one record of 5,000 that has it."""
    one.page.evaluate("() => { location.hash = '/search' }")
    expect(one.page.get_by_text(f"{MANY:,} bản ghi".replace(",", "."))).to_be_visible()
    brake(one.page, SLOW)
    times = [one.page.evaluate(FOUND, f"BR-{MANY - number}") for number in range(lab.rounds)]
    brake(one.page, 1)
    one.home()
    return Line("phone", "one of 5,000 records is found, CPU x4", "ms", {"phone": middle(times)}, "<= 100")


def photos(lab: Lab, one: Officer) -> list[Line]:
    """A photo of 12 megapixels as a phone's own camera makes it."""
    file: FilePayload = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": twelve_megapixels()}
    times, grown = [], []
    page = one.page
    for _ in range(lab.rounds):
        page.evaluate("() => { location.hash = '/new/banner' }")
        page.get_by_role("dialog").get_by_role("button", name="Đóng").click()
        page.evaluate(READY)
        with watched_memory() as most:
            page.locator("input[type=file]").first.set_input_files([file])
            times.append(page.evaluate("() => globalThis.ready"))
        grown.append(most() / 1e6)
        one.home()
    return [
        Line("phone", "a photo of 12 megapixels is ready", "ms", {"phone": middle(times)}, "<= 400"),
        Line("phone", "memory of the browser meanwhile", "MB", {"phone": middle(grown)}, "<= 100"),
    ]


def taps(one: Officer) -> Line:
    """How often the screen is touched until a banner is saved."""
    one.page.evaluate(TAPS)
    one.banner("Chung tay phòng, chống nạn mua bán người", asked=True)
    # The answer to the question that a photo of today raises in a campaign of 2021 is given without a finger.
    made = one.page.evaluate("() => globalThis.taps")
    return Line("phone", "taps for a banner", "", {"phone": made}, "<= 4")


def installable(one: Officer) -> Line:
    """What keeps Chromium from offering to install it."""
    told = context_of(one).new_cdp_session(one.page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    for error in told:
        print(f"not installable: {error}")
    return Line("phone", "reasons not to be installable", "", {"phone": float(len(told))}, "0")


def context_of(one: Officer) -> BrowserContext:
    """Where its pages are."""
    assert one.context is not None
    return one.context


def twelve_megapixels() -> bytes:
    """A street with a banner, as large as a phone's camera makes it."""
    scene = shoot(Scene("bench", "Chung tay phòng, chống nạn mua bán người", "UBND xã"))
    out = BytesIO()
    Image.open(BytesIO(scene.photo)).resize((4000, 3000), Image.Resampling.BICUBIC).save(out, "JPEG", quality=92)
    return out.getvalue()
