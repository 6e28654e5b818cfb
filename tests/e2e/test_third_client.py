"""Whoever has SPEC.md and the interface's document can write a client, without SERVER.md: one did, against the
server as it is run.
"""

from __future__ import annotations

import itertools
from contextlib import closing
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from sqlalchemy import select

from server.core.db import reading
from server.models import Photo, Record, Stream, WriteRow
from support.clients.client import shot
from support.clients.third_client import Cut, ThirdClient
from support.installation.ports import LOOPBACK
from support.waiting import until
from support.world.province import Province
from support.world.workload import records

pytestmark = [
    pytest.mark.served,
    pytest.mark.parametrize("province", [pytest.param("sqlite", marks=pytest.mark.long), "postgresql"], indirect=True),
]


def enrolled(province: Province, username: str) -> ThirdClient:
    client = ThirdClient(LOOPBACK, province.line.port)
    client.enrol(province.world.code(username), "máy thứ ba")
    return client


def on_the_hub(province: Province) -> dict[str, Any]:
    """By record and field the surviving values by the ids of their writes."""
    with province.world.app.app_context(), reading() as session:
        wanted = Stream.unit_id == province.world.units["12286"]
        rows = session.execute(select(Record.id, Record.survivors).join(Stream).where(wanted)).all()
        sets: dict[str, Any] = {row.id: row.set for row in session.execute(select(WriteRow.id, WriteRow.set))}
    return {id_: {f: {w: sets[w][f] for w in ids} for f, ids in alive.items()} for id_, alive in rows}


def patiently(client: ThirdClient, province: Province, times: int = 60) -> int:
    """Sync until it is through; how often the line broke."""
    for broken in itertools.count():
        assert broken < times
        try:
            client.sync()
        except Cut:
            province.line.restore()
        else:
            return broken
    raise AssertionError


def brings_its_photos(client: ThirdClient, province: Province) -> bool:
    """Sync once where a photo is not verified; True when none is left."""
    if client.photos:
        patiently(client, province)
    return not client.photos


@pytest.mark.costly
def test_a_day_of_two_third_clients(province: Province) -> None:
    """X-1 to X-22, P-1 to P-8: record, lose answers, conflict, settle, photo, cuts; all hold what the hub holds."""
    with closing(enrolled(province, "xa1")) as one, closing(enrolled(province, "xa2")) as two:
        a_day(province, one, two)


def a_day(province: Province, one: ThirdClient, two: ThirdClient) -> None:
    unit, campaign = province.world.units["12286"], province.world.campaign
    made = [one.create("banner", unit, campaign, **row["set"]) for row in records(250, unit, campaign)]
    province.line.drop_answers()
    assert patiently(one, province) == 1
    assert one.heard[0]["asked"]["known"], "the push had arrived, and the client asked"
    assert (one.outbox, one.refused, len(one.records)) == ([], {}, 250)

    province.line.cut_after(down=12_000)
    assert patiently(two, province) == 1
    told = [change["record"] for row in _blocks(two) for change in row["changes"]]
    assert sorted(told) == sorted(made), "each came once, whatever was cut"

    one.edit(made[0], quantity=5)
    two.edit(made[0], quantity=7)
    two.edit(made[1], note="trước nhà văn hóa")
    for each in (one, two, one):
        patiently(each, province)
    assert set(one.shown(made[0])["quantity"].values()) == {5, 7}
    two.edit(made[0], quantity=7)
    photo = shot()
    two.add_photo(made[1], photo.data, photo.thumb, 640, 480)
    province.line.cut_after(up=len(photo.thumb) + len(photo.data) // 2)
    assert patiently(two, province) >= 1
    # While the server still reads what was cut, the upload is locked (423); a later sync brings the photo.
    until(lambda: brings_its_photos(two, province))
    patiently(one, province)

    held = on_the_hub(province)
    assert one.records == two.records == held
    assert held[made[0]]["quantity"] == {two.own[-2]["id"]: 7}
    with province.world.app.app_context(), reading() as session:
        assert session.get_one(Photo, photo.sha256).state == "verified"
    _check(province, [*one.heard, *two.heard])


def _blocks(client: ThirdClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    changes: list[Any] = []
    for line in client.heard:
        if "results" in line:
            changes = []
        elif "record" in line:
            changes.append(line)
        elif "cursors" in line:
            found.append({"changes": changes})
            changes = []
    return [row for row in found if row["changes"]]


def _check(province: Province, lines: list[dict[str, Any]]) -> None:
    """Every line is what the interface's document says."""
    document = province.world.app.test_client().get("/api/v1/openapi.json").get_json()
    answer = document["paths"]["/api/v1/sync"]["post"]["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    assert len(answer["items"]["oneOf"]) == 3
    for line in lines:
        name = "HeadOut" if "results" in line else "ChangeOut" if "record" in line else "CursorsOut"
        OAS31Validator({"$ref": f"#/components/schemas/{name}", **document}).validate(line)
