"""A phone gets the versions of the table of support that were taken over (SPEC F-15)."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.db import reading, writing
from server.services.checklist import regimes, versions
from server.services.units.scope import Scope
from support.clients.client import Client, MakeClient
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def line(most: int, since: str) -> dict[str, Any]:
    law = regimes.laws()[-1]
    row = {**law["benefits"][0], "limits": [{**law["benefits"][0]["limits"][0], "most": most}]}
    return {"law": law["id"], "kind": "benefit", "from": since, "to": "9999-12-31", "row": row}


def stored(world: World, *, most: int, since: str, taken: bool = True) -> str:
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers["quantri"])
        drafted = versions.draft(session, scope, [line(most, since)], f"{most:064x}")
        return (versions.take(session, scope, drafted.id) if taken else drafted).id


def named(one: Client) -> str:
    return str(one.get("/catalog").get_json()["regimes"])


def test_it_has_what_was_taken_over_and_the_catalogue_names_it(world: World, client: MakeClient) -> None:
    one = client("xa1")
    assert (named(one), one.get("/regimes").get_json()) == ("", {"version": "", "lines": []})
    stored(world, most=150, since="2027-01-01", taken=False)
    assert named(one) == "", "a dry run is nobody's"
    before = one.sync()["catalog"]
    first = stored(world, most=180, since="2027-01-01")
    second = stored(world, most=60, since="2028-01-01")
    assert one.sync()["catalog"] != before
    answer = one.get("/regimes")
    body = answer.get_json()
    assert named(one) == body["version"] == second != first
    assert [(each["since"], each["row"]["limits"][0]["most"]) for each in body["lines"]] == [
        ("2027-01-01", 180),
        ("2028-01-01", 60),
    ]
    with world.app.app_context(), reading() as session:
        assert [each["row"] for each in body["lines"]] == [each.row for each in versions.in_force(session)]
    assert one.get("/regimes", {"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert Client(one.http, "no token").get("/regimes").status_code == 401
