"""The phone's screens about its user: officers, PIN, the file to hand in, leaving."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from support.browsers.officer import Officer


def walk(one: Officer) -> Iterator[str]:
    """Walk with something on the phone that the server refuses. Afterwards everything is as before."""
    yield from handing_in(one)
    yield from locking(one)


def handing_in(one: Officer) -> Iterator[str]:
    """Make the file, and leave once it was given away."""
    page = one.page
    _go(one, "rescue")
    make = page.get_by_role("button", name="Lập tệp")
    make.click()
    give = page.get_by_role("button", name=re.compile("^Chuyển tệp"))
    expect(give).to_be_visible()
    yield "rescue/made"
    _go(one, "leave")
    expect(make).to_be_visible()
    yield "leave/unsent"
    make.click()
    with page.expect_download():
        give.click()
    page.get_by_role("button", name="Xóa dữ liệu khỏi máy này").click()
    yield "leave/asking"
    _go(one, "officers")
    expect(page.get_by_text("bản ghi chưa gửi đủ")).to_be_visible()
    yield "officers/one"


def locking(one: Officer) -> Iterator[str]:
    """Choose a PIN, enter it wrongly, enter it, remove it."""
    page = one.page
    pin = page.get_by_label("Mã PIN")
    _go(one, "pin")
    expect(pin).to_be_visible()
    yield "pin/choosing"
    pin.fill("1234")
    page.get_by_role("button", name="Lưu").click()
    expect(pin).to_have_count(0)
    page.reload()
    for _ in range(3):
        expect(pin).to_have_value("")
        pin.fill("4321")
        page.get_by_role("button", name="Mở", exact=True).click()
        expect(page.get_by_text("Mã PIN không đúng.")).to_be_visible()
    expect(page.get_by_text("mỗi lần nhập phải chờ 2 giây")).to_be_visible()
    yield "pin/mistaken"
    pin.fill("1234")
    page.get_by_role("button", name="Mở", exact=True).click()
    expect(pin).to_have_count(0)
    _go(one, "pin")
    page.get_by_role("button", name="Bỏ mã PIN").click()
    one.home()


def _go(one: Officer, screen: str) -> None:
    one.page.evaluate("(screen) => { location.hash = '/' + screen }", screen)
