"""The server as an office starts it: it answers, survives a power cut, and one lost answer is lost once."""

from __future__ import annotations

import http.client
import urllib.request
from typing import TYPE_CHECKING

import pytest

from support.installation.certificate import certificate
from support.installation.ports import LOOPBACK
from support.installation.served import served

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.installation.databases import Engine
    from support.installation.served import Served
    from support.network.proxy import Proxy

pytestmark = pytest.mark.slow


def status(port: int) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", "/api/v1/health")
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.databases("sqlite")
def test_comes_back_after_a_power_cut(live: Served) -> None:
    assert status(live.port) == 200
    live.kill()
    live.start()
    assert status(live.port) == 200


@pytest.mark.databases("sqlite")
def test_the_head_of_an_answer_says_nothing_needless(live: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=10)
    for _ in range(2):  # the connection is kept all the same
        connection.request("GET", "/api/v1/health")
        answer = connection.getresponse()
        assert answer.read()
        assert not {"server", "connection"} & {name.lower() for name, _ in answer.getheaders()}
    connection.close()


@pytest.mark.databases("sqlite")
def test_a_lost_answer_is_lost_once(link: Proxy) -> None:
    link.drop_answers()
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        status(link.port)
    assert status(link.port) == 200


def test_serves_over_tls_itself(database_engine: Callable[[str], Engine], tmp_path: Path) -> None:
    """As for a phone without a proxy in front: secure cookies, and the browser is told to stay with TLS."""
    url = database_engine("sqlite").fresh()
    with served(url, tmp_path / "data", **certificate(tmp_path)) as server:
        with urllib.request.urlopen(f"{server.url}/desk/sign-in", timeout=10, context=server.trust) as answer:
            assert "Secure" in answer.headers["Set-Cookie"]
            assert answer.headers["Strict-Transport-Security"]
        assert f"Loa: {server.url}/app/ for phones" in server.log.read_text()
