"""What phones and desk did when an exchange was recorded; ids are counted, so that a file is equal each time."""

from __future__ import annotations

import itertools
from typing import Any

from support.clients.phone import Phone
from support.clients.recorded import Wire


def _phones(wire: Wire) -> tuple[Phone, Phone]:
    numbers = itertools.count(1)

    def phone(who: str) -> Phone:
        def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            return wire.send(who, body)

        made = Phone(send, wire.world.units["12286"], wire.world.campaign)
        made.client.draw = lambda: f"{next(numbers):016}"
        return made

    return phone("xa1"), phone("xa2")


def two_people(wire: Wire) -> None:
    """A first push and pull, different fields, the same field, settling, delete against edit, undelete."""
    one, two = _phones(wire)
    banner = one.create(slogan="s1", quantity=3, note="cổng chợ")
    one.create("broadcast", script="Tin về mua bán người", minutes=5)
    one.sync(), two.sync()
    one.edit(banner, quantity=5)
    two.edit(banner, note="trước nhà văn hóa")
    one.sync(), two.sync(), one.sync()
    one.edit(banner, quantity=6)
    two.edit(banner, quantity=7)
    one.sync(), two.sync(), one.sync()
    two.edit(banner, quantity=7)
    two.sync(), one.sync()
    one.delete(banner)
    two.edit(banner, note="còn treo")
    one.sync(), two.sync(), one.sync()
    two.edit(banner, deleted=None)
    two.sync(), one.sync()


def odd_writes(wire: Wire) -> None:
    """One bad write never affects another: each answer was one that a phone of then understood."""
    one, _ = _phones(wire)
    head = {"kind": "banner", "unit": wire.world.units["12286"], "campaign": wire.world.campaign}
    elsewhere = head | {"unit": wire.world.units["12397"]}
    good = {"id": "g" * 16, "at": 1, **head, "set": {"quantity": 1, "a_newer_field": {"x": 1}}}
    writes = [
        good,
        {"id": "a" * 16, "at": 1, **head, "set": {"hamlet": "x" * 500}},
        {"id": "b" * 16, "at": 1, **head, "set": {"quantity": "ba"}},
        {"id": "c" * 16, "at": 1, **head | {"kind": "poster"}, "set": {"quantity": 1}},
        {"id": "d" * 16, "at": 1, **elsewhere, "set": {"quantity": 1}},
        {"id": "e" * 16, "at": 1, "record": "n" * 16, "set": {"quantity": 1}},
        {"id": "f" * 16, "at": 1, "record": "g" * 16, "set": {"note": "sau"}, "seen": ["g" * 16]},
        good | {"set": {"quantity": 2}},
        {"id": "h" * 16, "at": 1, "record": "g" * 16, "set": {}},
        None,
    ]
    for _ in (1, 2):  # the second time as after a lost answer
        one.send({"app": 3, "cursors": [], "writes": writes, "photos": []})


def judged(wire: Wire) -> None:
    """Decisions come with the pull; an own edit amends one."""
    one, two = _phones(wire)
    record = one.create(quantity=2)
    one.sync(), two.sync()
    wire.judge(record, "returned", "ảnh mờ")
    one.sync(), two.sync()
    one.edit(record, quantity=4)
    one.sync()
    wire.judge(record, "counted", "")
    one.sync(), two.sync()


def pages(wire: Wire) -> None:
    """A first pull of more than a page, and an edit that moved behind the page."""
    one, two = _phones(wire)
    made = [one.create(quantity=number) for number in range(203)]
    one.sync()
    two.apply(two.send(two.body())[1])
    one.edit(made[3], note="giữa hai trang")
    one.sync(), two.sync()


def restored(wire: Wire) -> None:
    """A server that does not know a phone's cursor says so and sends everything again."""
    one, _ = _phones(wire)
    one.create(quantity=1)
    one.sync()
    for cursor in one.cursors.values():
        cursor["tag"] = "another database"
    one.sync()


def photos(wire: Wire) -> None:
    """Hashes announced and asked for; one that nobody announced is ignored."""
    one, _ = _phones(wire)
    value: dict[str, Any] = {"size_bytes": 9, "width": 4, "height": 3, "type": "image/jpeg", "thumb_size_bytes": 5}
    full, thumb = "ab" * 32, "cd" * 32
    register = value | {"sha256": full, "thumb_sha256": thumb, "taken_at": 1_627_000_000_000, "source": "camera"}
    added: dict[str, Any] = {f"photos/{full[:16]}": register}
    one.create(**added)
    one.send(one.body() | {"photos": [full, thumb, "ef" * 32]})


STORIES = {story.__name__: story for story in (two_people, odd_writes, judged, pages, restored, photos)}
