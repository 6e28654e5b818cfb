"""How a client's pace is judged, and when a request is whole enough for a thread."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from gunicorn.config import Config
from gunicorn.http import RequestParser
from gunicorn.http.wsgi import Response

from server.core.keyring_file import of_first
from server.processes import arrival, pace
from server.processes.answer import PacedAnswer
from server.processes.arrival import CONTINUE, Arrival
from server.processes.line import PacedSocket
from server.processes.pace import Pace
from server.processes.slow_lines import _account, _block
from server.processes.turns import BODY, DOOR, PLAIN, PhotoPace, ThreadTurns
from server.services.access.known_browser import renewed


@dataclass
class Clock:
    now: float = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pace, "time", made)
    monkeypatch.setattr(arrival, "time", made)
    return made


def moved(clock: Clock, one: Pace, count: int, *, each_s: float, times: int) -> None:
    for _ in range(times):
        one.wait()
        clock.now += each_s
        one.moved(count)


@pytest.mark.parametrize(
    ("length", "large"), [("5", False), ("0" * 16 + "65", False), ("65537", True), ("9" * 5_000, True), ("x", True)]
)
def test_a_length_is_read_once_and_an_odd_one_is_a_threads_to_judge(length: str, *, large: bool) -> None:
    head = arrival.RequestHead(f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
    assert head.is_large is large


@pytest.mark.parametrize(
    ("version", "asked", "said"),
    [
        ("1.1", "", []),
        ("1.1", "Connection: close\r\n", ["Connection: close\r\n"]),
        ("1.0", "Connection: keep-alive\r\n", ["Connection: keep-alive\r\n"]),
    ],
)
def test_a_head_does_not_say_what_is_so_anyway(version: str, asked: str, said: list[str]) -> None:
    """RFC 9112, 9.3: in HTTP/1.1 a connection is kept where nothing is said."""
    config = Config()
    request = next(RequestParser(config, iter([f"GET / HTTP/{version}\r\n{asked}\r\n".encode()]), ("127.0.0.1", 1)))
    response = Response(request, None, config)
    response.start_response("200 OK", [("Content-Length", "0")])
    first, date, *rest = PacedAnswer(response, request, {}, None).response.default_headers()
    assert (first, date[:6], rest) == (f"HTTP/{version} 200 OK\r\n", "Date: ", said)


@pytest.mark.parametrize(("rate", "slow"), [(1, True), (900, True), (1_000, False), (5_000, False)])
def test_the_floor_is_judged_over_30_seconds_of_waiting(clock: Clock, rate: int, *, slow: bool) -> None:
    one = Pace(sure_s=2)
    moved(clock, one, rate, each_s=1, times=29)
    assert not one.is_too_slow
    moved(clock, one, rate, each_s=1, times=1)
    assert one.is_too_slow is slow


def test_what_the_server_needs_is_not_the_clients(clock: Clock) -> None:
    one = Pace(sure_s=2)
    for _ in range(10):
        moved(clock, one, 1_000, each_s=1, times=1)
        clock.now += 60  # the disk
    assert one.rate() is None
    assert not one.is_too_slow


def test_a_phone_that_stood_still_for_a_while_passes(clock: Clock) -> None:
    one = Pace(sure_s=2)
    moved(clock, one, 5_000, each_s=1, times=8)
    moved(clock, one, 5_000, each_s=19, times=1)
    moved(clock, one, 5_000, each_s=1, times=3)
    assert not one.is_too_slow


def test_how_slow_is_known_only_after_a_while_and_while_one_waits(clock: Clock) -> None:
    one = Pace(sure_s=2)
    one.wait()
    clock.now += 1
    assert one.rate() is None
    clock.now += 1
    assert one.rate() == 0
    one.moved(100)
    assert one.rate() is None


def test_who_takes_nothing_is_below_the_floor_after_a_minute(clock: Clock) -> None:
    one = Pace(window_s=60)
    one.wait()
    clock.now += 59
    assert not one.is_below_floor()
    clock.now += 1
    assert one.is_below_floor()


def test_what_is_not_taken_waits_and_nobody_waits_for_it() -> None:
    ours, client = socket.socketpair()
    with ours, client:
        line = PacedSocket(ours, "", lambda: None)
        whole = bytes(range(256)) * 4_000
        for at in range(0, len(whole), 100_000):
            line.sendall(whole[at : at + 100_000])
        assert line.unsent > 500_000
        took = b""
        while line.unsent:
            took += client.recv(65_536)
            line.flush()
        while len(took) < len(whole):
            took += client.recv(65_536)
        assert took == whole


def taken(turns: ThreadTurns[str], *shut: str) -> list[str]:
    """All who get a thread now."""
    found = []
    while (one := turns.next(shut)) is not None:
        found.append(one)
    return found


def test_an_address_holds_a_part_of_the_threads_and_addresses_take_turns() -> None:
    turns: ThreadTurns[str] = ThreadTurns(8, 6, 5, {PLAIN: 8, DOOR: 2, BODY: 7})
    for number in range(100):
        turns.wait(f"a{number}", "a", PLAIN)
    assert taken(turns) == [f"a{number}" for number in range(6)]
    turns.wait("b0", "b", PLAIN)
    turns.wait("c0", "c", BODY)
    assert sorted(taken(turns)) == ["b0", "c0"]
    turns.over("a3")
    assert taken(turns) == ["a6"]
    turns.wait("b1", "b", PLAIN)
    for one in ("a0", "a1"):
        turns.over(one)
    assert taken(turns) == ["a7", "b1"], "not the 92 of a first"


def test_long_bodies_of_an_address_leave_room_for_its_short_calls() -> None:
    turns: ThreadTurns[str] = ThreadTurns(8, 6, 5, {PLAIN: 8, DOOR: 2, BODY: 7})
    for number in range(20):
        turns.wait(f"photo{number}", "a", BODY)
    assert taken(turns) == [f"photo{number}" for number in range(5)]
    turns.wait("call", "a", PLAIN)
    turns.wait("other", "b", BODY)
    assert sorted(taken(turns)) == ["call", "other"]
    turns.over("call")
    assert taken(turns) == [], "its photos wait for each other"
    turns.over("photo3")
    assert taken(turns) == ["photo5"]


def test_a_lane_holds_so_many_threads_and_one_may_be_shut() -> None:
    turns: ThreadTurns[str] = ThreadTurns(8, 6, 5, {PLAIN: 8, DOOR: 2, BODY: 7})
    for number in range(50):
        turns.wait(f"door{number}", f"address{number}", DOOR)
    turns.wait("phone", "p", PLAIN)
    turns.wait("photo", "p", BODY)
    assert sorted(taken(turns, BODY)) == ["door0", "door1", "phone"]
    assert (turns.is_full(DOOR), turns.waiting(DOOR), turns.waiting(BODY)) == (True, 48, 1)
    assert taken(turns) == ["photo"]
    assert turns.held_in(BODY) == ["photo"]
    turns.over("door0")
    turns.over("door0")
    assert taken(turns) == ["door2"]


@dataclass
class Pair:
    """A client's end, and what the server makes of it."""

    client: socket.socket
    arrived: Arrival

    def send(self, data: bytes) -> tuple[bool, bool]:
        """(a thread may begin, it need not wait) after these bytes."""
        self.client.sendall(data)
        self.arrived.gather()
        return self.arrived.ready, self.arrived.whole


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, client = socket.socketpair()
    ours.setblocking(False)
    client.settimeout(5)
    with ours, client:
        yield Pair(client, Arrival(PacedSocket(ours, "", lambda: None)))


