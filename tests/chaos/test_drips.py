"""620 clients that drip, below the floor and at it: the server answers others at once, alone and behind nginx.

Each is a connection that comes again when it is cut off. They drip heads, forms, chunks, nothing at all, and bodies of
a device that is known. A slice in `make test` has fewer of them and fewer threads.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from bench import wire
from bench.hub import Hub
from bench.table import percentile
from chaos import drip, nginx
from chaos.hubs import hub
from chaos.sizes import FULL, size
from chaos.test_crowds import FRONTS
from support import own_loop
from support.installation.certificate import certificate

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
COUNT = size(60, 620)
SECONDS = size(2, 60)
FEW = size(1, 2), size(16, 256)
"""Processes and threads."""
P99_S = size(20_000, 500) / 1000
"""A slice may run on a busy machine: its bound is what is less than the half minute that a drip holds on."""
ANOTHER = "127.0.0.2"
"""Where health is asked from: nginx limits each address, and the drips use up the calls of theirs."""
PACES = {"below the floor": drip.BELOW, "at the floor": drip.FLOOR}


async def health(port: int, seconds: float) -> list[float]:
    """How long each call took, on a connection of its own, over so many seconds."""
    took: list[float] = []
    end = time.monotonic() + seconds
    call = partial(wire.ask, port, "GET", "/api/v1/health", {"Connection": "close"}, source=ANOTHER)
    while time.monotonic() < end:
        answer = await asyncio.to_thread(call)
        assert answer.status == 200
        took.append(answer.seconds)
        await asyncio.sleep(0.05)
    return took


def beside(drips: drip.Drips, words: str) -> None:
    took = own_loop.run(drips.hold(lambda: health(drips.port, SECONDS)))
    p50, p99 = (percentile(took, share) for share in (0.5, 0.99))
    print(
        f"{words}: {drips.count} drips, {drips.opened} connections, {drips.cut} cut; "
        f"health beside ({len(took)}) p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms"
    )
    assert p99 <= P99_S


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("front", FRONTS)
def test_whoever_drips_holds_nobody_up(database_url: str, tmp_path: Path, front: str, pace: str) -> None:
    workers, threads = map(str, FEW)
    proxies = str(int(front == "nginx"))
    settings = {"LOA_WORKERS": workers, "LOA_THREADS": threads, "LOA_TRUSTED_PROXIES": proxies}
    with hub(database_url, tmp_path, 1, **settings) as made:
        if front == "nginx":
            with nginx.before(made.port, tmp_path / "nginx") as port:
                _each_kind(made, port, front, pace)
        else:
            _each_kind(made, made.port, front, pace)


def _each_kind(made: Hub, port: int, front: str, pace: str) -> None:
    kinds = {"strangers": list(drip.STARTS.values()), "a known device": [drip.body(made.tokens[0])]}
    for kind, starts in kinds.items():
        beside(drip.Drips(port, starts, COUNT, PACES[pace]), f"{front}, {kind} {pace}")


def test_a_handshake_that_drips_holds_nobody_up(database_url: str, tmp_path: Path) -> None:
    """The start of a ClientHello, and then hardly a byte."""
    with hub(database_url, tmp_path, 1, LOA_THREADS=str(FEW[1]), **certificate(tmp_path)) as made:
        drips = drip.Drips(made.port, [b"\x16\x03\x01\x02\x00\x01"], COUNT, (1, 60.0))

        async def asked() -> float:
            begun = time.monotonic()
            await asyncio.to_thread(_asked_over_tls, made)
            return time.monotonic() - begun

        took = own_loop.run(drips.hold(asked))
        print(f"handshakes: {drips.count} drips; health over TLS beside {took * 1000:.0f} ms")
        assert took <= 20  # in the second in which 620 handshakes begin


def _asked_over_tls(made: Hub) -> None:
    urllib.request.urlopen(f"{made.server.url}/api/v1/health", timeout=60, context=made.server.trust).close()


@pytest.mark.skipif(not FULL, reason="half a minute of waiting: make chaos")
def test_what_drips_is_cut_after_30_seconds(database_url: str, tmp_path: Path) -> None:
    with hub(database_url, tmp_path) as made:
        drips = drip.Drips(made.port, [drip.STARTS["form"], drip.body(made.tokens[0])], 20, drip.BELOW)
        own_loop.run(drips.hold(lambda: asyncio.sleep(45)))
        assert drips.cut == 20
