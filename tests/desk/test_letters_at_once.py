"""Several clicks or several officers with one letter open one campaign."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from server.models import (
    Campaign,
)
from server.services.letters import publishing
from support.clients.desk import MakeDesk
from support.letters.desk import at_once, count, previewed, published, uploaded
from support.world.changes import come, split
from support.world.meanwhile import A_MOMENT_S, PATIENCE_S
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
@pytest.mark.databases("both")
def test_three_clicks_at_once_publish_once(world: World, desk: MakeDesk) -> None:
    pages = [desk("tinh") for _ in range(3)]
    uploaded(pages[0])
    at = pages[0].location
    previewed(pages[0])
    for each in pages[1:]:
        each.get(f"{at}?step=preview")
    clicks = [lambda each=each: each.post(each.form("/publish")).status_code for each in pages]
    assert at_once(*clicks) == [303, 303, 303]
    assert {each.location.rpartition("/")[2] for each in pages} == {at.rpartition("/")[2]}
    assert count(world, Campaign) == 3


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_two_officers_with_the_same_letter_open_one_campaign(world: World, desk: MakeDesk) -> None:
    pages = [desk("tinh"), desk("quantri")]
    for each in pages:
        uploaded(each)
        previewed(each)
    assert at_once(*(lambda each=each: each.post(each.form("/publish")).status_code for each in pages)) == [303, 303]
    assert count(world, Campaign) == 3
    assert sum("check=1" in each.location for each in pages) == 1
    second = next(each for each in pages if "check=1" in each.location)
    second.follow()
    assert "Đã có một đợt cùng tên" in second.text


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_campaign_of_a_unit_that_is_split_at_the_same_moment(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The split, which has units and campaigns, does not wait for who has the unit and wants these next."""
    come(world, "xa2", "331", "admin")
    one, there, real = desk("xa2"), threading.Event(), publishing.checked
    uploaded(one)
    previewed(one)

    def slowly(*given: Any) -> Any:
        there.set()
        threading.Event().wait(A_MOMENT_S)
        return real(*given)

    monkeypatch.setattr(publishing, "checked", slowly)
    with ThreadPoolExecutor(1) as other:
        pressed = other.submit(lambda: one.post(one.form("/publish")).status_code)
        assert there.wait(PATIENCE_S)
        with pytest.raises(ValueError, match="busy"):
            split(world, "331", "332=Huyện Kim Bắc", "333", heir="332", below={"12289": "333"})
        assert pressed.result() == 303, one.text


@pytest.mark.slow
@pytest.mark.costly
def test_the_same_letter_twice_is_noticed(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    published(province)
    uploaded(province)
    previewed(province)
    assert province.status == 422
    assert "Đã có một đợt cùng tên" in province.text
    previewed(province, twice="1")
    assert province.status == 200
    province.post(province.form("/publish"))
    assert count(world, Campaign) == 4
