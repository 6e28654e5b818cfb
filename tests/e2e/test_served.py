"""The server as an office starts it: it answers, survives a power cut, and one lost answer is lost once."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import pytest

from support.ports import LOOPBACK

if TYPE_CHECKING:
    from support.proxy import Proxy
    from support.served import Served

pytestmark = pytest.mark.served


def status(port: int) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", "/api/v1/health")
        return connection.getresponse().status
    finally:
        connection.close()


def test_comes_back_after_a_power_cut(live: Served) -> None:
    assert status(live.port) == 200
    live.kill()
    live.start()
    assert status(live.port) == 200


def test_a_lost_answer_is_lost_once(link: Proxy) -> None:
    link.drop_answers()
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        status(link.port)
    assert status(link.port) == 200
