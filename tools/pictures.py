"""Takes README's two pictures from a running demo: `tools/pictures.py http://127.0.0.1:8080 CODE`.

CODE is an enrolment code of the demo (`loa code --user xa.chinhnghia`). Run with the Python of the tests: it has
Playwright.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from server.demo.people import PASSWORD  # noqa: E402
from support.browsers.browser import Browser  # noqa: E402  # needs the line above

DOCS = ROOT / "docs"


def phone(browser: Browser, address: str, code: str) -> None:
    """Picture a record that two people edited, with its photo."""
    with browser.phone(geolocation={"latitude": 20.73, "longitude": 106.01, "accuracy": 9}) as context:
        page = context.new_page()
        page.goto(f"{address}/app/")
        page.get_by_label("Mã 16 chữ số").fill(code)
        page.get_by_role("button", name="Đăng ký").click()
        page.get_by_role("region", name="Hai người cùng sửa").get_by_role("link").click()
        conflicts = page.get_by_role("region", name="Hai người cùng sửa").get_by_role("link")
        conflicts.filter(has_not_text="Có người xóa").first.click()
        page.get_by_role("button", name=re.compile("^(Giữ|Lấy) nội dung")).first.wait_for()
        page.wait_for_timeout(1_000)
        page.screenshot(path=DOCS / "phone.png")


def desk(browser: Browser, address: str) -> None:
    """Picture the figures of the province."""
    with browser.desk() as context:
        page = context.new_page()
        page.goto(f"{address}/desk/")
        page.get_by_label("Tên đăng nhập").fill("tinh.hungyen")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        page.get_by_role("button", name="Đăng xuất").wait_for()
        page.goto(f"{address}/desk/figures")
        page.screenshot(path=DOCS / "desk.png")


def main() -> None:
    """Take both pictures."""
    address, code = sys.argv[1:]
    with Browser() as browser:
        phone(browser, address, code)
        desk(browser, address)


if __name__ == "__main__":
    main()
