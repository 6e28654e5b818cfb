"""What any visitor may send or ask for: names of hosts, proxies' headers, whom to tell of a hole."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from gunicorn.http.errors import NoMoreData
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server.application import create_app
from server.core.clock import today
from server.core.db import db, reading
from server.settings import Settings
from support.world.world import World

EVIL = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
HTTPS = {"LOA_PUBLIC_URL": "https://loa.example.vn", "LOA_TRUSTED_PROXIES": "1"}


@pytest.fixture
def made(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """`made(LOA_...=...)`: another application on the same database."""
    apps: list[Flask] = []

    def make(**settings: str) -> Flask:
        env = {"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path / "other"), **settings}
        apps.append(create_app(Settings.from_environment(env)))
        return apps[-1]

    yield make
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "path", ["/desk", "/desk//queue", "/app", "/desk/queue?x=1", "/desk/nothing", "/api/v1/health/"]
)
@pytest.mark.parametrize("proxies", ["0", "1"])
def test_no_answer_depends_on_the_host_header(
    world: World, made: Callable[..., Flask], path: str, proxies: str
) -> None:
    http = made(LOA_TRUSTED_PROXIES=proxies).test_client()
    answer = http.get(path, headers=EVIL, buffered=True)
    assert "evil" not in str(answer.headers) + answer.get_data(as_text=True)
    if answer.status_code in (301, 302, 303, 307, 308):
        assert re.match(r"/\w", answer.headers["Location"])
    assert world.app.test_client().get("/desk").headers["Location"] == "/desk/"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("host", ["a" * 64 + ".vn", "x" * 300, "a..b"])
@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/nothing", "/"])
def test_a_header_that_is_no_host_is_refused_and_not_logged(
    made: Callable[..., Flask], host: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It was a 500 with a traceback: the page of the error could make no link."""
    app = made()
    app.testing = False
    answer = app.test_client().get(path, headers={"Host": host}, buffered=True)
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert caplog.text == ""


class Cut(io.RawIOBase):
    """A body whose connection breaks, as gunicorn says it; for chunks it has no error number."""

    def read(self, _size: int | None = -1, /) -> bytes:
        raise NoMoreData

    def readable(self) -> bool:
        return True


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("path", ["/desk/sign-in", "/api/v1/sync", "/desk/rescue"])
def test_a_body_that_is_cut_is_no_fault_of_the_server(
    made: Callable[..., Flask], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It was a 500 with a traceback of 3 kB."""
    app = made()
    app.testing = False
    form = "application/x-www-form-urlencoded"
    environ = {"wsgi.input_terminated": True, "wsgi.input": Cut(), "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = app.test_client().post(path, content_type=form, environ_overrides=environ)
    assert 400 <= answer.status_code < 500
    assert caplog.text == ""


@pytest.mark.databases("sqlite")
def test_under_https_cookies_are_of_this_host_alone(world: World, made: Callable[..., Flask]) -> None:
    assert world.app.config["SESSION_COOKIE_NAME"] == "session"
    http = made(**HTTPS).test_client()
    proxied = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "loa.example.vn"}
    page = http.get("/desk/sign-in", headers=proxied)
    (token,) = set(re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page.get_data(as_text=True)))
    cookie = page.headers["Set-Cookie"]
    sent = {**proxied, "Cookie": cookie.partition(";")[0], "Referer": "https://loa.example.vn/desk/sign-in"}
    answer = http.post("/desk/language", data={"csrf_token": token, "language": "en"}, headers=sent)
    assert answer.status_code == 303
    for line in (cookie, answer.headers["Set-Cookie"]):
        assert re.match(r"__Host-(session|loa_language)=", line)
        assert "; Secure" in line
        assert "; Path=/" in line
        assert "Domain" not in line
        assert "; HttpOnly" in line
        assert "; SameSite=Lax" in line
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    english = {**sent, "Cookie": "__Host-loa_language=en"}
    assert '<html lang="en"' in http.get("/desk/sign-in", headers=english).get_data(as_text=True)


@pytest.mark.databases("sqlite")
def test_forwarded_headers_nobody_trusts_are_warned_of_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    http = world.app.test_client()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert http.get("/api/v1/health", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 200
    assert [line.getMessage().count("LOA_TRUSTED_PROXIES") for line in caplog.records] == [2]


@pytest.mark.databases("sqlite")
def test_a_hole_can_be_told_of(world: World) -> None:
    answer = world.app.test_client().get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    assert lines["Contact"] == "mailto:security@127.0.0.1"
    expires = date.fromisoformat(lines["Expires"].removesuffix("T00:00:00Z"))
    assert today() + timedelta(days=30) < expires < today() + timedelta(days=365)


def test_an_error_of_the_database_names_no_values(world: World) -> None:
    """It ends in the log, and the values are names and reasons."""
    with world.app.app_context(), reading() as session, pytest.raises(SQLAlchemyError) as caught:
        session.execute(text("SELECT * FROM nothing WHERE name = :name"), {"name": "Nguyễn Thị Kín"})
    assert "Nguyễn" not in str(caught.value)
