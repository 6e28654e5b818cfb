"""Cases made from the served OpenAPI document, sent to a real gunicorn: a slice here, 20,000 by `make fuzz`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fuzz.seeds import sow
from support.installation.served import forked
from support.world.world import world

CASES = int(os.environ.get("LOA_FUZZ_CASES", "50"))
ENOUGH = 5000
"""Cases with which every route is surely reached."""
ONLY = os.environ.get("ONLY", "")
FIRST_SEED = int(os.environ.get("LOA_FIRST_SEED", "1"))


@pytest.mark.databases("sqlite")
def test_every_answer_is_documented(database_url: str, tmp_path: Path) -> None:
    from fuzz.runner import Run  # noqa: PLC0415  # schemathesis takes a second, in each process that collects

    with world(database_url, tmp_path / "data") as made:
        seeds = sow(made, tmp_path / "files")
        with forked(database_url, tmp_path / "data", LOA_TRUSTED_PROXIES="1") as server:
            run = Run(server.url, seeds)
            run.go(CASES, ONLY, FIRST_SEED)
    print(f"\n{database_url.partition(':')[0]}: {run.table()}")
    for failure, command in run.failures.items():
        print(f"\n{failure}\n    {command}")
    assert not run.failures
    if CASES < ENOUGH:
        return
    well = {label for label, status in run.reached if status < 300}
    assert well == {label for label, _ in run.reached}, "a route was never reached"
