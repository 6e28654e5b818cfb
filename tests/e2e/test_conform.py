"""`loa conform URL`: a served Loa is proved by its own rules; what a wrong server does wrong is named by rule."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server.commands import main
from server.core.db import reading
from server.models import Record, Stream
from support.clients.write_only import Json
from support.installation.ports import LOOPBACK
from support.installation.served import forked
from support.world.world import World, world

pytestmark = pytest.mark.slow
Fault = Callable[[Json, Json], None]
"""Changes the answer in place: the request's body, the answer's."""


def conform(*arguments: str) -> tuple[int, set[str], set[str], str]:
    """Run the command: its exit status, the rules that passed and failed, and all it said."""
    ran = CliRunner().invoke(main, ["conform", *arguments])
    words = [line.split() for line in ran.output.splitlines()]
    passed = {line[0] for line in words if line[1:2] == ["passed"]}
    return ran.exit_code, passed, {line[0] for line in words if line[1:2] == ["FAILED:"]}, ran.output


@contextmanager
def served(database_url: str, folder: Path) -> Iterator[tuple[World, str]]:
    """A small province, and the address at which it is served."""
    with world(database_url, folder) as made, forked(database_url, folder) as server:
        yield made, server.url


def test_a_served_loa_keeps_its_rules(database_url: str, tmp_path: Path) -> None:
    """And nothing of it is left that counts: all is in the practice campaign, and deleted."""
    with served(database_url, tmp_path / "data") as (made, url):
        status, passed, failed, said = conform(url, "--code", made.code("xa1"))
        with made.app.app_context(), reading() as session:
            of = select(Stream.campaign_id, Record.state, Record.id).join(Stream)
            left = {(campaign, state) for campaign, state, _ in session.execute(of)}
    assert (status, failed) == (0, set()), said
    assert len(passed) > 40
    assert left == {(made.practice, "deleted")}


def repeats_get_a_new_position(_: Json, answer: Json) -> None:
    for row in answer.get("results", ())[1:]:
        if row["result"] == "stored" and row["id"] == answer["results"][0]["id"]:
            row["position"] += 1


def results_are_turned_round(_: Json, answer: Json) -> None:
    answer.get("results", []).reverse()


def what_survives_is_forgotten(_: Json, answer: Json) -> None:
    for change in answer.get("changes", ()):
        if "keep" in change:
            change["keep"] = {}


def a_delete_says_not_what_it_saw(_: Json, answer: Json) -> None:
    for write in (write for change in answer.get("changes", ()) for write in change["writes"]):
        write.pop("seen", None)


def no_cursor_is_unknown(_: Json, answer: Json) -> None:
    for cursor in answer.get("cursors", ()):
        cursor["reset"] = False


def own_writes_are_never_sent(asked: Json, answer: Json) -> None:
    own = {write.get("record", write.get("id")) for write in asked.get("writes", ()) if write}
    answer["changes"] = [change for change in answer.get("changes", ()) if change["record"] not in own]


def any_value_is_stored(_: Json, answer: Json) -> None:
    for row in answer.get("results", ()):
        if row.get("code") == "wrong_type":
            row |= {"result": "stored"}


def each_photo_is_wanted(_: Json, answer: Json) -> None:
    for row in answer.get("photos", ()):
        row["state"] = "wanted"


FAULTS: dict[Fault, set[str]] = {
    repeats_get_a_new_position: {"X-3"},
    results_are_turned_round: {"X-2"},
    what_survives_is_forgotten: {"X-32", "X-33"},
    a_delete_says_not_what_it_saw: {"X-8"},
    no_cursor_is_unknown: {"C-4"},
    own_writes_are_never_sent: {"W-9", "X-33"},
    any_value_is_stored: {"F-9"},
    each_photo_is_wanted: {"P-8"},
}


@contextmanager
def wrong(url: str, fault: Fault) -> Iterator[str]:
    """The address of a proxy that passes everything on and spoils answers."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            line = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding")}
            line.request(self.command, self.path, sent or None, headers)
            came = line.getresponse()
            data = came.read()
            if came.headers.get_content_type() == "application/json":
                body = json.loads(data)
                fault(json.loads(sent) if sent[:1] == b"{" else {}, body)
                data = json.dumps(body).encode()
            self.send_response(came.status)
            for name, value in came.getheaders():
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data if self.command != "HEAD" else b"")
            line.close()

        do_GET = do_POST = do_PATCH = do_HEAD = do_DELETE = answer  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    proxy = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{proxy.server_port}"
    finally:
        proxy.shutdown()
        proxy.server_close()


@pytest.mark.costly
@pytest.mark.databases("sqlite")
def test_what_a_wrong_server_does_wrong_is_named(database_url: str, tmp_path: Path) -> None:
    """X-2, X-3, X-8, X-32, X-33, C-4, W-9, F-9, P-8: each fault by its rule."""
    with served(database_url, tmp_path / "data") as (made, url):
        named = {}
        for fault in FAULTS:
            with wrong(url, fault) as address:
                status, _, failed, said = conform(address, "--token", made.token("xa1"))
            assert status == 1, said
            named[fault] = failed
    assert {fault.__name__: rules - named[fault] for fault, rules in FAULTS.items() if not rules <= named[fault]} == {}
    assert {fault.__name__: len(rules) for fault, rules in named.items() if len(rules) > 8} == {}, "it names too much"


def test_without_a_practice_campaign_nothing_is_written(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path / "data") as (made, url):
        status, _, _, said = conform(url, "--token", made.token("xa1"), "--campaign", made.campaign)
        with made.app.app_context(), reading() as session:
            assert session.scalars(select(Record.id)).all() == []
    assert status == 2
    assert "practice campaign" in said
