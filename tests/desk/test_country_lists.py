"""Lists of a whole country: counted by parts of the tree, and without a walk of it in each statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import and_

from server.core.db import reading
from server.models import Campaign, Stream
from server.services.review import queue, queue_counts, queue_groups, queue_query
from server.services.review.queue_filter import TODO, QueueFilter
from server.services.review.queue_groups import Group
from server.services.review.queue_needs import QueueNeeds
from server.services.units import tree
from server.services.units.scope import Scope
from support.checks.statements import statements
from support.clients.desk import MakeDesk
from support.world import totals
from support.world.world import World

MakePhone = Callable[..., Any]


@pytest.fixture
def written(phone: MakePhone) -> None:
    """A record of each of three communes in two districts, and one of a district's own."""
    places = (("xa1", "12286"), ("nhanla", "12289"), ("dinhcao", "12397"), ("huyen", "331"))
    for who, unit in places:
        officer = phone(who, unit)
        officer.create(quantity=1, slogan="s1")
        officer.sync()


@pytest.mark.usefixtures("written")
def test_units_whose_records_are_alike_are_read_together(world: World) -> None:
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["tinh"])
        campaign = session.get_one(Campaign, world.campaign)
        needs = QueueNeeds(session, scope, campaign, scope.visible())
        streams = Stream.campaign_id == campaign.id
        found = queue_groups.together(session, queue_groups.kept(campaign.id, []), streams, needs.alike)
        near = Scope(session, world.officers["huyen"])
        needs = QueueNeeds(session, near, campaign, near.visible())
        here = and_(streams, Stream.unit_id.in_(near.visible()))
        of_mine = queue_groups.together(session, queue_groups.kept(campaign.id, []), here, needs.alike)
    assert sum(found.values()) == 4
    assert len(found) < 4, "communes of one district are one row"
    assert of_mine[Group(world.units["331"], "waiting", conflicted=False)] == 1, "its own it may not decide on"
    assert sorted(of_mine.values()) == [1, 2]
    assert [sorted(units) for units in scope.alike([world.units["12286"], world.units["12289"]], apart=True)] == [
        [world.units["12286"]],
        [world.units["12289"]],
    ]


@pytest.mark.usefixtures("written")
def test_who_sees_all_units_walks_no_tree_to_find_records(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[tuple[str, int], tuple[int, str]] = {}
    for who in ("tinh", "huyen"):
        one = desk(who)
        for named in (1_000, 0):
            monkeypatch.setattr(tree, "_NAMED", named)  # as if there were so many units
            with statements(world) as sent:
                one.get("/desk/queue?state=all")
            walks = [each for each in sent if "RECURSIVE" in each and "FROM stream" in each.replace("JOIN", "FROM")]
            seen[who, named] = len(walks), one.text
    assert seen["tinh", 0][0] == seen["tinh", 1_000][0]
    assert seen["huyen", 0][0] > seen["huyen", 1_000][0]
    assert {who: seen[who, 0][1] == seen[who, 1_000][1] for who in ("tinh", "huyen")} == {"tinh": True, "huyen": True}


@pytest.mark.databases("both")
def test_what_there_is_to_do_is_counted_without_the_rest(world: World, phone: MakePhone) -> None:
    """Own records, returned ones and conflicts too: a list's length is what the list holds."""
    officer, other, district = phone("xa1"), phone("xa2"), phone("huyen", "331")
    first, _, third = (officer.create(quantity=1, slogan="s1") for _ in range(3))
    district.create(quantity=2, slogan="s1")
    officer.sync(), other.sync(), district.sync()
    officer.edit(third, quantity=5), other.edit(third, quantity=6)
    officer.sync(), other.sync()
    totals.decided(world, first, "returned", "Ghi rõ.")
    seen = {}
    for who in ("tinh", "huyen", "xa1", "quantri"):
        numbers = []
        for ask in (queue.count, lambda *asked: queue.page(*asked).total):
            with world.app.app_context(), reading() as session:
                scope, campaign = Scope(session, world.officers[who]), session.get_one(Campaign, world.campaign)
                numbers.append(ask(session, scope, campaign, QueueFilter(campaign=campaign.id, state=TODO)))
        seen[who], *_ = numbers
        assert numbers[0] == numbers[1], who
    assert seen["xa1"] == 2, "one to complete, one to settle"
    assert seen["huyen"] == 2, "and its own is not its to decide"


@pytest.mark.databases("both")
def test_a_list_counted_in_parts_is_the_list(world: World, phone: MakePhone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page, and how many its reader may decide on, is the same; here a page has three records, a part one unit."""
    for who, unit in (("xa1", "12286"), ("nhanla", "12289"), ("dinhcao", "12397"), ("huyen", "331")):
        officer = phone(who, unit)
        for number in range(1, 5):
            officer.create(quantity=number, slogan="s1")
        officer.sync()
    monkeypatch.setattr(queue_query, "PAGE", 3)
    monkeypatch.setattr(queue, "PAGE", 3)
    asked = [QueueFilter(state=state) for state in ("all", "todo", "unready", "below", "returned", "after_due")]
    asked.append(QueueFilter(state="all", figure="banners", bucket="with_waiting"))

    def listed(who: str, each: QueueFilter) -> list[Any]:
        with world.app.app_context(), reading() as session:
            scope, campaign = Scope(session, world.officers[who]), session.get_one(Campaign, world.campaign)
            page = queue.page(session, scope, campaign, each)
            groups = [(group.unit.id, group.count, [record.id for record in group.records]) for group in page.groups]
            return [
                page.asked,
                page.total,
                page.pages,
                page.counts,
                queue.to_go(session, scope, campaign, page),
                groups,
            ]

    seen: dict[int, list[list[Any]]] = {}
    parts, part = list[int](), queue_counts.QueueCounts.part

    def counted(self: queue_counts.QueueCounts, units: Sequence[str]) -> queue_counts.QueueCounts:
        parts.append(len(units))
        return part(self, units)

    monkeypatch.setattr(queue_counts.QueueCounts, "part", counted)
    for few in (1_000, 0):
        monkeypatch.setattr(queue_query, "FEW", few)
        monkeypatch.setattr(queue_query, "PART", 1)
        pages = [replace(each, page=number) for each in asked for number in (1, 2, 6)]
        seen[few] = [listed(who, each) for who in ("tinh", "huyen") for each in pages]
    assert seen[0] == seen[1_000]
    assert {total for _, total, *_ in seen[0]} >= {0, 4, 8, 16}
    assert {to_go > 0 for *_, to_go, _ in seen[0]} == {True, False}
    assert parts, "the second time they were counted in parts"
