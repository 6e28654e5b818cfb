"""Gunicorn's gthread worker, protected against slow, silent and dripping clients.

- Threads compute. A thread starts only when a request is there (arrival.py); what its client does not take at once is
  sent by the loop, and a long answer is made as fast as it is taken (answer.py). So no reader holds a thread.
- The loop itself answers requests that were cut or are late.
- A thread that reads a long body keeps its client to the floor (pace.py, line.py). An eighth of the threads never
  serves such bodies: a request sent whole always gets an answer. Few threads work on photos at once.
- An address holds at most three quarters of the threads, five eighths for long bodies, and addresses take turns
  (turns.py): of 400 phones behind one operator's NAT that bring photos, some wait, and no short call does. Behind
  trusted proxies the address is the one they forward.
- Signing in has few threads: hundreds who come at once wait in the loop, not beside those who sync. Browsers that
  signed in before, by their signed cookie, have a line of their own, in which accounts take turns.
- When threads run short, the slowest clients that threads wait for are cut, if they are slower than any phone.
- A worker that has more connections than another leaves the next one to it for a moment (shares.py).
- Those of a host that stops take all that waits at its door and shut the door (closing_door.py): a proxy in front is
  refused and asks another host. Else its connections would wait with a host that stops, and break.
- When connections run short, the oldest that are idle between requests go first, then the oldest of the address that
  has most. When the bytes that wait for clients are too many, the oldest answer of the address that has most is cut.
"""

from __future__ import annotations

import errno
import ipaddress
import re
import selectors
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from gunicorn import http, util
from gunicorn.http import wsgi
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, LimitRequestLine, ParseException
from gunicorn.sock import ssl_context
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from server.blobs import breaker
from server.core.keyring import Keyring
from server.processes import closing_door, long_address
from server.processes.answer import LOW, PacedAnswer
from server.processes.arrival import Arrival
from server.processes.line import PacedSocket
from server.processes.shares import OwnShare
from server.processes.turns import BODY, DOOR, KNOWN, LONG, PHOTO, PLAIN, PhotoPace, ThreadTurns
from server.services.access import known_browser
from server.serving.installation import installed

AT_THE_DOOR: Final = 6
"""Threads of a process that serve the sign-in at once: those that may wait for a password to be hashed are fewer
(core/passwords.py), so that some are left to say that it is busy."""
UPLOADS: Final = 1
"""Threads of a process that work on photos at once, but for those that wait for a client or the bucket. Text first: in
the evening, when all photos come, others wait in the loop, and a push or a page meets few who want the processor."""
PATIENT_S: Final = 1.0
"""A photo that is worked on for so long holds up no other: it waits itself. Nor does such a push or page hold it up."""
BETWEEN_S: Final = 0.25
"""Between the beginnings of two photos while a push or a page is worked on: these go first, and photos still come."""
OF_THE_KNOWN: Final = 3
"""Threads of a process that serve it to browsers that signed in before."""
UNSENT_BYTES: Final = 64 * 1024 * 1024
"""Bytes that may wait for the clients of a process, all together."""
LOOK_S: Final = 0.25
"""Seconds between checks for late connections and blocked threads."""
LEAVE_S: Final = 2.0
LEAVE_BYTES: Final = 1024 * 1024
"""Bytes a client may still send after an early answer, so that it reads the answer before the connection breaks."""
DRAIN_S: Final = 0.1
_EMPTY: Final = b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
HEAD_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large" + _EMPTY
TOO_LATE: Final = b"HTTP/1.1 408 Request Timeout" + _EMPTY
CUT_OFF: Final = b"HTTP/1.1 400 Bad Request" + _EMPTY
_SIGN_IN: Final = b"/desk/sign-in"
_BROWSER: Final = re.compile(rb"^cookie:[^\n]*?[ ;](?:__Host-)?browser=([^;\s]+)", re.IGNORECASE | re.MULTILINE)
_FORWARDED: Final = re.compile(rb"^x-forwarded-for:([^\n]*)$", re.IGNORECASE | re.MULTILINE)


