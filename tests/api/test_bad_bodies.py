"""Bodies that are no exchange: told with a code, and nothing stored."""

from __future__ import annotations

import gzip
import json

import pytest

from server.core.clock import new_id
from support.clients.client import MakeClient
from support.world.workload import records
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

BODIES = {
    "broken JSON": (b'{"writes": [', 400, "malformed"),
    "no JSON at all": (b"xin ch\xe0o", 400, "malformed"),
    "a list": (b"[]", 400, "malformed"),
    "deep nesting": (b'{"writes":' + b"[" * 200_000 + b"]" * 200_000 + b"}", 400, "malformed"),
    "writes that are no list": (b'{"writes": 1}', 400, "malformed"),
    "a cursor without its stream": (b'{"cursors": [{"position": 1}]}', 400, "malformed"),
    "a tag that is no text": (
        b'{"cursors":[{"unit":"AAAAAAAAAAAAAAAA","campaign":"AAAAAAAAAAAAAAAA","position":1,"tag":"\\ud800","floor":1}]}',
        400,
        "malformed",
    ),
    "a hash that is none": (b'{"photos": ["x"]}', 400, "malformed"),
    "an id with a line break behind it": (b'{"push": "AAAAAAAAAAAAAAAA\\n"}', 400, "malformed"),
    "1 MB and more": (b'{"x": "' + b"x" * 1_100_000 + b'"}', 413, "too_large"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_told(client: MakeClient, name: str) -> None:
    """X-27."""
    body, status, code = BODIES[name]
    answer = client("xa1").post("/sync", data=body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no gzip", "bad_gzip"),
        (gzip.compress(b"{}", mtime=0)[:-9], "bad_gzip"),
        (gzip.compress(b" " * 9_000_000), "too_large"),
    ],
)
def test_bad_gzip_is_told(client: MakeClient, body: bytes, code: str) -> None:
    answer = client("xa1").post("/sync", data=body, headers={"Content-Encoding": "gzip"})
    assert answer.get_json()["code"] == code


def test_a_body_that_cannot_be_judged_is_halved_down_to_the_write_at_fault(world: World, client: MakeClient) -> None:
    """X-24: it stores nothing as a whole; its good parts are taken, each as a push of its own."""
    one = client("xa1")
    rows = [json.dumps(row) for row in records(12, world.units["12286"], world.campaign)]
    poison = '{"set": ' + "[" * 100_000 + "]" * 100_000 + "}"
    aside: list[tuple[str, str]] = []
    stored: list[str] = []

    def send(items: list[str]) -> None:
        body = f'{{"push": "{new_id()}", "writes": [{",".join(items)}]}}'
        answer = one.post("/sync", data=body)
        if answer.status_code == 200:
            stored.extend(row["id"] for row in answer.get_json()["results"] if row["result"] == "stored")
        elif len(items) == 1:
            aside.append((items[0], answer.get_json()["code"]))
        else:
            middle = len(items) // 2
            send(items[:middle])
            send(items[middle:])

    send([*rows[:7], poison, *rows[7:]])
    assert aside == [(poison, "malformed")]
    assert stored == [json.loads(row)["id"] for row in rows]


def test_a_list_beyond_its_limit_fails_the_request(client: MakeClient) -> None:
    """X-27, X-29: at the limit it is taken, and what is no write has an id of no characters."""
    one = client("xa1")
    cursor = {"unit": "A" * 16, "campaign": "A" * 16, "position": 0, "tag": "", "floor": 0}
    limits = {"writes": (None, 1000), "cursors": (cursor, 32), "photos": ("a" * 64, 500), "known": (7, 500)}
    for name, (item, most) in limits.items():
        taken = one.post("/sync", json={name: [item] * most})
        assert taken.status_code == 200
        assert [row["id"] for row in taken.get_json()["results"]] == ([""] * most if name == "writes" else [])
        answer = one.post("/sync", json={name: [item] * (most + 1)})
        assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")


def test_unknown_keys_of_a_newer_phone_are_passed_over(client: MakeClient) -> None:
    assert client("xa1").post("/sync", json={"writes": [], "battery": 15}).status_code == 200
