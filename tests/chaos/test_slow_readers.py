"""Clients that take their answers slowly, are cut, or hold threads for long: nobody else waits for them.

What is asserted is counted: who was answered, by whom, what the log holds. The figures of a crowd are printed.
"""

from __future__ import annotations

import re
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from bench import wire
from bench.device import fill, request
from bench.hub import Hub
from bench.table import percentile
from chaos import nginx
from chaos.hubs import hub
from chaos.sizes import size
from chaos.test_crowds import FRONTS
from support.clients.write_only import Json
from support.installation.ports import LOOPBACK
from support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
LARGE = "/api/v1/openapi.json"
"""An answer of 231 kB that anybody gets."""
ANOTHER = "127.0.0.2"
FEW = {"LOA_WORKERS": "1", "LOA_THREADS": "8"}
FORM = "POST /desk/sign-in HTTP/1.1\r\nHost: loa\r\nContent-Type: application/x-www-form-urlencoded\r\n"
PATIENCE_S = 20
MB = 1024 * 1024


@contextmanager
def lines(
    port: int, count: int, sent: bytes, source: str = LOOPBACK, room: int = 32_768
) -> Iterator[list[socket.socket]]:
    """So many connections that have sent this, and can take so little at once."""
    with ExitStack() as stack:
        made = []
        for _ in range(count):
            line = stack.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
            line.bind((source, 0))
            line.settimeout(PATIENCE_S)
            line.connect((LOOPBACK, port))
            line.sendall(sent)
            made.append(line)
        yield made


def rest(line: socket.socket) -> bytes:
    """All that comes until the end."""
    data = bytearray()
    with suppress(OSError):
        while piece := line.recv(65_536):
            data += piece
    return bytes(data)


def asked(port: int, path: str = "/api/v1/health", headers: Mapping[str, str] | None = None) -> int:
    """The status of an answer that comes while the others hold on; 0 where none comes."""
    line = socket.socket()
    line.settimeout(PATIENCE_S)
    with line, suppress(OSError):
        line.bind((ANOTHER, 0))
        line.connect((LOOPBACK, port))
        line.sendall(wire.head("GET", path, {"Connection": "close", **(headers or {})}, None))
        return int(rest(line).split(None, 2)[1])
    return 0


@contextmanager
def fronted(made: Hub, front: str, folder: Path) -> Iterator[int]:
    if front != "nginx":
        yield made.port
        return
    with nginx.before(made.port, folder / "nginx") as port:
        yield port


@pytest.mark.parametrize("front", FRONTS)
def test_who_takes_an_answer_slowly_holds_no_thread(database_url: str, tmp_path: Path, front: str) -> None:
    """Three times as many as there are threads take nothing; others are answered, and they get all of it later."""
    settings = FEW | {"LOA_TRUSTED_PROXIES": str(int(front == "nginx"))}
    words = f"GET {LARGE} HTTP/1.1\r\nHost: loa\r\nConnection: close\r\n\r\n".encode()
    with hub(database_url, tmp_path, 1, **settings) as made, fronted(made, front, tmp_path) as port:
        whole = wire.ask(port, "GET", LARGE, {}).body
        assert len(whole) > 200_000
        with lines(port, 3 * 8, words) as slow:
            for line in slow:
                assert line.recv(1) == b"H"  # its answer has begun
            assert [asked(port) for _ in range(3)] == [200] * 3
            with ThreadPoolExecutor(len(slow)) as pool:
                took = [data.partition(b"\r\n\r\n")[2] for data in pool.map(rest, slow)]
        assert [body == whole for body in took] == [True] * len(took)


def test_a_stream_that_is_taken_slowly_is_made_as_it_is_taken(database_url: str, tmp_path: Path) -> None:
    """More pulls than threads, each of them longer than what is made ahead: all of each comes."""
    with hub(database_url, tmp_path, 1, **FEW) as made:
        fill(made, 600)
        token = made.token(0)
        body = wire.packed(request(()))
        headers = wire.sync_headers(token, accept="identity") | {"Connection": "close"}
        asked_for = wire.head("POST", wire.SYNC, headers, len(body)) + body
        whole = wire.sync(made.port, token, request(()), accept="identity").whole()
        with lines(made.port, 12, asked_for, room=4096) as slow:
            for line in slow:
                assert line.recv(1) == b"H"
            assert [asked(made.port) for _ in range(3)] == [200] * 3
            with ThreadPoolExecutor(len(slow)) as pool:
                took = [_told(b"H" + data) for data in pool.map(rest, slow)]
        assert "Traceback" not in made.server.log.read_text()
    assert len(whole["changes"]) == 600
    assert [each["changes"] == whole["changes"] for each in took] == [True] * len(took)


def _told(raw: bytes) -> Json:
    """A whole answer in chunks, as it came."""
    found: Json = wire.whole(wire.joined(raw.partition(b"\r\n\r\n")[2]))
    return found


