"""Gunicorn's gthread worker, protected against slow, silent and dripping clients.

- A thread starts only when a request is there (arrival.py), and an answered connection is closed without waiting.
- In a thread a client must keep to the floor (pace.py, line.py).
- An eighth of the threads never serves bodies that are still to come: a request sent whole always gets an answer.
- When threads run short, the slowest clients that threads wait for are cut, if they are slower than any phone.
- When connections run short, the oldest that are idle between requests go first, then the oldest arrivals.
- One address has at most PER_ADDRESS connections to a process: 400 phones behind one operator's NAT need fewer. Behind
  a trusted proxy all have its address, and the proxy counts (limit_conn in README.md's recipe).
"""

from __future__ import annotations

import errno
import ipaddress
import selectors
import socket
import ssl
import threading
import time
from collections import Counter, deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Final

from gunicorn import http, util
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, LimitRequestLine, ParseException
from gunicorn.sock import ssl_context
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from server.serving import long_address
from server.serving.arrival import Arrival
from server.serving.line import PacedSocket

PER_ADDRESS: Final = 1_000
LOOK_S: Final = 0.25
"""Seconds between checks for late connections and blocked threads."""
LEAVE_S: Final = 2.0
LEAVE_BYTES: Final = 1024 * 1024
"""Bytes a client may still send after an early answer, so that it reads the answer before the connection breaks."""
DRAIN_S: Final = 0.1
HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class SlowLines(ThreadWorker):
    """The worker. Its loop owns all connections that no thread has: arriving, kept alive, leaving."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[TConn, Arrival] = {}
        self._leaving: dict[TConn, list[float]] = {}
        self._in_threads: set[TConn] = set()
        self._addresses: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._looked = 0.0
        self._tls = ssl_context(self.cfg) if self.cfg.is_ssl else None
        self._spare = max(1, self.cfg.threads // 8)
        self._streaming: set[TConn] = set()
        self._waiting: deque[TConn] = deque()
        """Requests whose bodies are still to come: `_streaming` are read by threads, `_waiting` have no thread yet."""

    # --- in

    def accept(self, listener: Any) -> None:
        """Accept a connection; the loop gathers its request."""
        try:
            raw, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._drop_idle()
            return
        block = _block(address)
        if self.app.per_address is not None and self._addresses[block] >= self.app.per_address:
            raw.close()
            return
        try:
            raw.setblocking(False)
            if self._tls is not None:
                raw = self._tls.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
            line = PacedSocket(raw, partial(self._count, block, -1))
            conn = TConn(self.cfg, line, address, listener.getsockname())
        except OSError:  # the client has gone already
            raw.close()
            return
        self._count(block, 1)
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._drop_idle()
        self._arrive(conn)

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """Read the next request on a kept-alive connection."""
        if conn not in self.keepalived_conns:  # dropped for another one in this turn of the loop
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._arrive(conn)

    def _arrive(self, conn: TConn, before: bytes = b"") -> None:
        conn.sock.begin()
        conn.sock.setblocking(False)
        self._arriving[conn] = Arrival(conn.sock)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._gather, conn))
        self._gather(conn, conn.sock, before)

    def _gather(self, conn: TConn, _client: Any, before: bytes = b"") -> None:
        arrival = self._arriving.get(conn)
        if arrival is None:  # dropped for another one in this turn of the loop
            return
        try:
            arrival.take(before)
            arrival.gather()
        except OSError:  # broken, or not TLS at all
            self._give_up(conn)
            return
        if arrival.ready or arrival.ended:
            self._begin(conn)

    def _begin(self, conn: TConn) -> None:
        """Hand a request to a thread; if it ended or was too slow, the part that came."""
        arrival = self._arriving.pop(conn)
        self.poller.unregister(conn.sock)
        if not arrival.has_head:
            if arrival.ready:
                with suppress(OSError):
                    conn.sock.raw.send(HEAD_TOO_LARGE)
            self._leave(conn)
            return
        conn.sock.is_cut = not arrival.ready
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.initialized = conn.data_ready = True
        conn.parser.unreader.unread(bytes(arrival.data))
        if arrival.whole or conn.sock.is_cut:
            self.enqueue_req(conn)
        else:
            self._waiting.append(conn)
            self._stream()

    def _stream(self) -> None:
        """Start waiting requests, a few at a time: hundreds of threads starting at once answer nobody for seconds."""
        running = sum(not conn.sock.is_waiting for conn in self._streaming)
        while self._waiting and running < self._spare and not self._is_full():
            running += 1
            conn = self._waiting.popleft()
            self._streaming.add(conn)
            self.enqueue_req(conn)

    def _is_full(self) -> bool:
        most: int = self.cfg.threads - self._spare
        return len(self._streaming) >= max(1, most)

    def enqueue_req(self, conn: TConn) -> None:
        """Hand the request to the thread pool."""
        self._in_threads.add(conn)
        super().enqueue_req(conn)

    # --- out

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Called when a thread is done: keep the connection for the next request, or close it."""
        self._in_threads.discard(conn)
        self._streaming.discard(conn)
        self._stream()
        kept = not fs.cancelled() and fs.exception() is None and bool(fs.result())
        if not kept or conn.sock.is_cut:
            self._leave(conn)
            return
        before = conn.parser.unreader.take_buffered()
        if before or (isinstance(conn.sock.raw, ssl.SSLSocket) and conn.sock.raw.pending()):
            self._arrive(conn, before)
            return
        conn.sock.setblocking(False)
        conn.set_timeout()
        if not self.alive:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:  # noqa: FBT001  # gunicorn's signature
        """True if the connection can be reused. Drains the rest of a short body first; a longer one closes it."""
        return keepalive and bool(conn.parser.finish_body(deadline=time.monotonic() + DRAIN_S))

    def _leave(self, conn: TConn) -> None:
        """Close as RFC 9112, 9.6 asks: half-close, then read the rest. In the loop, because gunicorn would block."""
        try:
            conn.sock.setblocking(False)
            socket.socket.shutdown(conn.sock.raw, socket.SHUT_WR)
        except OSError:
            self._end(conn)
            return
        self._leaving[conn] = [time.monotonic() + LEAVE_S, LEAVE_BYTES]
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read_out, conn))

    def _read_out(self, conn: TConn, _client: Any) -> None:
        left = self._leaving.get(conn)
        if left is None:  # closed in this turn of the loop
            return
        try:
            left[1] -= len(data := socket.socket.recv(conn.sock.raw, 65_536))
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data or left[1] <= 0:
            self._give_up(conn)

    def _give_up(self, conn: TConn) -> None:
        """Close at once a connection that the loop owns."""
        self._arriving.pop(conn, None)
        self._leaving.pop(conn, None)
        self.poller.unregister(conn.sock)
        self._end(conn)

    def _end(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    # --- order

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for events, at most until the next check."""
        super().wait_for_and_dispatch_events(min(timeout, LOOK_S))

    def murder_pending(self) -> None:
        """Check for late connections. Gunicorn calls this in each turn of the loop."""
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return
        self._looked = now
        for conn, arrival in list(self._arriving.items()):
            if arrival.is_late(now) or not (self.alive or arrival.has_begun):
                self._begin(conn)
        for conn, (until, _) in list(self._leaving.items()):
            if until < now:
                self._give_up(conn)
        self._free_threads()
        self._stream()

    def _free_threads(self) -> None:
        """Cut the slowest clients that threads wait for: as many as threads are lacking, a few at a time.

        Each gets an answer and may retry. All at once would take the processor from everybody else.
        """
        behind = len(self._waiting) if self._is_full() else 0
        lacking = min(max(behind, len(self._in_threads) - self.cfg.threads), self._spare)
        if lacking > 0:
            slow = [(rate, id(conn), conn) for conn in self._in_threads if (rate := conn.sock.slowness()) is not None]
            for _, _, conn in sorted(slow)[:lacking]:
                conn.sock.cut()

    def _drop_idle(self) -> None:
        if self.keepalived_conns:
            conn = self.keepalived_conns.popleft()
        elif self._arriving:
            conn = next(iter(self._arriving))
        else:
            return
        self._give_up(conn)

    def _count(self, block: str, step: int) -> None:
        with self._counting:  # threads close connections too
            self._addresses[block] += step
            if not self._addresses[block]:
                del self._addresses[block]

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer and log invalid HTTP by the fault's name only: its text is the client's and may contain a token."""
        if isinstance(exc, LimitRequestLine):
            self.log.warning("Invalid request from ip=%s: %s", (addr or ("",))[0], type(exc).__name__)
            with suppress(OSError):
                util.write_nonblock(client, long_address.answer())
            return
        ours = isinstance(exc, InvalidResponseHeader | InvalidResponseHeaderName)
        super().handle_error(req, client, addr, exc if ours else _wordless(exc))


def _wordless(exc: Exception) -> Exception:
    if not isinstance(exc, ParseException):
        return exc
    kind = type(exc)
    named: type[Exception] = type(kind.__name__, (kind,), {"__str__": lambda _: kind.__name__})
    return named.__new__(named)


def _block(address: Any) -> str:
    """The address block of one client: an IPv4 address, or a /64 of IPv6."""
    if not isinstance(address, tuple):
        return ""
    found = ipaddress.ip_address(address[0].partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
