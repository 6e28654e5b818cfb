"""A host that stops while phones come: whatever reached it is answered, the others are refused and go elsewhere.

nginx asks another host when the first one refuses the connection; a push whose connection breaks it cannot repeat.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from pathlib import Path

import pytest

from bench import wire
from chaos.sizes import size
from support.installation.ports import LOOPBACK
from support.installation.served import served

PHONES = size(8, 60)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_host_that_stops_answers_all_that_reached_it(database_url: str, tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    with served(database_url, tmp_path / "data") as server:

        def come() -> None:
            while True:
                try:
                    answer = wire.ask(server.port, "GET", "/api/v1/health", {"Connection": "close"})
                except ConnectionRefusedError:
                    return
                found["cut" if answer.cut else str(answer.status)] += 1

        # A browser keeps its connection, so that the host does not end at once.
        with socket.create_connection((LOOPBACK, server.port)) as kept:
            kept.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: loa\r\n\r\n")
            assert kept.recv(65_536).startswith(b"HTTP/1.1 200")
            phones = [threading.Thread(target=come) for _ in range(PHONES)]
            for phone in phones:
                phone.start()
            server.leave()
            for phone in phones:
                phone.join()
    assert set(found) == {"200"}
