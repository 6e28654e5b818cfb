"""The interface as others see it: its OpenAPI document, and who may call it from another origin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from server.application import create_app
from server.core.build import whole_version
from server.core.db import writing
from server.models.installation import DEMO, Meta
from server.services.figures import seals
from server.serving.installation import installed
from server.settings import Settings
from support.clients.client import Client
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
def test_the_openapi_document_is_valid_and_whole(world: World) -> None:
    from openapi_spec_validator import validate  # noqa: PLC0415  # takes half a second, in each process that collects

    document = world.app.test_client().get("/api/v1/openapi.json").get_json()
    validate(document)
    served = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint.partition(".")[0] not in ("api-docs", "static")
    }
    assert served == set(document["paths"])
    sync = document["paths"]["/api/v1/sync"]["post"]
    assert sync["security"] == [{"device": []}]
    assert {"200", "400", "401", "413", "503"} <= set(sync["responses"])


def test_the_protocol_lists_every_request_of_a_phone(world: World) -> None:
    """For the author of a client, SPEC.md alone is the list: with its table, each one has its rules."""
    document = world.app.test_client().get("/api/v1/openapi.json").get_json()
    paths = {re.sub(r"\{\w+\}", "*", path) for path in document["paths"]} - {"/api/v1/health", "/api/v1/openapi.json"}
    spec = (Path(__file__).parents[2] / "sync/SPEC.md").read_text("utf-8")
    table = spec[spec.index("| request |") : spec.index("Errors of a whole request")]
    listed = re.findall(r"(/api/v1/[^`]*|/uploads/<sha256>)", table)
    assert {re.sub(r"<[\w ]+>", "*", path) for path in listed} == paths


def test_the_form_of_a_write_is_told_whole_and_nothing_else_is_let_through(world: World) -> None:
    """L-15, X-2: a write that is put back has `received`; no form beside a write's own is offered."""
    document = world.app.test_client().get("/api/v1/openapi.json").get_json()
    schemas = document["components"]["schemas"]
    for name, forms in (
        ("writes", ["WriteIn", "ReplyEntryIn", "MessageEntryIn", "SealEntryIn"]),
        ("known", ["KnownIn"]),
    ):
        offered = schemas["SyncIn"]["properties"][name]["items"]["anyOf"]
        assert offered == [*({"$ref": f"#/components/schemas/{of}"} for of in forms), {"type": "null"}]
    write = {"id": "w" * 16, "at": 1, "record": "r" * 16, "set": {"note": "x", "place": {"lat_e6": 1}}, "seen": []}
    known = OAS31Validator({"$ref": "#/components/schemas/WriteIn", **document})
    assert known.is_valid(write | {"received": 1})
    wrongs: list[dict[str, Any]] = [{"received": 0}, {"set": {}}, {"set": {"note": 1.5}}, {"set": {"note": ["x"]}}]
    for wrong in [*wrongs, {"id": "w"}]:
        assert not known.is_valid(write | wrong), wrong


def test_the_form_of_confirmed_figures_is_told_whole(world: World) -> None:
    """X-62, X-65: a document with fewer keys would let a client leave out who approved them."""
    document = world.app.test_client().get("/api/v1/openapi.json").get_json()
    keys = {"unit", "campaign", "shown", "empty", "basis", "current", *seals.SIGNERS}
    assert document["components"]["schemas"]["SealBodyIn"]["properties"].keys() == keys


def test_who_only_writes_is_sent_nothing_to_read(world: World) -> None:
    """X-60."""
    client = Client(world.app.test_client(), world.token("xa1"))
    kept = {"kind": "banner", "unit": world.units["12286"], "campaign": world.campaign}
    write = {"id": "w" * 16, "at": 1, **kept, "set": {"quantity": 1}}
    answer = client.post("/sync", json={"app": 3, "pull": False, "writes": [write]}).get_json()
    assert answer["results"][0]["result"] == "stored"
    assert (answer["changes"], answer["cursors"], answer["more"]) == ([], [], False)
    assert [change["record"] for change in client.sync()["changes"]] == ["w" * 16]
    assert client.post("/sync", json={"pull": 0}).status_code == 400


def test_health_tells_a_demo_from_the_real_thing(world: World) -> None:
    health = world.app.test_client().get("/api/v1/health")
    assert health.get_json() == {"status": "ok", "demo": False, "version": whole_version()}
    for said in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
        passed_on = world.app.test_client().get("/api/v1/health", headers={said: "203.0.113.9"})
        assert passed_on.get_json() == {"status": "ok", "demo": False}
    for name in ("loa.example.vn", "203.0.113.9:80", "[", ""):  # a proxy may say nothing of itself, but the name
        called = world.app.test_client().get("/api/v1/health", headers={"Host": name})
        assert "version" not in called.get_data(as_text=True)
    far = world.app.test_client().get("/api/v1/health", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert "version" not in far.get_json()
    with world.app.app_context(), writing() as session:
        session.add(Meta(key=DEMO, value="1"))
    installed(world.app).health.forget()  # the answer is kept for some seconds
    assert world.app.test_client().get("/api/v1/health").get_json()["demo"] is True


@pytest.mark.parametrize(("proxies", "shown"), [("0", False), ("1", True)])
def test_behind_an_unknown_proxy_nobody_is_of_this_machine(tmp_path: Path, proxies: str, shown: bool) -> None:
    env = {"LOA_DATA_DIR": str(tmp_path), "LOA_PUBLIC_URL": "https://loa.example.vn", "LOA_TRUSTED_PROXIES": proxies}
    page = create_app(Settings.from_environment(env)).test_client().get("/metrics")
    assert (page.status_code, b"loa_build_info" in page.data) == ((200, True) if shown else (404, False))


def origin_of(folder: Path, allowed: str) -> str | None:
    app = create_app(Settings.from_environment({"LOA_DATA_DIR": str(folder), "LOA_ALLOWED_ORIGINS": allowed}))
    answer = app.test_client().options(
        "/api/v1/sync", headers={"Origin": "https://a.example.vn", "Access-Control-Request-Method": "POST"}
    )
    return answer.headers.get("Access-Control-Allow-Origin")


def test_no_other_origin_unless_a_setting_names_it(tmp_path: Path) -> None:
    assert origin_of(tmp_path, "") is None
    assert origin_of(tmp_path, "https://b.example.vn") is None
    assert origin_of(tmp_path, "https://b.example.vn https://a.example.vn") == "https://a.example.vn"
