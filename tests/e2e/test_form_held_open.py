"""Units merge, officers move and campaigns end while a form is open: what was typed is kept, and its fate told."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.kept import keyed, rows
from support.browsers.officer import Officer
from support.installation.old_file import held
from support.waiting import until
from support.world.changes import come, leave, merge, status
from support.world.province import Province
from support.world.world import World

pytestmark = pytest.mark.slow
NAME = "Tin đang soạn"


def closed(world: World) -> None:
    status(world, "closed")


def archived(world: World) -> None:
    status(world, "archived")


def merged(world: World) -> None:
    merge(world, "12286", into="12289", with_people=True)


def moved(world: World) -> None:
    come(world, "xa1", "12289")
    leave(world, "xa1")


def hear(one: Officer) -> None:
    """The phone is told what changed, with the form open."""
    before = keyed(one.page, "meta").get("exchanged_at")
    one.offline()
    one.offline(on=False)
    until(lambda: keyed(one.page, "meta").get("exchanged_at") != before)


def save(one: Officer) -> None:
    one.page.get_by_role("button", name="Lưu", exact=True).click()
    expect(one.page.get_by_text("Đã lưu trên máy này.")).to_be_visible()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (closed, True),
        (merged, False),
        pytest.param(closed, False, marks=pytest.mark.costly(soak=True)),
        pytest.param(merged, True, marks=pytest.mark.costly(soak=True)),
    ],
)
@pytest.mark.costly
def test_the_hub_takes_what_was_begun_before(
    province: Province, officer: Callable[[str], Officer], change: Callable[[World], None], told: bool
) -> None:
    """L-4, L-6."""
    one = officer("xa1")
    one.broadcast(NAME, "2021-07-21", "2021-07-30", 2, 15)
    if not told:
        one.offline()
    change(province.world)
    if told:
        hear(one)
        expect(one.page.get_by_label("Tin, bài phát")).to_have_value(NAME)
    save(one)
    one.offline(on=False)
    until(lambda: [row["state"] for row in rows(one.page, "writes")] == ["landed"])
    assert len(held(province)) == 1
    assert [row["view"]["fields"]["script"][0]["value"] for row in rows(one.page, "records")] == [NAME]


@pytest.mark.costly
def test_an_officer_who_moved_without_knowing_is_let_in(province: Province, officer: Callable[[str], Officer]) -> None:
    """L-8, L-10: it is verified, and then it goes with its stream."""
    one = officer("xa1")
    one.broadcast(NAME, "2021-07-21", "2021-07-30", 2, 15)
    one.offline()
    moved(province.world)
    save(one)
    one.offline(on=False)
    until(lambda: len(held(province)) == 1)
    one.send()
    one.expect_status("Không có gì chờ gửi")


@pytest.mark.parametrize(("change", "says"), [(archived, "lưu trữ")])
@pytest.mark.costly
def test_what_the_hub_does_not_take_stays_with_a_sentence(
    province: Province, officer: Callable[[str], Officer], change: Callable[[World], None], says: str
) -> None:
    """L-5, L-8, H-3: the phone knew when it was saved; what was typed is on it to be read, sent again or let go."""
    one = officer("xa1")
    one.broadcast(NAME, "2021-07-21", "2021-07-30", 2, 15)
    change(province.world)
    for _ in range(2):  # told, and then it shows that it knows
        hear(one)
    save(one)
    until(lambda: [row["state"] for row in rows(one.page, "writes")] == ["refused"])
    one.page.goto(f"{one.url}/app/#/record/{rows(one.page, 'writes')[0]['record']}")
    article = one.page.get_by_role("article")
    expect(article).to_contain_text(NAME)
    expect(one.page.get_by_text(re.compile(says)).first).to_be_visible()
    expect(one.page.get_by_role("button", name="Gửi lại", exact=True)).to_be_visible()
    assert held(province) == set()
