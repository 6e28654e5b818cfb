"""Ways in: codes, tokens, the catalogue."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.clock import new_id, now_ms
from server.core.db import writing
from server.core.keyring import Purpose
from server.core.secrets_at_rest import EARLIER_TOKEN_BYTES, token_for, token_hash
from server.models import Device, EnrolmentCode, Unit
from server.models.installation import lock_catalog
from server.services.access import devices as ways_in
from server.serving.installation import installed
from support.clients.client import Client, MakeClient
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def enrol(world: World, code: str, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = world.app.test_client().post("/api/v1/enrolment", json={"code": code, "label": "Máy của xã", **more})
    return answer.status_code, answer.get_json()


def test_a_code_serves_once(world: World) -> None:
    code = world.code("xa1")
    status, body = enrol(world, f"{code[:4]} {code[4:]}")
    assert status == 201
    assert body["officer"] == world.officers["xa1"]
    assert Client(world.app.test_client(), body["token"]).get("/catalog").status_code == 200
    assert enrol(world, code)[1]["code"] == "bad_code"


@pytest.mark.databases("both")
def test_an_enrolment_whose_answer_was_lost_is_answered_again(world: World) -> None:
    """ID-4: to the phone that sent it and to nobody else; there is one device, whichever answer arrives."""
    old = enrol(world, world.code("xa1"))[1]["token"]
    code, nonce = world.code("xa1"), new_id()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: enrol(world, code, nonce=nonce), range(4)))
    status, first = answers[0]
    assert (status, answers) == (201, [(201, first)] * 4)
    assert Client(world.app.test_client(), first["token"]).sync()["cursors"]
    for other in ({"nonce": new_id()}, {}, {"nonce": None}):
        assert enrol(world, code, **other)[1]["code"] in ("bad_code", "malformed")
    assert enrol(world, code, nonce=nonce) == (201, first)
    with world.app.app_context(), writing() as session:
        devices = session.scalars(select(Device).where(Device.officer_id == world.officers["xa1"])).all()
        assert len(devices) == 2
        assert {device.replaced_at is None for device in devices if device.id != first["device"]} == {False}
        assert ways_in.device_of(session, old) is not None
        session.execute(update(EnrolmentCode).values(expires_at=now_ms() - 1))
    assert enrol(world, code, nonce=nonce)[1]["code"] == "bad_code"


def test_a_revoked_phone_is_not_answered_again(world: World) -> None:
    """ID-4, L-7."""
    code, nonce = world.code("xa1"), new_id()
    first = enrol(world, code, nonce=nonce)[1]
    with world.app.app_context(), writing() as session:
        session.get_one(Device, first["device"]).revoked_at = now_ms()
    assert enrol(world, code, nonce=nonce)[1]["code"] == "bad_code"


def test_an_answer_that_was_lost_before_tokens_were_shorter_is_given_again(world: World) -> None:
    """ID-4: across the upgrade, with the token that the phone's device has."""
    code, nonce = world.code("xa1"), new_id()
    device = enrol(world, code, nonce=nonce)[1]["device"]
    key = installed(world.app).keyring.current(Purpose.TOKENS)
    earlier = token_for(device, nonce, key, EARLIER_TOKEN_BYTES)
    with world.app.app_context(), writing() as session:
        session.get_one(Device, device).token_hash = token_hash(earlier)
    status, again = enrol(world, code, nonce=nonce)
    assert (status, again["device"], again["token"]) == (201, device, earlier)


def test_another_code_is_another_device_whatever_the_nonce(world: World) -> None:
    """ID-4: one nonce, two codes: two devices, two tokens, and the first replaced."""
    nonce = new_id()
    one, two = (enrol(world, world.code("xa1"), nonce=nonce)[1] for _ in range(2))
    assert one["device"] != two["device"]
    assert one["token"] != two["token"]
    assert Client(world.app.test_client(), one["token"]).sync()["cursors"] == []


def test_a_code_is_void_after_72_hours_and_when_a_new_one_is_made(world: World) -> None:
    old, code = world.code("xa1"), world.code("xa1")
    assert enrol(world, old)[0] == 403
    with world.app.app_context(), writing() as session:
        session.execute(update(EnrolmentCode).values(expires_at=now_ms() - 1))
    assert enrol(world, code)[0] == 403


def test_a_new_phone_replaces_the_old_which_may_only_hand_in(world: World) -> None:
    old = Client(world.app.test_client(), enrol(world, world.code("xa1"))[1]["token"])
    assert old.sync()["cursors"]
    new = Client(world.app.test_client(), enrol(world, world.code("xa1"))[1]["token"])
    told = old.sync()
    assert (told["cursors"], told["replaced"]) == ([], True)
    id_ = "A" * 16
    head = {"kind": "banner", "unit": world.units["12286"], "campaign": world.campaign}
    assert old.result({"id": id_, "at": 1, **head, "set": {"note": "còn trong máy cũ"}})[0] == "stored"
    told = new.sync()
    assert [change["record"] for change in told["changes"]] == [id_]
    assert "replaced" not in told


def test_a_replaced_phone_reads_no_photos(world: World) -> None:
    old = Client(world.app.test_client(), enrol(world, world.code("xa1"))[1]["token"])
    enrol(world, world.code("xa1"))
    path = f"/records/{'A' * 16}/photos/{'0' * 16}/full"
    assert old.get(path).get_json()["code"] == "forbidden"
    assert old.get("/catalog").status_code == 200


def test_a_revoked_device_is_out_at_once(world: World, client: MakeClient) -> None:
    one = client("xa1")
    assert one.get("/catalog").status_code == 200
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).values(revoked_at=now_ms()))
    answer = one.post("/sync", json={})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_the_catalogue_and_its_etag(world: World, client: MakeClient) -> None:
    """X-43."""
    one = client("xa1")
    first = one.get("/catalog")
    body = first.get_json()
    assert [unit["name"] for unit in body["units"]] == ["Xã Chính Nghĩa"]
    assert body["units"][0]["contact"]["name"] == "Người duyệt huyện Kim Động"
    assert [campaign["practice"] for campaign in body["campaigns"]] == [False, True]
    names = ["banner", "broadcast", "panel", "leaflet", "mobile", "event", "media"]
    assert [kind["kind"] for kind in body["kinds"]] == [*names, "plan"]
    assert body["campaigns"][0]["kinds"] == names
    assert one.sync()["catalog"] == body["etag"]
    assert one.get("/catalog", {"If-None-Match": first.headers["ETag"]}).status_code == 304
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, world.units["12286"]).hamlets = ["Thôn mới"]
    assert one.get("/catalog", {"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_district_officer_pulls_only_its_own_unit(world: World, client: MakeClient) -> None:
    """C-3: the phone of a district records the district's own; communes are looked at from the desk."""
    commune = client("xa1")
    head = {"kind": "broadcast", "campaign": world.campaign}
    assert (
        commune.result({"id": "A" * 16, "at": 1, **head, "unit": world.units["12286"], "set": {"note": "x"}})[0]
        == "stored"
    )
    district = client("huyen")
    assert {cursor["unit"] for cursor in district.sync()["cursors"]} == {world.units["331"]}
    assert district.sync()["changes"] == []
    assert (
        district.result({"id": "B" * 16, "at": 1, **head, "unit": world.units["331"], "set": {"note": "y"}})[0]
        == "stored"
    )


def test_answers_are_packed_as_asked(client: MakeClient) -> None:
    """X-27."""
    one = client("xa1")
    assert one.get("/catalog", {"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    assert one.get("/catalog", {"Accept-Encoding": "br, gzip"}).headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in one.get("/catalog").headers
