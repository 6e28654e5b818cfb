"""The document is true: each answer that the tests of this folder get is held against it (documented.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from server.api.blueprint import PROBLEM
from support.clients.client import Client
from support.clients.documented import OPENAPI, Answer, Document, Undocumented, judge
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")

PROBLEM_BODY: dict[str, Any] = {
    "type": "urn:loa:error:unauthenticated",
    "title": "x",
    "status": 401,
    "code": "unauthenticated",
    "detail": "x",
}
SHUT_OUT = Answer(
    "GET",
    "/api/v1/catalog",
    401,
    {"Content-Type": PROBLEM, "WWW-Authenticate": "Bearer"},
    json.dumps(PROBLEM_BODY).encode(),
)
HEAD_LINE = b'{"results":[],"photos":[],"catalog":"x","server_time":1,"minimum_app":1}\n'
STREAM = Answer("POST", "/api/v1/sync", 200, {"Content-Type": "application/x-ndjson"}, HEAD_LINE)


@pytest.fixture
def document(world: World) -> Document:
    return Document(world.app.test_client().get(OPENAPI).get_json())


@pytest.mark.parametrize("answer", [SHUT_OUT, STREAM], ids=["problem", "lines"])
def test_what_is_documented_passes(document: Document, answer: Answer) -> None:
    judge(document, answer)


@pytest.mark.parametrize(
    "answer",
    [
        replace(SHUT_OUT, status=409),
        replace(SHUT_OUT, headers={"Content-Type": "application/json", "WWW-Authenticate": "Bearer"}),
        replace(SHUT_OUT, headers={"Content-Type": PROBLEM}),
        replace(SHUT_OUT, headers={**SHUT_OUT.headers, "WWW-Authenticate": "Basic"}),
        replace(SHUT_OUT, headers={**SHUT_OUT.headers, "Retry-After": "1"}),
        replace(SHUT_OUT, data=json.dumps(PROBLEM_BODY | {"code": 401}).encode()),
        replace(SHUT_OUT, data=json.dumps(PROBLEM_BODY | {"code": "not_found"}).encode()),
        replace(SHUT_OUT, data=json.dumps(PROBLEM_BODY | {"more": 1}).encode()),
        replace(SHUT_OUT, path="/api/v1/nothing"),
        replace(STREAM, data=HEAD_LINE + b'{"cursors":[{}]}\n'),
        replace(STREAM, data=HEAD_LINE.replace(b'"catalog"', b'"katalog"')),
    ],
    ids=lambda answer: f"{answer.status} {answer.type} {len(answer.data)}",
)
def test_what_is_not_documented_is_noticed(document: Document, answer: Answer) -> None:
    with pytest.raises(Undocumented):
        judge(document, answer)


def test_the_client_of_these_tests_notices(client: Callable[[str], Client]) -> None:
    """The document is the client's own: what is taken out of it is missed at once."""
    one = client("xa1")
    document: Document = one.http.document  # type: ignore[attr-defined]
    responses = document.content["paths"]["/api/v1/catalog"]["get"]["responses"]
    whole = responses.pop("200")
    try:
        with pytest.raises(Undocumented):
            one.get("/catalog")
    finally:
        responses["200"] = whole
    assert one.get("/catalog").status_code == 200


def test_a_problem_has_the_codes_of_the_table(document: Document) -> None:
    code = document.content["components"]["schemas"]["Problem"]["properties"]["code"]
    assert code["type"] == "string"
    assert set(code["enum"]) == set(CODES)
    assert "Error" not in document.content["components"]["schemas"]


def test_unknown_keys_are_not_forbidden(document: Document) -> None:
    """V-2, V-4: who knows less passes over what it does not know."""
    for name, schema in document.content["components"]["schemas"].items():
        assert schema.get("additionalProperties", True) is not False, name
