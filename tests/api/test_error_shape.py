"""One error form on every route: RFC 9457 from the table, whatever is asked (one test over all of them)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.clients.client import Client
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")

KEYS = {"type", "title", "status", "code", "detail"}


def paths(world: World) -> list[str]:
    rules = [rule.rule for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    return [rule.replace("<", "x").replace(">", "") for rule in rules]


def test_every_route_answers_errors_in_one_form(world: World) -> None:
    client = world.app.test_client()
    seen = set()
    for path in paths(world):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = client.open(path, method=method, data=b"{", content_type="application/json")
            if answer.status_code < 400:
                continue
            assert answer.content_type == "application/problem+json", (method, path)
            body = answer.get_json()
            assert set(body) >= KEYS
            row = CODES[body["code"]]
            assert (body["status"], body["detail"]) == (answer.status_code, row.vi)
            if answer.status_code == 405:
                assert answer.headers["Allow"]
            seen.add(answer.status_code)
    assert seen >= {400, 401, 405}


def test_without_a_token_nothing_is_told(world: World) -> None:
    """Every route but those that say so asks for a device."""
    open_to_all = {"/api/v1/health", "/api/v1/enrolment", "/api/v1/openapi.json"}
    client = world.app.test_client()
    for rule in world.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/") or rule.rule in open_to_all:
            continue
        for method in (rule.methods or set()) & {"GET", "POST", "PATCH"}:
            path = rule.rule.replace("<", "x").replace(">", "").replace("xsize", "full").replace("xkey", "0" * 16)
            answer = client.open(path, method=method, json={})
            assert answer.get_json()["code"] == "unauthenticated", (method, path)


def test_english_when_asked(world: World, client: Callable[[str], Client]) -> None:
    answer = world.app.test_client().get("/api/v1/catalog", headers={"Accept-Language": "en"})
    assert answer.get_json()["detail"] == CODES["unauthenticated"].en
    told = client("xa1").post("/sync", {"Accept-Language": "en"}, json={"writes": [{}]}).get_json()
    assert told["results"][0]["detail"] == CODES["bad_write"].en


def test_unknown_addresses(world: World) -> None:
    assert world.app.test_client().get("/api/v1/nothing").get_json()["code"] == "not_found"
    page = world.app.test_client().get("/nothing")
    assert page.status_code == 404
    assert CODES["not_found"].vi in page.get_data(as_text=True)
