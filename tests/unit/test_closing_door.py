"""A listener that is about to close: who knocks is not let in, who stands there is."""

from __future__ import annotations

import socket
import sys
from types import SimpleNamespace

import pytest

from server.processes import closing_door


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone filters what comes to a socket")
@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_none_begins_and_those_that_began_are_taken(family: socket.AddressFamily, address: str) -> None:
    try:
        listener = socket.create_server((address, 0), family=family)
    except OSError:
        pytest.skip("no IPv6 here")
    port = listener.getsockname()[1]
    with listener, socket.create_connection((address, port), timeout=5) as before:
        closing_door.begin_no_more([SimpleNamespace(sock=listener)])
        taken, _ = listener.accept()
        with taken:
            taken.sendall(b"yes")
            assert before.recv(3) == b"yes"
        with pytest.raises(TimeoutError):
            socket.create_connection((address, port), timeout=0.2)