@pytest.mark.slow
def test_what_waits_for_clients_is_bounded_in_all(database_url: str, tmp_path: Path) -> None:
    """The address that has most loses, its oldest first."""
    words = f"GET {LARGE} HTTP/1.1\r\nHost: loa\r\nConnection: close\r\n\r\n".encode()
    with hub(database_url, tmp_path, 1, LOA_WORKERS="1", LOA_THREADS="64") as made:
        one = len(wire.ask(made.port, "GET", LARGE, {}).body)
        count = 64 * MB // one + 100
        with lines(made.port, 1, words, ANOTHER) as honest, lines(made.port, count, words, room=4096) as greedy:
            assert honest[0].recv(1) == b"H"
            for line in greedy[-5:]:
                assert line.recv(1) == b"H"
            assert asked(made.port) == 200
            assert len(rest(honest[0])) > one
            with ThreadPoolExecutor(16) as pool:
                took = [len(data) >= one for data in pool.map(rest, greedy)]
        assert 20 <= took.count(False) <= 120, "not 100: what the kernel took is not held here"
        assert True not in took[: took.count(False) // 2], "the oldest go first"


def test_requests_that_are_cut_are_answered_without_the_application(database_url: str, tmp_path: Path) -> None:
    """Thousands that are cut at once would else be thousands of pages made for nobody."""
    begun = (f"{FORM}Content-Length: 9000\r\n\r\na=1", f"{FORM}Transfer-Encoding: chunked\r\n\r\n2000\r\na=1")
    with hub(database_url, tmp_path, 1, **FEW) as made, ExitStack() as stack:
        cut = [line for each in begun for line in stack.enter_context(lines(made.port, 25, each.encode()))]
        time.sleep(0.2)
        for line in cut:
            line.shutdown(socket.SHUT_WR)
        heads = [rest(line).partition(b"\r\n\r\n")[0] for line in cut]
        assert asked(made.port) == 200
    assert Counter(head.split(b"\r\n")[0] for head in heads) == {b"HTTP/1.1 400 Bad Request": len(cut)}
    assert [head for head in heads if b"Content-Security-Policy" in head] == []


CUT_CHUNKS = {
    "in a chunk": b"5\r\nab",
    "in a long chunk": b"30000\r\n" + b"a" * 80_000,
    "behind a long chunk": b"14000\r\n" + b"a" * 0x14000 + b"\r\n",
    "a bad size": b"xyz\r\nab\r\n0\r\n\r\n",
    "a wrong size": b"5\r\nab\r\n0\r\n\r\n",
    "no size": b"\r\nab\r\n0\r\n\r\n",
    "a size that is too long": b"1" * 70_000,
    "a bad trailer": b"2\r\nab\r\n0\r\nX\x00Y\r\n\r\n",
    "cut in the trailers": b"14000\r\n" + b"a" * 0x14000 + b"\r\n0\r\nX: y\r\n",
}


def test_cut_and_broken_chunks_leave_short_lines_in_the_log(database_url: str, tmp_path: Path) -> None:
    """Each was a traceback of 3 kB at the desk, for anybody."""
    with hub(database_url, tmp_path, 1, **FEW) as made:
        known = f"Authorization: Bearer {made.tokens[0]}\r\n"
        form = "Content-Type: application/x-www-form-urlencoded\r\n"
        tus = "Content-Type: application/offset+octet-stream\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        roads = {
            "sign-in": ("POST /desk/sign-in", form),
            "file": ("POST /desk/rescue", "Content-Type: multipart/form-data; boundary=x\r\n"),
            "nowhere": ("POST /desk/nothing", form),
            "sync": ("POST /api/v1/sync", f"{known}Content-Type: application/json\r\n"),
            "upload": (f"PATCH /api/v1/uploads/{'0' * 64}", known + tus),
            "announce": ("POST /api/v1/uploads", f"{known}Tus-Resumable: 1.0.0\r\nUpload-Length: 9\r\n"),
        }
        said: dict[str, int] = {}
        for road, (words, headers) in roads.items():
            for how, body in CUT_CHUNKS.items():
                before = made.server.log.stat().st_size
                head = f"{words} HTTP/1.1\r\nHost: loa\r\n{headers}Transfer-Encoding: chunked\r\n\r\n"
                with lines(made.port, 1, b"") as (line,):
                    with suppress(OSError):
                        line.sendall(head.encode() + body)
                        line.shutdown(socket.SHUT_WR)
                    rest(line)
                said[f"{road}, {how}"] = made.server.log.stat().st_size - before
        text = made.server.log.read_text()
    assert {name: count for name, count in said.items() if count > 200} == {}
    assert "Traceback" not in text


