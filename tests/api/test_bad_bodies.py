"""Bodies that are no exchange: told with a code, and nothing stored."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from support.client import Client

MakeClient = Callable[[str], Client]
BODIES = {
    "broken JSON": (b'{"writes": [', 400, "malformed"),
    "no JSON at all": (b"xin ch\xe0o", 400, "malformed"),
    "a list": (b"[]", 400, "malformed"),
    "deep nesting": (b'{"writes":' + b"[" * 200_000 + b"]" * 200_000 + b"}", 400, "malformed"),
    "writes that are no list": (b'{"writes": 1}', 400, "malformed"),
    "a cursor without its stream": (b'{"cursors": [{"position": 1}]}', 400, "malformed"),
    "a hash that is none": (b'{"photos": ["x"]}', 400, "malformed"),
    "1 MB and more": (b'{"x": "' + b"x" * 1_100_000 + b'"}', 413, "too_large"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_told(client: MakeClient, name: str) -> None:
    body, status, code = BODIES[name]
    answer = client("xa1").post("/sync", data=body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no gzip", "bad_gzip"),
        (gzip.compress(b"{}")[:-9], "bad_gzip"),
        (gzip.compress(b" " * 9_000_000), "too_large"),
    ],
)
def test_bad_gzip_is_told(client: MakeClient, body: bytes, code: str) -> None:
    answer = client("xa1").post("/sync", data=body, headers={"Content-Encoding": "gzip"})
    assert answer.get_json()["code"] == code


def test_unknown_keys_of_a_newer_phone_are_passed_over(client: MakeClient) -> None:
    assert client("xa1").post("/sync", json={"writes": [], "battery": 15}).status_code == 200
