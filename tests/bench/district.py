"""A district on the last day: ten communes, 300 banners, of which 60 have a warning.

Of those, 10 have two values to choose from, 10 have no photo, and 40 came after their commune had sealed its figures.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import update

from bench.hub import Hub
from server.core.db import writing
from server.demo.photo import Scene, shoot
from server.models import Campaign
from support.clients.client import Client, Shot
from support.clients.phone import Phone
from support.jobs.checks import checked
from support.world.changes import seal

COMMUNES, EACH = 10, 30
CONFLICTS, BARE, LATE = 1, 1, 4
"""Of each commune."""
SLOGAN = "Chung tay phòng, chống nạn mua bán người"


def fill(hub: Hub) -> None:
    """Make it, through the interface that phones use."""
    with hub.world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))
    for number in range(COMMUNES):
        _commune(hub, number)
    checked(hub.world)


def _photo(number: int, quantity: int) -> Shot:
    """A photo of its own for each record: the same one twice would be a warning."""
    made = shoot(Scene(f"district {number} {quantity}", SLOGAN, f"UBND xã đo {number}"))
    return Shot(made.photo, made.thumb)


def _commune(hub: Hub, number: int) -> None:
    client = Client(hub.world.app.test_client(), hub.tokens[number])
    one, two = (_phone(hub, number, token) for token in (hub.tokens[number], hub.token(number)))
    photos = [None if quantity <= BARE else _photo(number, quantity) for quantity in range(1, EACH + 1)]
    made = [_banner(one, quantity, photo) for quantity, photo in enumerate(photos[:-LATE], 1)]
    one.sync()
    two.sync()
    for record in made[-CONFLICTS:]:
        one.edit(record, quantity=40)
        two.edit(record, quantity=41)
    one.sync(), two.sync()
    code = f"b{number}"
    hub.world.units[code] = hub.units[number]
    assert seal(hub.world, f"bench{number}", code)
    for quantity, photo in enumerate(photos[-LATE:], 1):
        _banner(one, quantity, photo)
    one.sync()
    for photo in filter(None, photos):
        for sha256, data in ((photo.thumb_sha256, photo.thumb), (photo.sha256, photo.data)):
            assert client.create_upload(sha256, len(data), data).status_code == 201


def _banner(phone: Phone, quantity: int, photo: Shot | None) -> str:
    register = photo.register if photo else {}
    return phone.create(slogan="s1", quantity=quantity, put_up_on="2021-07-20", hamlet=f"Thôn {quantity}", **register)


def _phone(hub: Hub, number: int, token: str) -> Phone:
    client = Client(hub.world.app.test_client(), token)

    def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    return Phone(send, hub.units[number], hub.campaign)
