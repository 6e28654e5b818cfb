"""Large bodies at the real server: its memory does not grow with what is sent, and what nobody may send is not read.

300 MB in chunks to a page that is not there and to the sign-in, 195 MB rescue files of a reviewer at once. `make test`
sends less. Figures are printed: growth of the resident memory of all processes, at its peak.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from bench.desk import Desk
from bench.hub import Hub, hub
from chaos.sizes import size
from support.installation.databases import Sqlite
from support.installation.ports import LOOPBACK

pytestmark = pytest.mark.slow
MB = 1024 * 1024
LARGE = size(100, 300)
FILE = size(60, 195)
AT_ONCE = 3
GROWTH_MB = 48
"""A pool of threads and buffers that a first request of its kind makes, whatever is sent."""
PIECE = b"a" * MB
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
FILE_PART = 'Content-Disposition: form-data; name="file"; filename="f.loa"\r\nContent-Type: application/octet-stream'


@dataclass
class Sent:
    """How many MB went before the server had enough, and its status; 0 where it only hung up."""

    mb: int
    status: int


def send(port: int, path: str, headers: dict[str, str], parts: Iterator[bytes]) -> Sent:
    """A POST in chunks, until all is sent or the server has answered."""
    sent, answer = 0, b""
    with socket.create_connection((LOOPBACK, port), timeout=120) as line:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with suppress(OSError):
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: loa\r\n{lines}Transfer-Encoding: chunked\r\n\r\n".encode())
            for part in parts:
                line.sendall(b"%x\r\n%b\r\n" % (len(part), part))
                sent += len(part)
            line.sendall(b"0\r\n\r\n")
        with suppress(OSError):
            answer = line.recv(4096)
    found = re.match(rb"HTTP/1.1 (\d+)", answer)
    return Sent(sent // MB, int(found[1]) if found else 0)


def plain(mb: int) -> Iterator[bytes]:
    for _ in range(mb):
        yield PIECE


def form(token: str, mb: int) -> Iterator[bytes]:
    """A form with a file in it."""
    yield f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'.encode()
    yield f"--x\r\n{FILE_PART}\r\n\r\n".encode()
    yield from plain(mb)
    yield b"\r\n--x--\r\n"


@contextmanager
def growth(made: Hub) -> Iterator[Callable[[], int]]:
    """How many MB more the server's processes hold at most than before, together."""
    assert made.server.process is not None
    family = psutil.Process(made.server.process.pid)
    processes = [family, *family.children(recursive=True)]

    def resident() -> int:
        return sum(each.memory_info().rss for each in processes)

    before, most, over = resident(), [0], threading.Event()

    def watch() -> None:
        while not over.is_set():
            most[0] = max(most[0], resident() - before)
            time.sleep(0.01)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: most[0] // MB
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One server for all strangers, each of whom is measured from where it stood before."""
    folder = tmp_path_factory.mktemp("strangers")
    with hub(Sqlite(folder).fresh(), folder, LOA_WORKERS="1") as running:
        Desk(running.port, "huyen").get("/desk/sign-in")  # what a first page takes
        yield running


@pytest.mark.parametrize("type_", [FORM, MULTIPART], ids=["urlencoded", "file"])
@pytest.mark.parametrize("path", ["/desk/nothing", "/desk/sign-in", "/desk/rescue"])
def test_of_a_strangers_body_hardly_anything_is_read(made: Hub, path: str, type_: str) -> None:
    with growth(made) as grown:
        parts = plain(LARGE) if type_ == FORM else form("", LARGE)
        sent = send(made.port, path, {"Content-Type": type_}, parts)
    print(f"{LARGE} MB {type_[:20]} to {path}: {sent.status} after {sent.mb} MB, +{grown()} MB")
    assert sent.status in (303, 400, 401, 404, 413)
    assert sent.mb < 20
    assert grown() < GROWTH_MB


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.costly
def test_rescue_files_at_once(database_url: str, tmp_path: Path) -> None:
    """Each goes to the disk as it comes; none is a rescue file, and nothing of it stays."""
    with hub(database_url, tmp_path, LOA_WORKERS="1") as made:
        desk = Desk(made.port, "huyen")
        page = desk.get("/desk/rescue").text().decode()
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
        with growth(made) as grown, ThreadPoolExecutor(AT_ONCE) as pool:
            headers = {"Content-Type": MULTIPART, "Cookie": desk.cookie}
            sends = [pool.submit(send, made.port, "/desk/rescue", headers, form(token, FILE)) for _ in range(AT_ONCE)]
            told = [each.result() for each in sends]
        print(f"{AT_ONCE} x {FILE} MB to /desk/rescue at once: {told}, +{grown()} MB")
        assert [(each.mb, each.status) for each in told] == [(FILE, 422)] * AT_ONCE
        assert grown() < GROWTH_MB
        assert list((made.server.data_dir / "rescue").iterdir()) == []
