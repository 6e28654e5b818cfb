"""The bad link does what the tests built on it believe: checked against a plain echo server."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from typing import TYPE_CHECKING

import pytest

from support.installation.ports import LOOPBACK
from support.network.lane import Lane
from support.network.proxy import Proxy
from support.waiting import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes and remembers how much came."""

    def handle(self) -> None:
        try:
            while data := self.request.recv(65_536):
                self.server.received += len(data)  # type: ignore[attr-defined]
                self.request.sendall(data)
        except OSError:
            pass  # the link was cut: what these tests do


class EchoServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    received = 0


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    with EchoServer((LOOPBACK, 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def link(echo: EchoServer) -> Iterator[Proxy]:
    with Proxy(echo.server_address[1]) as proxy:
        yield proxy


def phone(link: Proxy) -> socket.socket:
    return socket.create_connection((LOOPBACK, link.port), timeout=PATIENCE_S)


def exchange(connection: socket.socket, data: bytes) -> bytes:
    connection.sendall(data)
    got = b""
    while len(got) < len(data) and (more := connection.recv(65_536)):
        got += more
    return got


def wait_until_received(echo: EchoServer, count: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while echo.received < count and time.monotonic() < end:
        time.sleep(0.01)


def test_passes_everything_through_and_counts(link: Proxy) -> None:
    data = bytes(range(256)) * 2_000
    with phone(link) as connection:
        assert exchange(connection, data) == data
    assert (link.up.passed, link.down.passed, link.connections) == (len(data), len(data), 1)


@pytest.mark.slow
def test_keeps_to_the_rate_and_the_round_trip(link: Proxy) -> None:
    link.slow(rate_bits=400_000, round_trip_ms=100)
    took = []
    for _ in range(3):
        start = time.monotonic()
        with phone(link) as connection:
            exchange(connection, bytes(10_000))
        took.append(time.monotonic() - start)
    # 100 ms handshake, 100 ms there and back, 200 ms of bytes up; the way down overlaps with all but its last packet.
    assert min(took) >= 0.39


@pytest.mark.parametrize("count", [1, 1_399, 1_400, 70_000])
def test_cuts_at_exactly_that_byte_and_stays_down(link: Proxy, echo: EchoServer, count: int) -> None:
    link.cut_after(up=count)
    with phone(link) as connection, pytest.raises(OSError, match=r"reset|[Bb]roken"):
        exchange(connection, bytes(100_000))
    wait_until_received(echo, count)
    assert (echo.received, link.up.passed) == (count, count)
    with pytest.raises(ConnectionRefusedError):
        phone(link)
    link.restore()
    with phone(link) as connection:
        assert exchange(connection, b"again") == b"again"


class GoodAtOnce(Lane):
    """Made good in the very moment of the cut."""

    def admit(self, data: bytes) -> tuple[bytes, bool]:
        passing, cut = super().admit(data)
        if cut:
            self.cut_after = None
        return passing, cut


def test_a_line_that_is_good_again_at_once_has_no_gap(link: Proxy, echo: EchoServer) -> None:
    """What was cut ends at the cut: bytes from behind it would make a whole file of other content."""
    link.up = GoodAtOnce(cut_after=1_000)
    with phone(link) as connection, pytest.raises(OSError, match=r"reset|[Bb]roken"):
        exchange(connection, bytes(4_000_000))
    time.sleep(0.1)
    assert (echo.received, link.up.passed) == (1_000, 1_000)


def test_drops_the_answer_after_the_request_arrived(link: Proxy, echo: EchoServer) -> None:
    link.drop_answers()
    with phone(link) as connection:
        connection.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            connection.recv(10)
    assert echo.received == 5
    with phone(link) as connection:
        assert exchange(connection, b"hello") == b"hello"


def test_silence_keeps_the_connection_and_loses_nothing(link: Proxy) -> None:
    with phone(link) as connection:
        assert exchange(connection, b"before") == b"before"
        link.silence()
        connection.sendall(b"during")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(10)
        connection.settimeout(PATIENCE_S)
        link.restore()
        assert connection.recv(10) == b"during"


def test_refuses_and_comes_back(link: Proxy) -> None:
    link.refuse()
    with pytest.raises(ConnectionRefusedError):
        phone(link)
    link.restore()
    with phone(link) as connection:
        assert exchange(connection, b"back") == b"back"
