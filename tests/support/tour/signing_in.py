"""Sign in at the desk under a name, on any page of a walk."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from support.world.world import PASSWORD


def sign_in(page: Page, at: str, username: str) -> None:
    """Sign in under another name."""
    page.context.clear_cookies()
    page.goto(f"{at}/desk/sign-in")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.locator(".who > summary")).to_be_visible()
