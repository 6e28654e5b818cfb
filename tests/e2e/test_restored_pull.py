"""Phones that were told only a part, or nothing, when an older database was put back (SPEC B-2, L-10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from server.core.clock import new_id
from support.browsers.browser import Browser
from support.browsers.kept import keyed, rows
from support.browsers.officer import Officer
from support.clients.client import Client
from support.installation.old_file import copy_to, held, lose_and_bring_back, put_back, verified
from support.network.answers import SYNC, heard, only_heads, untouched
from support.waiting import until
from support.world.changes import come, leave
from support.world.province import Province
from support.world.workload import records
from sync.protocol import BLOCK_RECORDS

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
PHOTOS = 2  # a banner and its thumbnail
NO_PATIENCE = """() => {
    const wait = window.setTimeout;
    window.setTimeout = (act, ms) => ms < 2000 ? wait(act, ms) : 0;
}"""
"""What does not go well at once is not tried again a little later."""


@pytest.mark.costly(
    soak=True,
    kept_by="tests/api/test_restored_places.py::test_who_comes_back_to_a_unit_brings_what_was_lost_while_away",
)
def test_who_comes_back_to_a_unit_brings_what_its_restored_hub_does_not_tell(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """B-2, L-10: no cursor gives the restore away, and nobody else has noticed it."""
    one = officer("xa1")
    come(province.world, "xa1", "12289")
    old = copy_to(province, tmp_path / "old.sqlite")
    one.banner(SLOGAN)  # of the unit that the phone knows so far
    one.expect_status("1 đã gửi đủ")
    mine = held(province)
    leave(province.world, "xa1")
    one.send()
    one.expect_status("Không có gì chờ gửi")
    assert rows(one.page, "records") == []
    one.offline()
    put_back(province, old, whole_disk=True)
    assert held(province) == set()
    come(province.world, "xa1")
    one.offline(on=False)
    one.send()
    one.expect_status("1 đã gửi đủ")
    assert held(province) == mine
    assert verified(province) == PHOTOS
    assert {row["state"] for row in rows(one.page, "writes")} == {"landed"}


def one_block(page: Page) -> None:
    """The line is cut behind the first block of the first answer, and is gone then."""
    cut: list[Route] = []

    def handle(route: Route) -> None:
        if cut:
            route.abort()
            return
        cut.append(route)
        lines = route.fetch().text().splitlines(keepends=True)
        ends = next(at for at, line in enumerate(lines) if "cursors" in json.loads(line))
        route.fulfill(status=200, content_type="application/x-ndjson", body="".join(lines[: ends + 1]))

    page.route(SYNC, handle)


@pytest.mark.costly(soak=True, kept_by="tests/api/test_marks.py::test_a_pull_between_pages_is_begun_anew")
def test_a_first_pull_in_which_the_hub_is_restored_is_begun_anew(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """B-2, B-18: what it passed by stood behind it then, and before it in the restored hub.

    The head that says so is enough: the line may break behind it.
    """
    one, two = officer("xa1"), officer("xa2")
    two.offline()
    server = Client(province.world.app.test_client(), province.world.token("xa1"))
    made = records(BLOCK_RECORDS + 2, province.world.units["12286"], province.world.campaign)
    server.sync(*made)
    old = copy_to(province, tmp_path / "old.sqlite")
    first = made[0]
    again = {
        "id": new_id(),
        "at": first["at"] + 1,
        "record": first["id"],
        "set": {"quantity": 9},
        "seen": [first["id"]],
    }
    server.sync(again)
    one.send()
    one_block(two.page)
    two.offline(on=False)
    until(lambda: len(rows(two.page, "records")) == BLOCK_RECORDS)
    put_back(province, old)
    one.send()  # it has seen what stood last, and gives the restore away
    two.page.evaluate(NO_PATIENCE)
    untouched(two.page)
    cut = only_heads(two.page, times=1)
    two.send()
    assert "restored" in json.loads(cut[0])
    assert {row["record"] for row in rows(two.page, "records")} == {row["id"] for row in made}


@pytest.mark.costly
def test_a_phone_that_is_new_since_the_restore_is_told_in_its_first_answer(
    province: Province, browser: Browser, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """B-2, B-18: it has no cursors to let go of, so the news of that answer begin at zero already."""
    one = officer("xa1")
    one.send()
    lose_and_bring_back(province, one, tmp_path / "old.sqlite", SLOGAN)
    assert keyed(one.page, "meta")["restored"] > 0
    with closing(Officer(browser, tmp_path / "new", province.line.url).open()) as two:
        questions = heard(two.page)
        two.enrol(province.world.code("xa2"))
        expect(two.item(SLOGAN)).to_be_visible()
        assert len([question for question in questions if not question["cursors"]]) == 1
        assert keyed(two.page, "meta")["restored"] == keyed(one.page, "meta")["restored"]
