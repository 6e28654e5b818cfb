"""Each phone is given the key of its rescue files: at enrolment, and in the catalogue for those enrolled before."""

from __future__ import annotations

import base64

import pytest

from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def enrol(world: World, username: str) -> dict[str, str]:
    body = {"code": world.code(username), "label": "Máy thử"}
    answer = world.app.test_client().post("/api/v1/enrolment", json=body)
    assert answer.status_code == 201
    found: dict[str, str] = answer.get_json()
    return found


def test_the_key_is_given_at_enrolment_and_again_in_the_catalogue(world: World) -> None:
    one = enrol(world, "xa1")
    assert len(base64.urlsafe_b64decode(one["rescue_key"] + "=")) == 32
    answer = world.app.test_client().get("/api/v1/catalog", headers={"Authorization": f"Bearer {one['token']}"})
    assert answer.get_json()["rescue_key"] == one["rescue_key"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_device_has_a_key_of_its_own(world: World) -> None:
    """R-5"""
    keys = {enrol(world, username)["rescue_key"] for username in ("xa1", "xa1", "xa2")}
    assert len(keys) == 3