class Trickles:
    """Long bodies of a known device, faster than what is cut when threads run short, and never whole."""

    def __init__(self, port: int, token: str, count: int, headers: str) -> None:
        head = f"POST /api/v1/sync HTTP/1.1\r\nHost: loa\r\n{headers}Authorization: Bearer {token}\r\n"
        self._request = f"{head}Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n".encode()
        self._port, self._count, self._over = port, count, Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        with lines(self._port, self._count, self._request) as made:
            thread = Thread(target=self._run, args=(made,))
            thread.start()
            try:
                yield
            finally:
                self._over.set()
                thread.join()

    def _run(self, made: list[socket.socket]) -> None:
        while not self._over.wait(0.2):
            for line in made:
                with suppress(OSError):
                    line.sendall(b" " * 2_000)


@pytest.mark.parametrize("proxies", ["0", "1"])
def test_an_address_holds_a_part_of_the_threads(database_url: str, tmp_path: Path, proxies: str) -> None:
    """Behind a proxy it is the address that the proxy names."""
    with hub(database_url, tmp_path, 1, **FEW, LOA_TRUSTED_PROXIES=proxies) as made:
        token = made.tokens[0]
        theirs, ours = (f"X-Forwarded-For: 203.0.113.{n}\r\n" if proxies == "1" else "" for n in (7, 8))
        trickles = Trickles(made.port, token, 20, theirs)
        body = b"{" + b" " * 80_000 + b"}"
        words = f"POST /api/v1/sync HTTP/1.1\r\nHost: loa\r\n{ours}Authorization: Bearer {token}\r\n"
        head = f"{words}Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        with trickles.running():
            time.sleep(1)  # each has its thread, or waits for one
            with lines(made.port, 1, head.encode(), ANOTHER) as (line,):
                time.sleep(0.2)  # a body that is still to come
                line.sendall(body)
                assert rest(line).startswith(b"HTTP/1.1 200 "), "an exchange of nothing"


def test_a_crowd_at_the_door_holds_few_threads(database_url: str, tmp_path: Path) -> None:
    """Those who sign in wait in the loop, and a phone has a thread at once."""
    with hub(database_url, tmp_path, 1, LOA_WORKERS="1", LOA_THREADS="64") as made:
        words = b"GET /desk/sign-in HTTP/1.1\r\nHost: loa\r\nConnection: close\r\n\r"
        with lines(made.port, 200, words) as crowd:
            for line in crowd:
                line.sendall(b"\n")  # all at once
            with ThreadPoolExecutor(16) as pool:
                heads = [data.split(b"\r\n")[0] for data in pool.map(rest, crowd)]
        worker = int(re.findall(r"Booting worker with pid: (\d+)", made.server.log.read_text())[0])
        threads = len(list(Path(f"/proc/{worker}/task").iterdir()))
    assert Counter(heads) == {b"HTTP/1.1 200 OK": len(crowd)}
    print(f"{threads} threads for {len(heads)} at the door")
    assert threads <= 12, "the loop, those at the door, and what the application runs by itself"


def test_a_crowd_that_reads_slowly_and_one_that_is_cut(database_url: str, tmp_path: Path) -> None:
    """Figures: the health of the server beside 700 who read 3 kB a second, and when 4,000 are cut at once."""
    with hub(database_url, tmp_path, 1) as made:
        words = f"GET {LARGE} HTTP/1.1\r\nHost: loa\r\nConnection: close\r\n\r\n".encode()
        with lines(made.port, size(30, 700), words, room=4096) as slow:
            over = Event()

            def sip() -> None:
                while not over.wait(1):
                    for line in slow:
                        with suppress(OSError):
                            line.recv(3_000)

            thread = Thread(target=sip)
            thread.start()
            try:
                time.sleep(1)
                beside = _health(made, size(2, 30))
            finally:
                over.set()
                thread.join()
        head = f"{FORM}Content-Length: 9000\r\n\r\na=1".encode()
        with ExitStack() as stack:
            sources = [f"127.0.0.{n}" for n in range(10, 14)]
            all_of_them = [stack.enter_context(lines(made.port, size(50, 1_000), head, each)) for each in sources]
            until(lambda: asked(made.port) == 200)
            for line in (line for each in all_of_them for line in each):
                line.close()
            cut = _health(made, size(1, 10))
    print(
        f"{len(slow)} slow readers: health beside ({len(beside)}) p50 {percentile(beside, 0.5) * 1000:.0f} ms, p99 "
        f"{percentile(beside, 0.99) * 1000:.0f} ms, most {max(beside) * 1000:.0f}; {len(sources) * size(50, 1_000)} "
        f"cut at once: p50 {percentile(cut, 0.5) * 1000:.0f} ms, most {max(cut) * 1000:.0f} ms"
    )


def _health(made: Hub, seconds: float) -> list[float]:
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        answer = wire.ask(made.port, "GET", "/api/v1/health", {"Connection": "close"}, source=ANOTHER)
        took.append(answer.seconds)
        assert answer.status == 200
        time.sleep(0.05)
    return took
