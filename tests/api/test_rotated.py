"""After a new key: what the older one made is valid, what is made from then on is the new one's."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.clock import new_id
from server.core.db import reading, writing
from server.core.keyring import FIRST, Purpose
from server.core.secrets_at_rest import code_hash, rescue_key_text
from server.models import EnrolmentCode
from server.services.continuity import marks
from support.clients.client import Client
from support.clients.teller import banner
from support.installation.restored import Hub
from support.installation.rotated import rotated, without_first
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def enrol(world: World, code: str, nonce: str | None = None) -> tuple[int, dict[str, Any]]:
    body = {"code": code, "label": "Máy thử"} | ({"nonce": nonce} if nonce else {})
    answer = world.app.test_client().post("/api/v1/enrolment", json=body)
    return answer.status_code, answer.get_json()


def catalogue(world: World, token: str) -> dict[str, Any]:
    found: dict[str, Any] = Client(world.app.test_client(), token).get("/catalog").get_json()
    return found


def stored_with(world: World, code: str) -> str:
    """The id of the key that hashed a code."""
    with world.app.app_context(), reading() as session:
        keys = world.keyring.all(Purpose.CODES)
        (found,) = [key.id for key in keys if session.get(EnrolmentCode, code_hash(code, key))]
        return found


def test_a_code_printed_before_enrols_after(world: World) -> None:
    """ID-4, ID-5: also when the answer is lost; a phone made from then on seals with the new key."""
    code, nonce = world.code("xa1"), new_id()
    with rotated(world) as after:
        assert stored_with(after, code) == FIRST
        assert stored_with(after, after.code("xa2")) == after.keyring.secrets[-1].id
        status, one = enrol(after, code, nonce)
        assert status == 201
        assert enrol(after, code, nonce) == (201, one)
        assert one["rescue_key"] == rescue_key_text(one["device"], after.keyring.current(Purpose.RESCUE))
        assert Client(after.app.test_client(), one["token"]).get("/catalog").status_code == 200
        assert enrol(after, code, new_id())[0] == 403


def test_an_answer_lost_before_is_given_again_after(world: World) -> None:
    """ID-4: the token is that which the phone would have had; what it held goes on working."""
    code, nonce = world.code("xa1"), new_id()
    _, before = enrol(world, code, nonce)
    with rotated(world) as after:
        status, again = enrol(after, code, nonce)
        assert (status, again["token"], again["device"]) == (201, before["token"], before["device"])
        assert catalogue(after, before["token"])["etag"]


def test_the_catalogue_brings_the_new_rescue_key(world: World) -> None:
    """R-5: a phone of before hears of it with its next exchange, as of any change."""
    _, one = enrol(world, world.code("xa1"))
    before = catalogue(world, one["token"])
    assert before["rescue_key"] == one["rescue_key"]
    with rotated(world) as after:
        now = catalogue(after, one["token"])
        assert now["rescue_key"] == rescue_key_text(one["device"], after.keyring.current(Purpose.RESCUE))
        assert now["rescue_key"] != before["rescue_key"]
        assert now["etag"] != before["etag"]
        told = Client(after.app.test_client(), one["token"]).post("/sync", json={"writes": [], "cursors": []})
        assert told.get_json()["catalog"] == now["etag"]


def test_of_a_retired_key_nothing_is_known(world: World) -> None:
    """Tokens are random to the server: phones that enrolled go on."""
    open_code, used, nonce = world.code("xa1"), world.code("xa2"), new_id()
    _, before = enrol(world, used, nonce)
    with without_first(world) as after:
        assert enrol(after, open_code)[0] == 403
        assert enrol(after, used, nonce)[0] == 403
        assert catalogue(after, before["token"])["rescue_key"] != before["rescue_key"]


def test_cursors_given_before_are_known_and_given_anew(hub: Hub) -> None:
    """C-5, C-6: nobody pulls or sends again."""
    one = hub.teller("xa1")
    one.ask(banner(hub.world.units["12286"], hub.world.campaign))
    one.sync()
    before = {(told["unit"], told["campaign"]): told for told in one.said["cursors"]}
    with rotated(hub.world) as hub.world:
        answer = one.send()
        assert answer["changes"] == []
        moved = {(told["unit"], told["campaign"]): told for told in answer["cursors"] if told["position"]}
        assert moved
        for place, told in moved.items():
            old = before[place]
            assert (told["reset"], told["tag"][:8]) == (False, old["tag"][:8])
            assert told["tag"][8:] != old["tag"][8:]
        assert hub.told() == []


@pytest.mark.parametrize("retired", [False, True])
def test_a_cursor_of_an_older_key_proves_a_restore_until_that_is_retired(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, retired: bool
) -> None:
    """B-12"""
    monkeypatch.setattr(marks, "last", lambda _: None)  # cursors alone can tell
    one = hub.phone("xa1")
    one.create(quantity=1)
    one.sync(), one.sync()
    moment = hub.moment()
    one.create(quantity=2)
    one.sync(), one.sync()
    with (without_first if retired else rotated)(hub.world) as hub.world:
        with hub.world.app.app_context(), writing() as session:
            moment.put_back(session)
        one.sync()
        assert len(hub.told()) == (0 if retired else 1)
        one.sync()
        assert len(one.records) == 2, "nothing is lost in either case"
