"""Several clicks or several officers with one letter open one campaign."""

from __future__ import annotations

import pytest

from server.models import (
    Campaign,
)
from support.letters.desk import MakeDesk, at_once, count, previewed, published, uploaded
from support.world.world import World

pytestmark = pytest.mark.sqlite_first


@pytest.mark.slow
@pytest.mark.both_databases
def test_three_clicks_at_once_publish_once(world: World, desk: MakeDesk) -> None:
    pages = [desk("tinh") for _ in range(3)]
    uploaded(pages[0])
    at = pages[0].location
    previewed(pages[0])
    for each in pages[1:]:
        each.get(f"{at}/preview")
    clicks = [lambda each=each: each.post(each.form("/publish")).status_code for each in pages]
    assert at_once(*clicks) == [303, 303, 303]
    assert {each.location.rpartition("/")[2] for each in pages} == {at.rpartition("/")[2]}
    assert count(world, Campaign) == 3


@pytest.mark.slow
@pytest.mark.both_databases
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
