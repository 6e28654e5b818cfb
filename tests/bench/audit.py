"""The audit log with 1,000,000 lines: how long `loa audit verify` takes, how much memory, and each page that reads it.

The lines are written by the product's own code, a day's lines in one transaction with the clock of that day. Some
people have done nothing lately: to find old lines is what costs.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select, text

from bench.desk import Desk
from bench.hub import Hub
from bench.lab import Lab
from bench.table import Line, middle
from server.core.acting import ActorKind, acting_as
from server.core.clock import local, now_ms, stopped_at
from server.core.db import db, writing
from server.core.passwords import hash_password
from server.models import Device, Officer
from server.services.audit import log
from server.services.audit.acts import Act
from server.serving.installation import installed
from support.installation.served import LOA
from support.world.world import PASSWORD, World

LINES = int(os.environ.get("LOA_BENCH_MOST", "1000000"))
COMMUNES = 171
DAY_MS = 86_400_000
DAYS = 1_000
"""Over how many days the lines are spread."""
SAMPLES = 7


@dataclass(frozen=True, slots=True)
class People:
    """Ids of the communes' officers, their devices and units, in one order, and of a reviewer of theirs."""

    officers: list[str]
    devices: dict[str, str]
    units: list[str]
    reviewer: str


def run(lab: Lab) -> list[Line]:
    """A line for each figure."""
    found: dict[str, dict[str, float]] = {}
    for engine in lab.engines:
        with lab.hub(engine, COMMUNES) as hub:
            begun = time.monotonic()
            people = _people(hub)
            fill(hub.world, people, LINES)
            _settle(hub)
            print(f"audit: {engine} {LINES:,} lines after {time.monotonic() - begun:.0f} s", file=sys.stderr)
            for what, figure in (_verified(hub.world) | _pages(hub, people)).items():
                found.setdefault(what, {})[engine] = figure
    return [Line("audit", what, "", figures, _wanted(what)) for what, figures in found.items()]


def _wanted(what: str) -> str:
    if what.startswith("verify, s"):
        return "<= 60"
    return "<= 300" if what.endswith(", ms") else ""


def _people(hub: Hub) -> People:
    hashed = hash_password(PASSWORD)
    with hub.world.app.app_context(), writing() as session:
        devices = {row.officer_id: row.id for row in session.scalars(select(Device))}
        for officer in session.scalars(select(Officer).where(Officer.password_hash.is_(None))):
            officer.password_hash = hashed
    officers = [hub.world.officers[f"bench{number}"] for number in range(COMMUNES)]
    return People(officers, devices, hub.units, hub.world.officers["huyen"])


def fill(world: World, people: People, count: int) -> None:
    """Write so many lines, spread over DAYS days that end today; most are of the desk's officers."""
    rng, begin = random.Random(16), now_ms() - DAYS * DAY_MS
    for day in range(DAYS):
        each = count * (day + 1) // DAYS - count * day // DAYS
        with world.app.app_context(), writing() as session:
            for nth in range(each):
                actor, act, about, new = _one(rng, people, early=day < DAYS // 10)
                with stopped_at(begin + day * DAY_MS + nth * (DAY_MS // 2) // each), acting_as(*actor):
                    log.append(session, act, about, new=new)


def _one(rng: random.Random, people: People, *, early: bool) -> tuple[Any, Act, Any, Any]:
    """Who, what, to what, with which new values. The last officer works `early` only."""
    number = rng.randrange(len(people.officers) if early else len(people.officers) - 1)
    officer, unit = people.officers[number], people.units[number]
    by = (ActorKind.OFFICER, officer, f"203.0.113.{number}")
    what = rng.random()
    if what < 0.4:
        verdict = "returned" if what < 0.04 else "counted"
        reviewer = (ActorKind.OFFICER, people.reviewer, "203.0.113.250")
        return reviewer, Act.DECIDED, ("record", f"{rng.getrandbits(64):016x}"), {"verdict": verdict, "unit": unit}
    if what < 0.7:
        return by, Act.SIGNED_IN, ("officer", officer), None
    if what < 0.85:
        return by, Act.EXPORTED, ("unit", unit), {"format": "xlsx"}
    if what < 0.999:
        return by, Act.SEALED, ("unit", unit), {"campaign": "c" * 16}
    return (ActorKind.DEVICE, people.devices[officer], by[2]), Act.CODE_USED, ("officer", officer), None


def _settle(hub: Hub) -> None:
    """What autovacuum does by itself after a while."""
    with hub.world.app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM ANALYZE audit_line"))


def _verified(world: World) -> dict[str, float]:
    """The command as an administrator runs it, in a process of its own."""
    settings = installed(world.app).settings
    env = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
    env |= {
        "LOA_DATABASE_URL": world.app.config["SQLALCHEMY_DATABASE_URI"],
        "LOA_DATA_DIR": str(settings.data_dir),
    }
    begun = time.monotonic()
    process = subprocess.Popen([LOA, "audit", "verify"], env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    counted = re.match(r"(\d+) lines", said)
    assert counted is not None
    assert int(counted[1]) > LINES, said
    return {"verify, s": seconds, "memory of it, MB": used.ru_maxrss / 1024}


def _pages(hub: Hub, people: People) -> dict[str, float]:
    """Each page's median. The people's pages are of who acts daily, of who did long ago, and of who never did."""
    admin = Desk(hub.port, "quantri")
    own = {
        "own acts, of who decides": Desk(hub.port, "huyen"),
        "own acts, of a commune's officer": Desk(hub.port, "bench1"),
        "own acts, of long ago": Desk(hub.port, f"bench{COMMUNES - 1}"),
    }
    found = {f"{what}, ms": _page(desk, "/desk/account") for what, desk in own.items()}
    begin = local(now_ms() - (DAYS - 50) * DAY_MS).date().isoformat()
    until = local(now_ms() - (DAYS - 80) * DAY_MS).date().isoformat()
    filters: dict[str, dict[str, Any]] = {
        "the log": {},
        "far back": {"before": LINES // 100},
        "a common act": {"act": "signed_in"},
        "a rare act": {"act": "code_used"},
        "an act that never was": {"act": "purged"},
        "a person": {"q": "bench1"},
        "a person of long ago": {"q": f"bench{COMMUNES - 1}"},
        "many people": {"q": "cán bộ"},
        "nobody": {"q": "khong co ai"},
        "a commune": {"unit": people.units[3]},
        "the province": {"unit": hub.world.units["33"]},
        "a person and a commune": {"q": "huyen", "unit": people.units[3]},
        "a person and a district where they did nothing": {"q": "huyen", "unit": hub.world.units["333"]},
        "many people and a commune": {"q": "cán bộ", "unit": people.units[3]},
        "a month long ago": {"from": begin, "to": until},
        "from long ago on": {"from": begin},
        "until long ago": {"to": until},
        "a person in that month": {"from": begin, "to": until, "q": "bench1"},
        "a rare act of a person in that month": {"from": begin, "to": until, "q": "bench1", "act": "code_used"},
        "an act of who never did it": {"q": "huyen", "act": "purged"},
        "decisions of a commune's officer, who makes none": {"q": "bench1", "act": "decided"},
        "people of a district read, which nobody did": {"unit": hub.world.units["331"], "act": "people_read"},
    }
    for what, query in filters.items():
        found[f"page: {what}, ms"] = _page(admin, f"/desk/audit?{urlencode(query)}")
    return found


def _page(desk: Desk, path: str) -> float:
    return middle(desk.get(path).seconds for _ in range(SAMPLES)) * 1000