class SlowLines(ThreadWorker):
    """The worker. Its loop owns all connections that no thread has: arriving, being sent to, kept alive, leaving."""

    alive: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[TConn, Arrival] = {}
        self._leaving: dict[TConn, list[float]] = {}
        self._sending: dict[TConn, bool | PacedAnswer] = {}
        """Clients that are behind, and what comes then: the rest of the answer, or whether the connection is kept."""
        self._unsent = 0
        self._begun: dict[TConn, PacedAnswer] = {}
        """Answers that wait for a thread to go on with them."""
        self._addresses: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._looked = 0.0
        self._photos = PhotoPace(UPLOADS, BETWEEN_S)
        self._tls = ssl_context(self.cfg) if self.cfg.is_ssl else None
        threads = self.cfg.threads
        self._spare = max(1, threads // 8)
        lanes = dict.fromkeys(LONG, max(1, threads - self._spare)) | {PLAIN: threads}
        lanes |= {DOOR: min(AT_THE_DOOR, max(1, threads // 2)), KNOWN: min(OF_THE_KNOWN, max(1, threads // 4))}
        self._share = OwnShare(self.app.shares, self.age)
        of_one, bodies_of_one = (max(1, threads * part // 8) for part in (6, 5))
        self._turns: ThreadTurns[TConn] = ThreadTurns(threads, of_one, bodies_of_one, lanes)

    # --- in

    def accept(self, listener: Any) -> None:
        """Accept a connection; the loop gathers its request."""
        if not self._share.takes(self.nr_conns, time.monotonic()):
            super().set_accept_enabled(False)
            return
        self._take(listener)

    def _take(self, listener: Any) -> bool:
        """Take one connection. Returns False if none was there."""
        try:
            raw, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._drop_idle()
            return error.errno == errno.ECONNABORTED
        block = _block(address)
        try:
            raw.setblocking(False)
            if self._tls is not None:
                raw = self._tls.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
            line = PacedSocket(raw, block, partial(self._count, block, -1))
            conn = TConn(self.cfg, line, address, listener.getsockname())
        except OSError:  # the client has gone already
            raw.close()
            return True
        self._count(block, 1)
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._drop_idle()
        self._arrive(conn)
        return True

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001  # gunicorn's
        """Called in each turn of the loop: not yet while a connection is left to another worker.

        Called when the worker stops, too.
        """
        if not enabled or time.monotonic() >= self._share.left_until:
            super().set_accept_enabled(enabled)
        if not (enabled or self.alive):
            self._share.drop()  # nobody leaves it one any more
            if self.sockets and self.app.shares.is_host_leaving:
                time.sleep(closing_door.HALF_OPEN_S)
                for listener in self.sockets:
                    while self._take(listener):
                        pass
            for listener in self.sockets:
                listener.close()
            self.sockets.clear()  # gunicorn calls this twice in one turn of a full worker that stops

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
        """Let a request wait for a thread; answer at once if its head is too large, it ended, or it was too slow."""
        arrival = self._arriving.pop(conn)
        self.poller.unregister(conn.sock)
        if not (arrival.has_head and (arrival.ready or arrival.is_streamed)):
            said = HEAD_TOO_LARGE if arrival.ready else CUT_OFF if arrival.ended else TOO_LATE
            if arrival.ready or arrival.has_head:
                with suppress(OSError):
                    conn.sock.raw.send(said)
            self._leave(conn)
            return
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.initialized = conn.data_ready = True
        conn.parser.unreader.unread(bytes(arrival.data))
        conn.sock.asker = self._asker(conn, arrival.head)
        if arrival.is_streamed:
            self._turns.wait(conn, conn.sock.asker, PHOTO)
        elif not arrival.whole:
            self._turns.wait(conn, conn.sock.asker, BODY)
        elif _SIGN_IN not in unquote_to_bytes(arrival.head.partition(b"\r\n")[0]):
            self._turns.wait(conn, conn.sock.asker, PLAIN)
        elif known := _account(arrival.head, installed(self.wsgi).keyring):
            self._turns.wait(conn, f"account {known}", KNOWN)
        else:
            self._turns.wait(conn, conn.sock.asker, DOOR)
        self._dispatch()

    def _asker(self, conn: TConn, head: bytes) -> str:
        """The address block that this request counts for: of the peer, or as the trusted proxies forward it."""
        if self.app.proxies:
            forwarded = b",".join(_FORWARDED.findall(head)).decode("latin-1").split(",")
            with suppress(IndexError, ValueError):
                return _block((forwarded[-self.app.proxies].strip(),))
        return _block(conn.client)

    def _dispatch(self) -> None:
        """Give threads to those whose turn it is.

        Long bodies and photos begin a few at a time: hundreds of threads starting at once answer nobody for seconds.
        """
        while True:
            shut = [lane for lane in LONG if self._turns.waiting(lane) and self._is_busy(lane)]
            conn = self._turns.next(shut)
            if conn is None:
                return
            conn.sock.held_since = time.monotonic()
            if self._turns.lane_of(conn) == PHOTO:
                self._photos.begin(conn.sock.held_since)
            answer = self._begun.pop(conn, None)
            done = (
                self.tpool.submit(self.handle, conn) if answer is None else self.tpool.submit(self._go_on, conn, answer)
            )
            done.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def _is_busy(self, lane: str) -> bool:
        """True if as many of this lane are worked on as may be at once."""
        working: list[PacedSocket] = [conn.sock for conn in self._turns.held_in(lane) if not conn.sock.is_waiting]
        if lane != PHOTO or len(working) >= self._spare:
            return bool(len(working) >= self._spare)
        now = time.monotonic()

        def computes(line: PacedSocket) -> bool:  # else it waits for a lock, the bucket, or another process
            return line.held_since > now - PATIENT_S and not breaker.waits(line.thread)

        others = sum(computes(conn.sock) for conn in self._turns.held_in(PLAIN))
        return self._photos.must_wait(now, sum(map(computes, working)), others)

    # --- in a thread

    def handle_request(self, req: Any, conn: TConn) -> bool | PacedAnswer:
        """PacedAnswer a request. Returns whether the connection is kept; the answer itself if its client is behind.

        As gunicorn's own, which writes until all is sent.
        """
        self.cfg.pre_request(self, req)
        conn.sock.thread = threading.get_ident()
        response, environ = wsgi.create(req, conn.sock, conn.client, conn.server, self.cfg)
        environ["wsgi.multithread"] = True
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        if not self.alive or len(self.keepalived_conns) >= self.max_keepalived:
            response.force_close()
        answer = PacedAnswer(response, req, environ, conn.sock)
        return self._write(answer, begin=True)

    def _write(self, answer: PacedAnswer, *, begin: bool = False) -> bool | PacedAnswer:
        whole = True
        try:
            if begin:
                answer.begin(self.wsgi)
            whole = answer.write()
        except OSError:
            raise
        except Exception:
            if not answer.response.headers_sent:
                raise
            self.log.exception("Error handling request")  # an error's page would be taken for a part of the answer
            return False
        finally:
            if whole:
                answer.log(self.log)
                answer.close()
        return not answer.response.should_close() if whole else answer

    def _go_on(self, conn: TConn, answer: PacedAnswer) -> bool | PacedAnswer:
        """Make more of an answer whose client has taken what there was."""
        with suppress(OSError):  # it is gone meanwhile
            return self._keepalive_after(conn, self._write(answer))
        return False

    def _keepalive_after(self, conn: TConn, keepalive: bool | PacedAnswer) -> bool | PacedAnswer:  # noqa: FBT001  # gunicorn's
        """True if the connection can be reused. Drains the rest of a short body first; a longer one closes it."""
        if isinstance(keepalive, PacedAnswer):
            return keepalive
        return keepalive and bool(conn.parser.finish_body(deadline=time.monotonic() + DRAIN_S))

    # --- out

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Called when a thread is done: send what its client did not take yet, then go on."""
        self._turns.over(conn)
        then = False if fs.cancelled() or fs.exception() is not None else fs.result()
        if isinstance(then, PacedAnswer) or conn.sock.unsent:
            self._send(conn, then)
        else:
            self._ended(conn, kept=bool(then))
        self._dispatch()

    def _ended(self, conn: TConn, *, kept: bool) -> None:
        """All of an answer was sent: keep the connection for the next request, or close it."""
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

    def _send(self, conn: TConn, then: bool | PacedAnswer) -> None:  # noqa: FBT001  # what a thread returned
        """Send in the loop what a client has not taken yet."""
        try:
            self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self._writable, conn))
        except ValueError:  # closed in its thread
            self._let_go(then)
            self._end(conn)
            return
        self._sending[conn] = then
        self._unsent += conn.sock.unsent
        conn.sock.taking.wait()
        while self._unsent > UNSENT_BYTES:
            bytes_of: Counter[str] = Counter()
            for each in self._sending:
                bytes_of[each.sock.asker] += each.sock.unsent
            self._give_up(self._oldest_of(bytes_of, self._sending))

    def _writable(self, conn: TConn, _client: Any) -> None:
        if conn not in self._sending:  # given up in this turn of the loop
            return
        try:
            sent = conn.sock.flush()
        except OSError:
            self._give_up(conn)
            return
        self._unsent -= sent
        conn.sock.taking.moved(sent)
        conn.sock.taking.wait()
        then = self._sending[conn]
        if conn.sock.unsent > (LOW if isinstance(then, PacedAnswer) else 0):
            return
        self._stop_sending(conn)
        self.poller.unregister(conn.sock)
        if isinstance(then, PacedAnswer):
            self._begun[conn] = then
            self._turns.wait(conn, conn.sock.asker, PLAIN)
            self._dispatch()
        else:
            self._ended(conn, kept=then)

    def _stop_sending(self, conn: TConn) -> bool | PacedAnswer:
        conn.sock.taking.moved(0)
        self._unsent -= conn.sock.unsent
        return self._sending.pop(conn)

    def _let_go(self, then: bool | PacedAnswer) -> None:  # noqa: FBT001  # what a thread returned
        if isinstance(then, PacedAnswer):
            self.tpool.submit(then.close)

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
        if conn in self._sending:
            self._let_go(self._stop_sending(conn))
        self._arriving.pop(conn, None)
        self._leaving.pop(conn, None)
        self.poller.unregister(conn.sock)
        self._end(conn)

    def _end(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    # --- order

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for events, at most until the next check, or until a connection is left to another worker no longer."""
        if self.alive:
            self._share.note(self.nr_conns)
        now, is_open = time.monotonic(), self._accepting
        left = self._share.left_until - now
        if left <= 0:  # over since the loop asked, which opens at its next turn; a full or stopping worker stays shut
            opens = not is_open and self.alive and self.nr_conns < self.worker_connections
            left = 0 if opens else LOOK_S
        super().wait_for_and_dispatch_events(min(timeout, LOOK_S, left))
        if is_open:
            self._share.looked(now)

    def murder_pending(self) -> None:
        """Check for late connections. Gunicorn calls this in each turn of the loop."""
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return
        self._looked = now
        for conn, arrival in list(self._arriving.items()):
            if arrival.is_late(now) or not (self.alive or arrival.has_begun or arrival.is_fresh(now)):
                self._begin(conn)
        for conn, (until, _) in list(self._leaving.items()):
            if until < now:
                self._give_up(conn)
        for conn in [conn for conn in self._sending if conn.sock.taking.is_below_floor()]:
            self._give_up(conn)
        self._free_threads()
        self._dispatch()

    def _free_threads(self) -> None:
        """Cut the slowest clients that threads wait for: as many as threads are lacking, a few at a time.

        Each gets an answer and may retry. All at once would take the processor from everybody else.
        """
        lacking = sum(map(self._turns.waiting, (PLAIN, BODY)))
        bodies = self._turns.held_in(BODY)
        if lacking and (self._turns.are_all_held or self._turns.is_full(BODY)):
            slow = [(rate, id(conn), conn) for conn in bodies if (rate := conn.sock.slowness()) is not None]
            for _, _, conn in sorted(slow)[: min(lacking, self._spare)]:
                conn.sock.cut()

    def _drop_idle(self) -> None:
        """Close one connection, so that there is room for another."""
        if self.keepalived_conns:
            self._give_up(self.keepalived_conns.popleft())
        elif self._arriving or self._sending:
            self._give_up(self._oldest_of(self._addresses, [*self._arriving, *self._sending]))

    def _oldest_of(self, counted: Counter[str], conns: Iterable[TConn]) -> TConn:
        """Return the first of these connections whose address counts most."""
        return max(conns, key=lambda conn: counted[conn.sock.asker])

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


def _account(head: bytes, keyring: Keyring) -> str | None:
    """The account that signed in last from the browser of this head; None if its cookie was not signed here."""
    found = _BROWSER.search(head)
    return next(iter(known_browser.accounts(found[1].decode("latin-1"), keyring)), None) if found else None


def _block(address: Any) -> str:
    """The address block of one client: an IPv4 address, or a /64 of IPv6."""
    if not isinstance(address, tuple):
        return ""
    found = ipaddress.ip_address(address[0].partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
