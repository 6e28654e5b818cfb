"""No route takes a larger body than its row in server/serving/every_request.py; of a stranger's little is read."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from server.application import create_app
from server.core.db import writing
from server.services.access import desk_sessions
from server.serving.every_request import DEFAULT, FORM_BYTES, LIMITS, STRANGER_BYTES
from server.settings import Settings
from support.clients.client import OCTETS, TUS
from support.world.world import World

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.slow]

LARGE = 300 * 1024 * 1024
FORM = "application/x-www-form-urlencoded"
SLACK = 64 * 1024
"""What a parser may ask for at once."""


class Endless(io.RawIOBase):
    """A body of 300 MB that counts what is read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        count = min(len(into), LARGE - self.read_bytes)
        self.read_bytes += count
        into[:count] = b"a" * count
        return count


def every_route(tmp_path: Path) -> list[tuple[str, str]]:
    app = create_app(Settings.from_environment({"LOA_DATA_DIR": str(tmp_path)}))
    found = [("POST", "/desk/nothing"), ("POST", "/api/v1/nothing"), ("POST", "/nothing"), ("PUT", "/desk/sign-in")]
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            converter = rule._converters[name]  # noqa: SLF001  # to know what its ids look like
            value = "A" * 16 if type(converter).__name__ == "IdConverter" else "0" * 64
            path = path.replace(f"<id:{name}>", value).replace(f"<path:{name}>", value).replace(f"<{name}>", value)
        found += [(method, path) for method in rule.methods or () if method != "OPTIONS"]
    return found


@dataclass
class Sender:
    """Sends such bodies, as a stranger or as somebody."""

    app: Flask
    headers: dict[str, str] = field(default_factory=dict)
    session: str = ""

    def send(self, method: str, path: str, *, chunked: bool, type_: str = FORM) -> tuple[TestResponse, int]:
        body = Endless()
        http = self.app.test_client()
        if self.session:
            with http.session_transaction() as cookie:
                cookie["desk"] = self.session
        how = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        environ = how if chunked else {"CONTENT_LENGTH": str(LARGE)}
        answer = http.open(
            path,
            method=method,
            headers=self.headers,
            content_type=type_,
            environ_overrides={"wsgi.input": io.BufferedReader(body, 1024), **environ},
            buffered=True,
        )
        return answer, body.read_bytes


@pytest.fixture
def stranger(world: World) -> Sender:
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    return Sender(world.app)


@pytest.fixture
def somebody(world: World) -> Sender:
    with world.app.app_context(), writing() as session:
        desk = desk_sessions.open_session(session, world.officers["huyen"])
    return Sender(world.app, {"Authorization": f"Bearer {world.token('xa1')}", **TUS}, desk)


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "chunked"])
@pytest.mark.costly
def test_every_route_refuses_a_strangers_large_body(tmp_path: Path, stranger: Sender, *, chunked: bool) -> None:
    for method, path in every_route(tmp_path):
        for type_ in (FORM, "multipart/form-data; boundary=x", "application/json"):
            answer, read = stranger.send(method, path, chunked=chunked, type_=type_)
            assert read <= STRANGER_BYTES + 1024, (method, path, type_, read)
            if not chunked:
                assert answer.status_code == 413, (method, path)
                assert read == 0, (method, path)
            elif method not in ("GET", "HEAD") and path.startswith("/api/v1/") and answer.status_code != 413:
                assert answer.status_code in (400, 401, 404, 405), (method, path)
            if method != "HEAD" and answer.status_code == 413:
                assert ("json" if path.startswith("/api/") else "html") in answer.content_type, path


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "chunked"])
@pytest.mark.costly
def test_no_route_reads_more_than_its_row_of_somebody_who_is_known(
    tmp_path: Path, somebody: Sender, *, chunked: bool
) -> None:
    for method, path in every_route(tmp_path):
        _, read = somebody.send(method, path, chunked=chunked)
        assert read <= DEFAULT.size + SLACK, (method, path, read)


def test_a_rescue_file_is_large_only_as_the_file_of_a_form(somebody: Sender) -> None:
    """As fields it would be parsed in memory: then the row of any other form holds."""
    row = LIMITS["rescue.hand_in"]
    answer, read = somebody.send("POST", "/desk/rescue", chunked=True)
    assert (answer.status_code, read <= DEFAULT.size + SLACK) == (413, True)
    answer, read = somebody.send("POST", "/desk/rescue", chunked=False, type_="multipart/form-data; boundary=x")
    assert (answer.status_code, read) == (413, 0)
    assert "Tệp quá lớn" in answer.get_data(as_text=True)
    assert row.size > 200 * 1024**2


def test_an_upload_takes_no_more_than_a_photo(somebody: Sender) -> None:
    answer, read = somebody.send("POST", "/api/v1/uploads", chunked=False, type_=OCTETS)
    assert (answer.status_code, answer.get_json()["code"], read) == (413, "too_large", 0)


def test_every_row_is_of_a_route(world: World) -> None:
    assert set(LIMITS) <= {rule.endpoint for rule in world.app.url_map.iter_rules()}
    assert FORM_BYTES >= STRANGER_BYTES


@pytest.mark.parametrize("path", ["/desk/nothing", "/desk/rescue", "/api/v1/sync", "/api/v1/nothing"])
def test_behind_a_body_that_was_not_read_the_connection_ends(stranger: Sender, path: str) -> None:
    answer, _ = stranger.send("POST", path, chunked=True, type_="multipart/form-data; boundary=x")
    assert answer.headers["Connection"] == "close"