def test_a_head_is_gathered_to_its_end(pair: Pair) -> None:
    assert pair.send(b"GET / HTTP/1.1\r\nHost: loa\r\n") == (False, False)
    assert not pair.arrived.has_head
    assert pair.send(b"\r\n") == (True, True)


def test_a_small_form_is_gathered_too(pair: Pair) -> None:
    assert pair.send(b"POST /desk/sign-in HTTP/1.1\r\ncontent-LENGTH:  10\r\n\r\n12345") == (False, False)
    assert pair.arrived.has_head
    assert pair.send(b"67890") == (True, True)


@pytest.mark.parametrize(
    "head", [b"POST /x HTTP/1.1\r\nContent-Length: 70000", b"PATCH /api/v1/uploads/00 HTTP/1.1\r\nContent-Length: 9"]
)
def test_a_large_body_and_an_upload_are_read_by_a_thread(pair: Pair, head: bytes) -> None:
    assert pair.send(head + b"\r\n\r\n") == (True, False)


def test_chunks_are_gathered_until_the_last_or_too_many(pair: Pair) -> None:
    assert pair.send(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n") == (False, False)
    assert pair.send(b"0\r\nX-Checksum: 1\r\n\r\n") == (True, True)


def test_too_many_chunks(pair: Pair) -> None:
    assert pair.send(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n") == (False, False)
    assert pair.send(b"a" * 70_000) == (True, False)


def test_a_head_that_never_ends_is_given_up(pair: Pair) -> None:
    ready, _ = pair.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000)
    assert (ready, pair.arrived.has_head) == (True, False)


def test_who_waits_for_100_continue_is_told_it_once(pair: Pair) -> None:
    assert pair.send(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n") == (False, False)
    assert pair.client.recv(100) == CONTINUE
    assert pair.send(b"abcd") == (True, True)
    assert b"Expect" not in pair.arrived.data  # gunicorn would tell it again


def test_the_end_is_noticed(pair: Pair) -> None:
    pair.client.shutdown(socket.SHUT_WR)
    pair.arrived.gather()
    assert pair.arrived.ended


def test_who_drips_is_late_after_30_seconds_and_who_is_silent_after_20(clock: Clock) -> None:
    ours, client = socket.socketpair()
    with ours, client:
        ours.setblocking(False)
        silent, dripping = Arrival(PacedSocket(ours, "", lambda: None)), Arrival(PacedSocket(ours, "", lambda: None))
        for _ in range(3):
            assert not dripping.is_late(clock.now)
            clock.now += 10
            client.sendall(b"a")
            dripping.gather()
        assert silent.is_late(clock.now)
        assert dripping.is_late(clock.now)


def test_a_browser_that_signed_in_before_is_known_by_its_signed_cookie() -> None:
    ring, other = of_first("a secret of 32 characters at least"), of_first("another secret of 32 characters..")
    kept = renewed(renewed(None, "first", "hash", ring), "last", "hash", ring)
    for cookie in (f"browser={kept}", f"session=a.b; __Host-browser={kept}; language=vi"):
        head = f"POST /desk/sign-in HTTP/1.1\r\nHost: loa\r\nCookie: {cookie}\r\nAccept: a\r\n\r\n".encode()
        assert _account(head, ring) == "last"
        assert _account(head, other) is None
        assert _account(head.replace(b"browser=", b"browser=x"), ring) is None
        assert _account(head.replace(b"Cookie", b"X-Cookie"), ring) is None
    assert _account(b"GET /desk/sign-in HTTP/1.1\r\nHost: loa\r\n\r\n", ring) is None


def test_a_block_is_an_address_or_a_64_of_ipv6() -> None:
    assert _block(("203.0.113.7", 1)) == _block(("::ffff:203.0.113.7", 1, 0, 0)) == "203.0.113.7"
    assert _block(("2001:db8::1", 1, 0, 0)) == _block(("2001:db8::ffff:2", 1, 0, 0)) == "2001:db8::/64"
    assert _block(("fe80::1%eth0", 1, 0, 2)) == "fe80::/64"


def test_text_and_pages_go_before_photos_which_still_come() -> None:
    photos = PhotoPace(at_once=1, between_s=0.25)
    assert not photos.must_wait(100.0, photos=0, others=3), "the first one begins beside whatever there is"
    photos.begin(100.0)
    assert photos.must_wait(100.1, photos=1, others=0), "one at a time"
    assert not photos.must_wait(100.1, photos=0, others=0), "one after the other where nobody else is"
    assert photos.must_wait(100.1, photos=0, others=1)
    assert not photos.must_wait(100.25, photos=0, others=1), "but four a second, whoever is there"
