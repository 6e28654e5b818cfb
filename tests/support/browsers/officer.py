"""A commune officer at a phone: what a thumb does and what the eyes read, in the words on the screen."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from server.core.clock import today
from support.browsers.browser import Browser, kill
from support.browsers.kept import keyed
from support.waiting import PATIENCE_MS, until

_NUMBER = re.compile(r"\b[A-Z]{2}-\w")

_HAND_OVER = """async (files) => {
    // What the phone does for another app: a form is sent to the manifest's share_target.
    const { share_target } = await (await fetch("/app/manifest.webmanifest")).json();
    const form = Object.assign(document.createElement("form"), { ...share_target, method: "post" });
    const input = Object.assign(document.createElement("input"), {
        type: "file", multiple: true, name: share_target.params.files[0].name,
    });
    const held = new DataTransfer();
    for (const { name, type, content } of files) {
        const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
        held.items.add(new File([bytes], name, { type }));
    }
    input.files = held.files;
    form.append(input);
    document.body.append(form);
    form.submit();
}"""


@dataclass
class Officer:
    """One officer with one phone, whose storage is a folder, so that it can be killed and opened again."""

    browser: Browser
    folder: Path
    url: str
    context: BrowserContext | None = None

    # --- the phone ---------------------------------------------------------------

    @property
    def page(self) -> Page:
        """The app's page."""
        assert self.context is not None, "the phone is off"
        return self.context.pages[0]

    def open(self) -> Officer:
        """Start the browser and the app."""
        self.context = self.browser.profile(self.folder)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page.goto(f"{self.url}/app/")
        return self

    def kill(self) -> None:
        """End the browser at once, as the system does."""
        assert self.context is not None
        kill(self.context, self.folder)
        self.context = None

    def close(self) -> None:
        """Put the phone away."""
        if self.context is not None:
            self.context.close()
            self.context = None

    def offline(self, *, on: bool = True) -> None:
        """Cut the signal, for page and worker alike."""
        assert self.context is not None
        self.context.set_offline(on)

    def wait_for_worker(self) -> None:
        """Wait until the app can start without a network."""
        self.page.evaluate("async () => { await navigator.serviceWorker.ready }")

    # --- what a thumb does -------------------------------------------------------

    def enrol(self, code: str) -> None:
        """Type the code and wait for the home screen."""
        self.page.get_by_label("Mã 16 chữ số").fill(code)
        self.page.get_by_role("button", name="Đăng ký").click()
        self.expect_home()

    def expect_home(self) -> None:
        """Wait for the home screen of a phone that can start without a network."""
        expect(self.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
        self.wait_for_worker()

    def home(self) -> None:
        """Go to the home screen."""
        back = self.page.get_by_role("link", name=re.compile("Trang đầu"))
        if back.count():
            with suppress(TooLate):  # the app may be on its way home by itself, and the link goes
                back.click(timeout=PATIENCE_MS / 3)
        expect(self.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()

    def kind(self, name: str) -> Locator:
        """Find the button of a kind: the two most used stand there, the others behind one tap."""
        nav = self.page.get_by_role("navigation", name="Ghi việc mới")
        expect(nav).to_be_visible()
        button = nav.get_by_role("button", name=re.compile(f"^{name}"))
        if not button.count():
            nav.get_by_role("button", name="Khác").click()
        return button

    def banner(self, slogan: str, *, asked: bool = False) -> None:
        """Four taps: kind, shutter, slogan, save. `asked`: as in `keep`."""
        self.kind("Băng rôn").click()
        self.page.get_by_role("button", name="Chụp", exact=True).click()
        self.page.get_by_role("group", name="Khẩu hiệu").get_by_text(slogan).click()
        self.save(asked=asked)

    def broadcast(self, script: str, first: str, last: str, times: int, minutes: int) -> None:
        """Fill in the broadcast form with a script, a period, times a day and minutes; what is over was aired."""
        self.kind("Phát thanh").click()
        self.page.get_by_label("Tin, bài phát").fill(script)
        self.page.get_by_label("Từ ngày").fill(first)
        self.page.get_by_label("Đến ngày").fill(last)
        self.page.get_by_label("Số lượt mỗi ngày").fill(str(times))
        if date.fromisoformat(last) < today():
            self.page.get_by_role("button", name=re.compile("^(Cả .* đã phát|Đã phát đủ)")).click()
        self.page.get_by_label(re.compile("Thời lượng mỗi lượt")).fill(str(minutes))

    def record(self, kind: str, texts: Mapping[str, str], *, photo: bool = False, taps: Sequence[str] = ()) -> None:
        """Make a record of a kind with the fewest taps: the shutter (`photo`), cards, texts by their labels."""
        self.kind(kind).click()
        if photo:
            self.page.get_by_role("button", name="Chụp", exact=True).click()
        expect(self.page.get_by_role("button", name="Lưu", exact=True)).to_be_visible()
        for text in taps:
            self.page.get_by_text(text, exact=True).click()
        for label, text in texts.items():
            self.fill(label, text)
        self.save()

    def save(self, *, asked: bool = False) -> None:
        """Save the form, and wait until the phone says where it is stored. `asked`: as in `keep`."""
        self.page.get_by_role("button", name=re.compile("^(Lưu|Gửi lại)$")).click()
        if asked:
            self.keep()
        # Wait for a photo that is still being made small.
        expect(self.page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
        expect(self.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()

    def keep(self) -> None:
        """Keep what the phone may ask about before it saves: its camera sees the same picture again."""
        keep = self.page.get_by_role("button", name="Giữ như đã ghi")
        expect(keep.or_(self.page.get_by_text("Đã lưu trên máy này."))).to_be_visible()
        if keep.count():
            keep.evaluate("(button) => { button.click() }")

    def close_notice(self) -> None:
        """Close the notice that covers the screen for some seconds."""
        self.page.get_by_role("status").get_by_role("button", name="Đóng").click()

    def open_record(self, text: str) -> None:
        """Open the record that the list of all shows with this text."""
        self.home()
        self.page.evaluate("location.hash = '/search'")
        self.page.get_by_role("link").filter(has_text=text).first.click()
        expect(self.page.get_by_role("article")).to_be_visible()

    def edit(self, text: str, **labels: str) -> None:
        """Open a record, change fields by their labels, save."""
        self.open_record(text)
        self.page.get_by_role("button", name=re.compile("^Sửa")).click()
        for label, value in labels.items():
            self.fill(label.replace("_", " "), value)
        self.save()

    def fill(self, label: str, value: str) -> None:
        """Fill a field, opening "Thêm" if it is hidden there."""
        field = self.page.get_by_label(re.compile(f"^{label}"))
        if not field.first.is_visible():
            self.page.get_by_text("Thêm", exact=True).click()
        field.first.fill(value)

    def hand_over(self, pictures: Sequence[bytes]) -> None:
        """Share pictures with the app from another app."""
        self._hand_over([("a.jpg", "image/jpeg", each) for each in pictures])

    def hand_over_pdf(self, name: str, data: bytes) -> None:
        """Share a PDF with the app from another app."""
        self._hand_over([(name, "application/pdf", data)])

    def _hand_over(self, files: Sequence[tuple[str, str, bytes]]) -> None:
        shared = [{"name": name, "type": type_, "content": b64encode(data).decode()} for name, type_, data in files]
        with self.page.expect_navigation():
            self.page.evaluate(_HAND_OVER, shared)

    def send(self) -> None:
        """From anywhere: press "Gửi/nhận ngay", wait for an answer and the sentence that it is done, then go home."""
        self.home()
        self.page.get_by_label("Tình trạng gửi/nhận").get_by_role("link").click()
        before = self.exchanged_at()
        self.page.get_by_role("button", name="Gửi/nhận ngay").click()
        until(lambda: self.exchanged_at() != before)
        expect(self.page.get_by_text(re.compile("Đã gửi/nhận xong"))).to_be_visible()
        self.home()

    # --- what the eyes read ------------------------------------------------------

    def exchanged_at(self) -> int | None:
        """The server's time in the last answer that this phone took."""
        return keyed(self.page, "meta").get("exchanged_at")

    @property
    def status(self) -> Locator:
        """The status line, which must always be true."""
        return self.page.get_by_label("Tình trạng gửi/nhận")

    def expect_status(self, text: str | re.Pattern[str]) -> None:
        """Expect exactly this text, or one of this pattern, in the status line."""
        expect(self.status).to_have_text(text)

    def item(self, text: str) -> Locator:
        """The line of a record with this text: one that bears a number, as what is only asked about it does not."""
        return self.page.get_by_role("listitem").filter(has_text=text).filter(has_text=_NUMBER).first


MakeOfficer = Callable[[str], Officer]
"""`officer("xa1")`: that officer's phone in a browser."""
