"""A phone that floods gets its budget in, on every worker, and an honest one beside it gets all (SPEC X-52, X-53)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench import wire
from bench.device import request
from bench.hub import Hub
from chaos.hubs import hub
from server.core.clock import new_id
from support.world.workload import records

pytestmark = [pytest.mark.slow, pytest.mark.databases("both")]
AT_ONCE, A_MINUTE = 400, 600
CONNECTIONS, PUSHES, EACH = 8, 4, 250
HONEST = 20


def test_a_flood_on_eight_connections(database_url: str, tmp_path: Path) -> None:
    budget = {"LOA_DEVICE_WRITES": str(AT_ONCE), "LOA_DEVICE_WRITES_A_MINUTE": str(A_MINUTE)}
    with hub(database_url, tmp_path, communes=2, LOA_WORKERS="2", **budget) as here:
        begun, answers = time.monotonic(), Counter[Any]()
        threads = [threading.Thread(target=flood, args=(here, number, answers)) for number in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        honest: list[Any] = []
        for number in range(HONEST):
            batch = records(1, here.units[1], here.campaign, seed=1_000 + number)
            answer = wire.sync(here.port, here.tokens[1], request([], batch))
            honest += [row["result"] for row in answer.whole()["results"]]
        for thread in threads:
            thread.join()
        earned = (time.monotonic() - begun) * A_MINUTE / 60
        stored = here.stored_writes() - HONEST
    assert honest == ["stored"] * HONEST
    assert answers["lost"] == 0  # what was put off stored nothing, what was answered stored all
    assert stored == answers["stored"] * EACH
    assert AT_ONCE <= stored <= AT_ONCE + EACH + earned
    assert answers["device_quota"] + answers["push_running"] == CONNECTIONS * PUSHES - answers["stored"]


def flood(here: Hub, number: int, answers: Counter[Any]) -> None:
    """Push after push without waiting for what it is told."""
    for nth in range(PUSHES):
        batch = records(EACH, here.units[0], here.campaign, seed=number * PUSHES + nth)
        answer = wire.sync(here.port, here.tokens[0], request([], batch, push=new_id()))
        if answer.status == 200:
            whole = all(row["result"] == "stored" for row in answer.whole()["results"])
            answers["stored" if whole else "lost"] += 1
        else:
            assert (answer.status, int(answer.headers["retry-after"]) > 0) == (429, True)
            answers[answer.json()["code"]] += 1
