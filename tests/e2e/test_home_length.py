"""Home on the demo is a short list of tasks: its buttons first, the whole list on a page of its own."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from server.commands import main
from support.browsers.browser import Browser
from support.browsers.officer import Officer
from support.installation.databases import Engine
from support.installation.served import forked

pytestmark = pytest.mark.slow
LENGTH = "() => document.scrollingElement.scrollHeight"
MOST_PX, MOST_LARGE_PX = 1_500, 4_000
SIZE = "(size) => { document.documentElement.style.fontSize = `${size}%` }"


@pytest.mark.costly
def test_it_is_no_longer_than_two_screens_and_a_half(
    browser: Browser, database_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    url, data_dir = database_engine("sqlite").fresh(), tmp_path / "data"
    env = {"LOA_DATABASE_URL": url, "LOA_DATA_DIR": str(data_dir)}
    made = CliRunner(env=env).invoke(main, ["demo", "--communes", "1"])
    code = re.search(r"\d{4} \d{4} \d{4} \d{4}", made.output)
    assert code is not None, made.output
    with forked(url, data_dir, LOA_WORKERS="1") as server:
        one = Officer(browser, tmp_path / "phone", server.url).open()
        one.page.set_viewport_size({"width": 360, "height": 640})
        one.enrol(code[0])
        tasks = one.page.get_by_role("region", name="Việc cần làm")
        expect(tasks.get_by_role("region").first).to_be_visible()
        expect(one.page.get_by_role("region", name="Kế hoạch và kết quả")).to_be_visible()
        expect(one.page.get_by_role("link", name="Tất cả bản ghi")).to_be_visible()
        one.expect_status("Không có gì chờ gửi")
        # What greets a new phone goes by itself.
        one.page.wait_for_function("(most) => document.scrollingElement.scrollHeight <= most", arg=MOST_PX)
        usual = one.page.evaluate(LENGTH)
        one.page.evaluate(SIZE, 200)
        large = one.page.evaluate(LENGTH)
        sys.stdout.write(f"home on the demo: {usual} px, at 200 % {large} px\n")
        assert usual <= MOST_PX
        assert large <= MOST_LARGE_PX
        one.page.evaluate(SIZE, 100)
        one.close()
