"""Every refused write has its code, and stops nothing else (SPEC X-2, X-3, X-5, G6)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from server.core.clock import new_id
from server.core.db import writing
from server.services.campaigns.lifecycle import set_status
from support.clients.client import MakeClient
from support.world.world import World
from sync.errors import CODES


def create(world: World, **more: Any) -> dict[str, Any]:
    fields = {"submitted": True, **more.pop("set", {})}
    id_ = new_id()
    unit, campaign = world.units["12286"], world.campaign
    return {"id": id_, "at": 1, "kind": "banner", "unit": unit, "campaign": campaign, "set": fields, **more}


BAD: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "unknown kind": ({"kind": "parade"}, "unknown_kind", None),
    "unknown unit": ({"unit": "A" * 16}, "unknown_unit", None),
    "unknown campaign": ({"campaign": "A" * 16}, "unknown_campaign", None),
    "text where a number belongs": ({"set": {"quantity": "ba"}}, "wrong_type", "quantity"),
    "true where a number belongs": ({"set": {"quantity": True}}, "wrong_type", "quantity"),
    "a day that is none": ({"set": {"put_up_on": "2021-02-30"}}, "wrong_type", "put_up_on"),
    "a place without accuracy": ({"set": {"place": {"lat_e6": 1, "lon_e6": 1}}}, "wrong_type", "place"),
    "a list": ({"set": {"note": ["x"]}}, "wrong_type", "note"),
    "an object in an object": ({"set": {"place": {"a": {"b": 1}}}}, "wrong_type", "place"),
    "over-long text": ({"set": {"hamlet": "x" * 201}}, "too_long", "hamlet"),
    "a lone surrogate": ({"set": {"note": "a\ud800b"}}, "bad_text", "note"),
    "NUL": ({"set": {"note": "a\x00b"}}, "bad_text", "note"),
    "a fraction": ({"set": {"quantity": 1.5}}, "bad_number", "quantity"),
    "2^63": ({"set": {"quantity": 2**63}}, "bad_number", "quantity"),
    "a bad field name": ({"set": {"Tên": 1}}, "bad_write", "Tên"),
    "a photo that is no object": ({"set": {"photos/" + "0" * 16: "x"}}, "wrong_type", "photos/" + "0" * 16),
    "deleted that is no mark": ({"set": {"deleted": False}}, "wrong_type", "deleted"),
    "a bad id in seen": ({"seen": ["x"]}, "bad_write", "seen"),
    "a clock that is no number": ({"at": "now"}, "bad_write", "at"),
    "too many fields": ({"set": {f"f{n}": n for n in range(257)}}, "too_many_fields", None),
    "too many times of airings": (
        {"set": {f"aired_at/{date(2021, 1, 1) + timedelta(n):%Y%m%d}": "05:30" for n in range(257)}},
        "too_many_fields",
        None,
    ),
    "too large": ({"set": {f"note{n}": "đ" * 9000 for n in range(4)}}, "write_too_large", None),
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", BAD)
def test_a_bad_write_is_refused_alone(world: World, client: MakeClient, name: str) -> None:
    """W-11, W-12, X-29, F-9."""
    changes, code, field = BAD[name]
    good, bad, also_good = create(world), create(world, **changes), create(world)
    results = client("xa1").sync(good, bad, also_good)["results"]
    assert [row["result"] for row in results] == ["stored", "refused", "stored"]
    assert (results[1]["code"], results[1].get("field")) == (code, field)
    assert results[1]["detail"] == CODES[code].vi


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("raw", [None, 7, "x", [], {}, {"id": "x"}, {"id": "A" * 16, "at": 1, "set": {}}])
def test_what_is_no_write_is_refused(client: MakeClient, raw: Any) -> None:
    assert client("xa1").result(raw)[:2] == ("refused", "bad_write")


@pytest.mark.databases("sqlite")
def test_five_thousand_digits_fail_one_write_only(world: World, client: MakeClient) -> None:
    good, bad = create(world), create(world, set={"quantity": 12345})
    text = json.dumps({"writes": [bad, good]}).replace("12345", "9" * 5000)
    results = client("xa1").post("/sync", data=text).get_json()["results"]
    assert [(row["result"], row.get("code")) for row in results] == [("refused", "bad_number"), ("stored", None)]


def test_nfd_text_is_normalised(world: World, client: MakeClient) -> None:
    """W-9: the same word typed on another phone is the same value, and a repeat in either form is a repeat."""
    write = create(world, set={"note": "Chi\u0301nh Nghi\u0303a "})
    one = client("xa1")
    assert one.result(write)[0] == "stored"
    assert one.result({**write, "set": {**write["set"], "note": "Chính Nghĩa"}})[0] == "stored"
    told = one.sync()["changes"][0]["writes"][0]["set"]["note"]
    assert told == "Chính Nghĩa"


def test_a_foreign_unit_is_refused(world: World, client: MakeClient) -> None:
    assert client("nhanla").result(create(world))[:2] == ("refused", "foreign_unit")
    assert client("phucu").result(create(world))[:2] == ("refused", "foreign_unit")


def test_an_archived_campaign_is_refused_and_a_closed_one_is_not(world: World, client: MakeClient) -> None:
    one, write = client("xa1"), create(world)
    with world.app.app_context(), writing() as session:
        set_status(session, world.campaign, "archived")
    assert one.result(write)[:2] == ("refused", "archived")
    with world.app.app_context(), writing() as session:
        set_status(session, world.campaign, "closed")
    assert one.result(write)[0] == "stored", "X-3: a refusal stores nothing, sent again it is judged anew"


def test_the_same_id_with_other_content_is_refused(world: World, client: MakeClient) -> None:
    """X-3."""
    one, write = client("xa1"), create(world, set={"quantity": 1})
    assert one.result(write)[0] == "stored"
    assert one.result({**write, "set": {"quantity": 2, "submitted": True}})[:2] == ("refused", "id_reused")
    assert one.result({**write, "set": {"quantity": True, "submitted": True}})[:2] == ("refused", "id_reused")
    assert one.result({**write, "kind": "broadcast"})[:2] == ("refused", "id_reused")
    assert one.result(write)[0] == "stored"


def test_an_edit_without_its_create_waits(world: World, client: MakeClient) -> None:
    """X-5."""
    one, made = client("xa1"), create(world)
    edit = {"id": new_id(), "at": 2, "record": made["id"], "set": {"note": "x"}, "seen": []}
    assert one.result(edit)[:2] == ("later", "create_missing")
    assert [row["result"] for row in one.sync(made, edit)["results"]] == ["stored", "stored"]


def test_the_33rd_side_is_refused(world: World, client: MakeClient) -> None:
    one, made = client("xa1"), create(world, set={"note": "0"})
    edits = [{"id": new_id(), "at": n, "record": made["id"], "set": {"note": str(n)}} for n in range(1, 34)]
    results = one.sync(made, *edits)["results"]
    assert [row["result"] for row in results] == ["stored"] * 32 + ["refused"] * 2
    assert results[-1]["code"] == "too_many_sides"


def test_an_unknown_field_is_kept(world: World, client: MakeClient) -> None:
    """S-11."""
    one = client("xa1")
    one.sync(create(world, set={"from_a_newer_app": {"a": 1}}))
    assert client("xa2").sync()["changes"][0]["writes"][0]["set"]["from_a_newer_app"] == {"a": 1}
