"""A reviewer at the desk: what a mouse does, in the words on the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from support.waiting import PATIENCE_MS
from support.world.world import PASSWORD


@dataclass
class Reviewer:
    """A browser page at the desk."""

    page: Page
    url: str

    def sign_in(self, username: str) -> Reviewer:
        """Sign in with name and password."""
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.goto(f"{self.url}/desk/")
        self.page.get_by_label("Tên đăng nhập").fill(username)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.get_by_role("button", name="Đăng nhập").click()
        expect(self.page.locator(".who > summary")).to_be_visible()
        return self

    def queue(self, state: str = "todo") -> None:
        """Open the queue in one state."""
        self.page.goto(f"{self.url}/desk/queue?state={state}")

    def open(self, number: str, state: str = "todo") -> None:
        """Open a record from the queue by the number people use."""
        self.queue(state)
        self.page.get_by_role("link").filter(has_text=number).first.click()
        expect(self.page.get_by_role("heading", name="Quyết định", exact=True)).to_be_visible()

    def say(self, verdict: str, reason: str = "", *fields: str) -> None:
        """Decide on the open record; who approves one that is not ready says why."""
        panel = self.page.get_by_role("region", name="Quyết định")
        if reason:
            panel.locator("#reason").fill(reason)
        if verdict == "Duyệt" and panel.locator("#despite").count():
            panel.get_by_text("Duyệt khi chưa", exact=False).first.click()
            panel.locator("#despite").fill("Đã xem ảnh in tại xã.")
        for field in fields:
            panel.get_by_label(field, exact=True).check()
        panel.get_by_role("button", name=verdict, exact=True).click()

    def total(self, path: str = "") -> str:
        """The text of the table of figures."""
        self.page.goto(f"{self.url}/desk/figures{path}")
        return "\n".join(self.page.get_by_role("table").all_inner_texts())


MakeReviewer = Callable[[str], Reviewer]
"""`reviewer("huyen")`: that reviewer's desk in a browser."""
