"""A phone's storage on two phones, as a backup put back elsewhere makes it: nothing is lost or comes twice (X-3)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from server.core.db import reading
from server.models import Device, Record, WriteRow
from support.browsers.browser import Browser
from support.browsers.kept import rows
from support.browsers.officer import Officer
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
NAMES = ("Tin chung", "Tin của máy một", "Tin của bản sao")


def record(one: Officer, name: str) -> None:
    one.broadcast(name, "2021-07-21", "2021-07-30", 2, 15)
    one.save()


@pytest.mark.costly(soak=True, kept_by="tests/property/test_histories.py::test_histories")
def test_a_phone_and_its_copy_both_write_and_send(
    province: Province, officer: Callable[[str], Officer], browser: Browser, tmp_path: Path
) -> None:
    one = officer("xa1")
    record(one, NAMES[0])
    one.expect_status("1 đã gửi đủ")
    one.offline()
    one.banner(SLOGAN)
    one.close()
    shutil.copytree(one.folder, tmp_path / "copy", symlinks=True)
    two = Officer(browser, tmp_path / "copy", one.url)
    try:
        province.line.refuse()
        for each, name, minutes in ((one.open(), NAMES[1], "10"), (two.open(), NAMES[2], "20")):
            each.expect_status("1 chờ gửi · 1 ảnh chờ gửi · 1 đã gửi đủ")
            record(each, name)
            each.edit(NAMES[0], Thời_lượng=minutes)
        province.line.restore()
        for each in (one, two, one):
            each.send()
        for each in (one, two):
            each.expect_status("3 đã gửi đủ")  # what it wrote itself
            for text in (*NAMES, SLOGAN):
                expect(each.item(text)).to_be_visible()
            assert len(rows(each.page, "records")) == 4
            each.open_record(NAMES[0])
            conflict = each.page.get_by_role("region", name="Hai người cùng sửa: Thời lượng mỗi lượt")
            expect(conflict).to_contain_text("10 phút")
            expect(conflict).to_contain_text("20 phút")
    finally:
        two.close()
    with province.world.app.app_context(), reading() as session:
        made, written = (session.scalar(select(func.count()).select_from(table)) for table in (Record, WriteRow))
        assert (made, written) == (4, 6)
        assert session.scalar(select(func.count()).select_from(Device)) == 1
