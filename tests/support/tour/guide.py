"""The pictures of the page that is handed out: today's screens of the phone, taken on the way of a first day.

    for name, picture in pictures(province, one): ...

`one` is a phone that is open and not enrolled. `tests/e2e/test_guide.py` holds the pictures in the desk's static files
against these, and writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from support.browsers.officer import Officer
from support.tour.colleagues import REASON, SLOGAN, Colleague, judge
from support.world.province import Province

WIDTH, HEIGHT = 360, 640


def pictures(province: Province, one: Officer) -> Iterator[tuple[str, bytes]]:
    """Yield the name of a help topic and the screen of which it speaks, as a PNG file."""
    page = one.page
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    expect(page.get_by_label("Mã 16 chữ số")).to_be_visible()
    yield "enrol", page.screenshot()
    one.enrol(province.world.code("xa1"))
    one.offline()
    one.kind("Băng rôn").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    expect(page.get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    page.evaluate("() => scrollTo(0, 0)")
    yield "form", page.screenshot()
    one.save()
    one.close_notice()
    page.get_by_role("link", name=re.compile("chờ gửi")).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    yield "sync", page.screenshot()
    one.home()
    colleague = Colleague(province.world, "xa2")
    record = colleague.banner(hamlet="Thôn Tạ Thượng")
    judge(province.world, record, "returned", REASON, "photos")
    one.offline(on=False)
    one.send()
    page.evaluate("id => { location.hash = `/record/${id}` }", record)
    expect(page.get_by_role("button", name="Sửa và gửi lại")).to_be_visible()
    page.evaluate("() => scrollTo(0, 0)")
    yield "record", page.screenshot()
