"""`loa conform URL`: a served Loa is proved by its own rules; what a wrong server does wrong is named by rule."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server.commands import main
from server.core.db import reading, writing
from server.models import MissingWrite, Record, Stream
from server.services.continuity import marks
from server.services.recovery import missing
from support.clients.write_only import Json
from support.installation.machine import Machine
from support.installation.moment import Moment
from support.installation.ports import LOOPBACK
from support.installation.served import LOA, Served, forked
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


@contextmanager
def commands(**does: Callable[[], object]) -> Iterator[list[str]]:
    """The words that give `loa conform` commands: each has this process do what it is to do."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            does[self.path[1:]]()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as port:
        asks = "import urllib.request as r; r.urlopen('http://{}:{}/{}')"
        yield [
            word
            for name in does
            for word in (f"--{name}", f'{sys.executable} -c "{asks.format(LOOPBACK, port, name)}"')
        ]


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """The port where it answers."""
    server = ThreadingHTTPServer((LOOPBACK, 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def put_back_by_hand(made: World, folder: Path) -> Iterator[list[str]]:
    """Under the server that runs on, with the whole disk, so nothing here tells it (B-31)."""
    moments: list[Moment] = []

    def backup() -> None:
        with made.app.app_context(), reading() as session:
            moments.append(Moment.of(session))

    def restore() -> None:
        with made.app.app_context(), writing() as session:
            moments[-1].put_back(session)
        (folder / marks.NAME).unlink(missing_ok=True)

    with commands(backup=backup, restore=restore) as words:
        yield words


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

    with listening(Handler) as port:
        yield f"http://{LOOPBACK}:{port}"


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


RESTORE = {"B-2", "B-7", "B-8", "B-31", "B-33", "L-15", "L-28", "L-29"}
"""What is judged of a server that is put back, beside what holds of any."""


def test_a_loa_that_is_put_back_keeps_its_rules(database_url: str, tmp_path: Path) -> None:
    """B-2, B-7, B-8, B-31, B-33, L-15, L-28, L-29: nobody says so; and nothing is left that is missing (B-4)."""
    folder = tmp_path / "data"
    with served(database_url, folder) as (made, url), put_back_by_hand(made, folder) as words:
        status, passed, failed, said = conform(url, "--token", made.token("xa1"), *words)
        with made.app.app_context(), writing() as session:
            missing.tidy(session)
            assert session.scalars(select(MissingWrite.id)).all() == []
            assert set(session.scalars(select(Record.state))) == {"deleted"}
    assert (status, failed) == (0, set()), said
    assert passed >= RESTORE


@pytest.mark.costly
@pytest.mark.databases("sqlite")
def test_a_loa_that_loa_restore_put_back_keeps_its_rules(database_url: str, tmp_path: Path) -> None:
    here = Machine(database_url, tmp_path / "data")
    server = Served(database_url, here.data_dir)

    def loa(*words: str | Path) -> None:
        subprocess.run([LOA, *words], env=here.environment, check=True, capture_output=True)

    def restore() -> None:
        server.stop()
        loa("restore", "--replace", tmp_path / "backup")
        server.start()

    with world(database_url, here.data_dir) as made:
        token = made.token("xa1")
    server.start()
    try:
        with commands(backup=lambda: loa("backup", tmp_path / "backup"), restore=restore) as words:
            status, passed, failed, said = conform(server.url, "--token", token, *words)
    finally:
        server.kill()
    assert (status, failed) == (0, set()), said
    assert passed >= RESTORE


def a_restore_is_not_told(_: Json, answer: Json) -> None:
    answer.pop("restored", None)


def what_comes_back_came_today(asked: Json, answer: Json) -> None:
    back = {write["id"] for write in asked.get("writes", ()) if write and "received" in write}
    for row in answer.get("results", ()):
        if row["id"] in back and "received" in row:
            row["received"] += 1


NUMBERS: dict[str, str] = {}
"""By write, the number that it had first."""


def a_record_that_comes_back_has_its_old_number(_: Json, answer: Json) -> None:
    for row in answer.get("results", ()):
        if "number" in row:
            row["number"] = NUMBERS.setdefault(row["id"], row["number"])


def what_is_younger_is_refused(_: Json, answer: Json) -> None:
    for row in answer.get("results", ()):
        if row.get("code") in ("unknown_campaign", "unknown_unit"):
            row["result"] = "refused"


def nothing_is_listed(_: Json, answer: Json) -> None:
    if "known" in answer:
        answer["known"] = []


RESTORE_FAULTS: dict[Fault, set[str]] = {
    a_restore_is_not_told: {"B-2"},
    what_comes_back_came_today: {"L-29"},
    a_record_that_comes_back_has_its_old_number: {"B-8"},
    what_is_younger_is_refused: {"B-7"},
    nothing_is_listed: {"B-33"},
}


@pytest.mark.costly
@pytest.mark.databases("sqlite")
def test_what_a_server_does_wrong_after_a_restore_is_named(database_url: str, tmp_path: Path) -> None:
    """B-2, B-7, B-8, B-33, L-29."""
    folder = tmp_path / "data"
    named = {}
    with served(database_url, folder) as (made, url), put_back_by_hand(made, folder) as words:
        for fault in RESTORE_FAULTS:
            with wrong(url, fault) as address:
                status, _, failed, said = conform(address, "--token", made.token("xa1"), *words)
            assert status == 1, said
            named[fault] = failed
    missed = {fault.__name__: rules - named[fault] for fault, rules in RESTORE_FAULTS.items()}
    assert {name: rules for name, rules in missed.items() if rules} == {}
    assert {fault.__name__: len(rules) for fault, rules in named.items() if len(rules) > 4} == {}, "it names too much"


def test_a_command_that_fails_ends_it(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path / "data") as (made, url):
        alone = conform(url, "--token", made.token("xa1"), "--backup", "false")
        status, _, _, said = conform(url, "--token", made.token("xa1"), "--backup", "true", "--restore", "false")
    assert alone[0] == 2
    assert "--backup and --restore together" in alone[3]
    assert status == 2
    assert "the command of --restore ended with 1" in said


def test_without_a_practice_campaign_nothing_is_written(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path / "data") as (made, url):
        status, _, _, said = conform(url, "--token", made.token("xa1"), "--campaign", made.campaign)
        with made.app.app_context(), reading() as session:
            assert session.scalars(select(Record.id)).all() == []
    assert status == 2
    assert "practice campaign" in said
