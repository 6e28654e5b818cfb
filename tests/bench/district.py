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
        _commune(hub, number, _photo(number))


def _photo(number: int) -> Shot:
    made = shoot(Scene(f"district {number}", SLOGAN, f"UBND xã đo {number}"))
    return Shot(made.photo, made.thumb)


def _commune(hub: Hub, number: int, photo: Shot) -> None:
    client = Client(hub.world.app.test_client(), hub.tokens[number])
    one, two = (_phone(hub, number, token) for token in (hub.tokens[number], hub.token(number)))
    made = [
        _banner(one, quantity, {} if quantity <= BARE else photo.register) for quantity in range(1, EACH - LATE + 1)
    ]
    one.sync()
    for sha256, data in ((photo.thumb_sha256, photo.thumb), (photo.sha256, photo.data)):
        assert client.create_upload(sha256, len(data), data).status_code == 201
    two.sync()
    for record in made[-CONFLICTS:]:
        one.edit(record, quantity=40)
        two.edit(record, quantity=41)
    one.sync(), two.sync()
    code = f"b{number}"
    hub.world.units[code] = hub.units[number]
    assert seal(hub.world, f"bench{number}", code)
    for quantity in range(LATE):
        _banner(one, quantity + 1, photo.register)
    one.sync()


def _banner(phone: Phone, quantity: int, photo: dict[str, Any]) -> str:
    return phone.create(slogan="s1", quantity=quantity, put_up_on="2021-07-20", hamlet=f"Thôn {quantity}", **photo)


def _phone(hub: Hub, number: int, token: str) -> Phone:
    client = Client(hub.world.app.test_client(), token)

    def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    return Phone(send, hub.units[number], hub.campaign)
