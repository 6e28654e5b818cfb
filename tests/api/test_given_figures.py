"""L-2 from a phone: what a unit would confirm, then the statement, as at the desk."""

from __future__ import annotations

from server.core.db import writing
from server.services.recovery import restores
from support.clients.client import MakeClient
from support.clients.phone import MakePhone
from support.world import changes
from support.world.world import World

STRANGERS = ("nhanla", "dinhcao", "phucu")


def test_a_unit_gives_its_figures_in_from_a_phone(world: World, phone: MakePhone, client: MakeClient) -> None:
    one, calling = phone("xa1"), client("xa1")
    path = f"/figures/{world.campaign}/{world.units['12286']}"
    refused = calling.post(path, json={"shown": {}})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_submitted")
    one.create(quantity=3)
    one.sync()
    sheet = calling.get(path).get_json()
    assert (sheet["submitted"], sheet["fresh"], sheet["sealed_at"]) == (1, True, None)
    waits = {"code": "banners", "counted": 0, "waiting": 3, "returned": 0, "nil": False, "answer": "amount"}
    assert waits in sheet["figures"]
    assert "banner_metres" not in {each["code"] for each in sheet["figures"]}, "no length is no 0"
    late = one.create(quantity=1)
    one.sync()
    assert calling.post(path, json={"shown": sheet["shown"]}).json == {"sealed": True}
    assert calling.post(path, json={"shown": sheet["shown"]}).json == {"sealed": False}, "sent twice, it counts once"
    assert changes.lines(world) == (1, None), "what the page showed, not what came meanwhile"
    one.sync()
    assert one.late(late)
    after = calling.get(path).get_json()
    assert (after["fresh"], after["sealed_by"] != "", after["sealed_at"] is not None) == (True, True, True)


def test_who_does_not_say_what_it_saw_confirms_nothing_after_a_restore(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    """X-63: other entries may stand at these positions."""
    one, calling = phone("xa1"), client("xa1")
    path = f"/figures/{world.campaign}/{world.units['12286']}"
    one.create(quantity=3)
    one.sync()
    shown = calling.get(path).get_json()["shown"]
    with world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    refused = calling.post(path, json={"shown": shown})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "seal_again")
    assert changes.lines(world) == (None, None)


def test_nobody_gives_in_the_figures_of_others(world: World, phone: MakePhone, client: MakeClient) -> None:
    one = phone("xa1")
    one.create(quantity=3)
    one.sync()
    path = f"/figures/{world.campaign}/{world.units['12286']}"
    shown = client("xa1").get(path).get_json()["shown"]
    for who in STRANGERS:
        assert client(who).get(path).status_code == 404
        assert client(who).post(path, json={"shown": shown}).status_code == 404
    refused = client("huyen").post(path, json={"shown": shown})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden"), "on behalf only at the desk"
    assert changes.lines(world) == (None, None)
