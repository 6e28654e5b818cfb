"""The phone's part of the main job, on real parts: offline, killed, back, cut, resumed, verified."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.officer import Officer
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"


def test_recorded_offline_killed_reopened_and_verified(province: Province, officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    province.line.refuse()
    one.offline()
    one.banner(SLOGAN)
    one.broadcast("Tin tuyên truyền số 1", "2021-07-21", "2021-07-30", 2, 15)
    expect(one.page.get_by_text("= 20 lượt, 300 phút")).to_be_visible()
    one.save()
    one.expect_status("2 chờ gửi · 1 ảnh chờ gửi")
    one.kill()
    one.open()
    one.offline()
    one.expect_status("2 chờ gửi · 1 ảnh chờ gửi")
    expect(one.item(SLOGAN)).to_be_visible()
    expect(one.item("Tin tuyên truyền số 1")).to_be_visible()
    province.line.restore()
    one.offline(on=False)
    one.expect_status("2 đã gửi đủ")
    expect(one.item(SLOGAN)).to_contain_text("BR-1")
