"""A first pull through a line that is cut at every 10 %: at most one block comes again each time (SPEC X-19, X-21)."""

from __future__ import annotations

from contextlib import closing, suppress

import pytest

from support.clients.client import Client
from support.clients.reader import Reader
from support.clients.write_only import Cut
from support.installation.ports import LOOPBACK
from support.world.province import Province
from support.world.workload import records
from sync.protocol import BLOCK_RECORDS

pytestmark = pytest.mark.slow
COUNT = 1_000
MOST_PER_RECORD = 140
"""Bytes a record takes as a line, gzipped, at most."""
HEADS = 2_000
"""What a second answer says besides: its headers, its head, a compressor that knows nothing yet."""


def pulled(province: Province, cut_after: int | None) -> tuple[int, Reader]:
    """A new phone's first pull; bytes down, and what it holds."""
    line = province.line
    with closing(Reader(None, LOOPBACK, line.port)) as phone:
        phone.enrol(province.world.code("xa2"), "máy thử")
        before = line.down.passed
        if cut_after is not None:
            line.cut_after(down=cut_after)
            with pytest.raises(Cut):
                phone.sync()
            line.restore()
        phone.sync()
        return line.down.passed - before, phone


@pytest.mark.costly(soak=True, kept_by="tests/chaos/test_bad_line.py::test_a_first_pull")
def test_cut_at_every_tenth_and_gone_on_with(province: Province) -> None:
    one = Client(province.world.app.test_client(), province.world.token("xa1"))
    rows = records(COUNT, province.world.units["12286"], province.world.campaign)
    assert {row["result"] for row in one.sync(*rows)["results"]} == {"stored"}
    whole, uncut = pulled(province, None)
    assert whole <= COUNT * MOST_PER_RECORD
    for tenth in range(1, 10):
        total, phone = pulled(province, whole * tenth // 10)
        assert phone.records == uncut.records
        assert len(phone.records) == COUNT
        assert total - whole <= BLOCK_RECORDS * MOST_PER_RECORD + HEADS, f"cut at {tenth} tenths"


@pytest.mark.costly
def test_the_server_restarted_in_the_middle(province: Province) -> None:
    """X-21: nobody there knows of the stream that was; its cursors are enough."""
    one = Client(province.world.app.test_client(), province.world.token("xa1"))
    one.sync(*records(COUNT, province.world.units["12286"], province.world.campaign))
    province.line.slow(rate_bits=400_000, round_trip_ms=20)
    with closing(Reader(None, LOOPBACK, province.line.port)) as phone:
        phone.enrol(province.world.code("xa2"), "máy thử")
        province.line.cut_after(down=60_000)
        with suppress(Cut):
            phone.sync()
        came = len(phone.records)
        assert 0 < came < COUNT
        province.server.kill()
        province.server.start()
        province.line.restore()
        phone.sync()
        assert len(phone.records) == COUNT
        assert len([row for row in phone.heard if "record" in row]) <= COUNT + BLOCK_RECORDS
