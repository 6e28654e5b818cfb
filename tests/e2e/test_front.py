"""The server's door, seen from outside: who fills it with connections, who sends what is no HTTP, the data folder."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from bench import wire
from support.installation.databases import Sqlite
from support.installation.ports import LOOPBACK
from support.installation.served import forked
from support.waiting import PATIENCE_S

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def opened(stack: ExitStack, port: int, source: str = LOOPBACK) -> socket.socket:
    line = socket.create_connection((LOOPBACK, port), timeout=30, source_address=(source, 0))
    return stack.enter_context(line)


def test_idle_connections_make_room(tmp_path: Path) -> None:
    """More than the server keeps: the oldest go, and who asks is answered."""
    few = {"LOA_WORKERS": "1", "LOA_THREADS": "8"}
    with forked(Sqlite(tmp_path).fresh(), tmp_path / "data", **few) as server, ExitStack() as stack:
        lines = [opened(stack, server.port) for _ in range(150)]
        assert wire.ask(server.port, "GET", "/api/v1/health", {}).status == 200
        assert lines[0].recv(1) == b""


def test_when_connections_run_short_the_address_that_has_most_loses(tmp_path: Path) -> None:
    """Others were the oldest, and went first."""
    few = {"LOA_WORKERS": "1", "LOA_THREADS": "8"}
    with forked(Sqlite(tmp_path).fresh(), tmp_path / "data", **few) as server, ExitStack() as stack:
        honest = [opened(stack, server.port, "127.0.0.2") for _ in range(5)]
        greedy = [opened(stack, server.port) for _ in range(150)]
        assert greedy[0].recv(1) == b""
        for line in honest:
            line.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: loa\r\n\r\n")
            assert line.recv(15) == b"HTTP/1.1 200 OK"


def test_a_token_in_a_broken_head_is_in_no_log_and_no_answer(tmp_path: Path) -> None:
    heads = (
        b"GET / HTTP/1.1\r\nHost: loa\r\nAuthorization Bearer seCret-token\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: loa\r\nAuthorization: Bearer\r\n seCret-token\r\n\r\n",
        b"GET /desk/welcome/seCret-token HTTP/9.x\r\nHost: loa\r\n\r\n",
        b"seCret-token\r\n\r\n",
    )
    with forked(Sqlite(tmp_path).fresh(), tmp_path / "data") as server:
        for head in heads:
            with socket.create_connection((LOOPBACK, server.port), timeout=30) as line:
                line.sendall(head)
                answer = line.recv(4096)
            assert answer.startswith(b"HTTP/1.1 400"), head
            assert b"seCret" not in answer
        log = server.log.read_text()
        assert log.count("Invalid request from ip=") == len(heads)
        assert "seCret" not in log


def test_a_client_that_stays_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """Answered, and told that the connection ends, it neither goes nor reads: gunicorn's loop would wait for each."""
    with forked(Sqlite(tmp_path).fresh(), tmp_path / "data", LOA_WORKERS="1") as server, ExitStack() as stack:
        for _ in range(20):
            line = opened(stack, server.port)
            line.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: loa\r\nConnection: close\r\n\r\n")
            assert line.recv(15) == b"HTTP/1.1 200 OK"
        answer = wire.ask(server.port, "GET", "/api/v1/health", {})
        assert answer.status == 200
        assert answer.seconds < PATIENCE_S, "two seconds for each are 40"


def test_a_connection_that_makes_room_while_it_sends_ends_nobody_else(tmp_path: Path) -> None:
    """The loop meets a connection that it dropped a moment before: once, that ended the whole process."""
    few = {"LOA_WORKERS": "1", "LOA_THREADS": "8"}
    with forked(Sqlite(tmp_path).fresh(), tmp_path / "data", **few) as server, ExitStack() as stack:
        lines = [opened(stack, server.port) for _ in range(30)]
        for number in range(150):
            lines.append(opened(stack, server.port))
            with suppress(OSError):
                lines[number].sendall(b"G")
        assert wire.ask(server.port, "GET", "/api/v1/health", {}).status == 200
        assert "Exception in worker process" not in server.log.read_text()


def test_who_goes_behind_two_requests_at_once_ends_nobody_else(tmp_path: Path) -> None:
    """The second asks to be told to go on, and is gone when it would be."""
    head = b"HEAD /api/v1/health HTTP/1.1\r\nHost: loa\r\n\r\n"
    asks = b"POST /desk/sign-in HTTP/1.1\r\nHost: loa\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with forked(Sqlite(tmp_path).fresh(), tmp_path / "data", LOA_WORKERS="1") as server:
        for _ in range(30):
            with socket.create_connection((LOOPBACK, server.port), timeout=30) as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.sendall(head + asks)
        assert wire.ask(server.port, "GET", "/api/v1/health", {}).status == 200
        assert "Exception in worker process" not in server.log.read_text()


@pytest.mark.parametrize("path", ["/desk/nothing", "/api/v1/sync"])
def test_behind_a_body_that_was_not_read_the_line_says_that_it_ends(tmp_path: Path, path: str) -> None:
    with forked(Sqlite(tmp_path).fresh(), tmp_path / "data") as server:
        head = f"POST {path} HTTP/1.1\r\nHost: loa\r\nContent-Length: 900000\r\n\r\n".encode()
        with socket.create_connection((LOOPBACK, server.port), timeout=30) as line:
            line.sendall(head)
            assert b"connection: close" in line.recv(4096).lower()


@pytest.mark.costly(soak=True, kept_by="tests/unit/test_cli.py::test_nobody_else_on_the_machine_reads_what_is_written")
def test_the_data_folder_of_make_run_is_for_nobody_else(tmp_path: Path) -> None:
    """The name under which the demo is made is neither printed nor left behind."""
    folder = tmp_path / "new" / "var"
    env = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
    words = ["sh", "-c", "umask 022; exec sh tools/first_start.sh --communes 1"]
    env |= {"LOA_DATA_DIR": str(folder), "LANG": "vi_VN.UTF-8", "LC_ALL": ""}
    done = subprocess.run(words, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    assert done.stderr.startswith("Đang tạo dữ liệu mẫu")
    assert "demo.part" not in done.stderr
    assert (folder / "loa.sqlite").exists()
    assert not list(folder.glob("demo.part*"))
    assert folder.stat().st_mode & 0o077 == 0
