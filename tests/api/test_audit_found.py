"""Lines of the audit log are found by an index as by reading all of them."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.core import acting, clock
from server.core.acting import ActorKind
from server.core.db import reading, writing
from server.models import Device
from server.services.audit import listing, log
from server.services.audit.acts import Act
from server.services.audit.listing import LogFilter
from server.services.units.scope import Scope
from support.checks.audit_log import DAY_MS
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.databases("both")
@pytest.mark.slow
@pytest.mark.costly
def test_the_index_finds_what_reading_line_by_line_finds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old lines, of every filter and pairs of them; also by a device, and with the clock set back in between."""
    rng, names = random.Random(4), ("xa1", "xa2", "huyen", "dinhcao", "quantri")
    world.token("xa1")
    with world.app.app_context(), reading() as session:
        device = session.scalars(select(Device.id)).one()
    for nth in range(40):
        by = (ActorKind.DEVICE, device) if nth % 9 == 0 else (ActorKind.OFFICER, world.officers[rng.choice(names)])
        at = clock.now_ms() - (60 - nth + (20 if nth in (25, 26) else 0)) * DAY_MS
        with (
            clock.stopped_at(at),
            acting.acting_as(*by, "203.0.113.9"),
            world.app.app_context(),
            writing() as session,
        ):
            act, about = rng.choice([Act.SIGNED_IN, Act.SEALED, Act.ROLE_GIVEN]), world.officers[rng.choice(names)]
            log.append(session, act, ("officer", about), new={"unit": rng.choice(sorted(world.units.values()))})
    days = [clock.today() - timedelta(days=ago) for ago in (50, 30)]
    each: list[dict[str, Any]] = [
        {"act": "sealed"},
        {"person": "xa1"},
        {"person": "xa"},
        {"unit": world.units["331"]},
        {"unit": world.units["12397"]},
        {"first": days[0], "last": days[1]},
        {"first": days[1]},
        {"last": days[0]},
        {"before": 30},
    ]
    asked = [LogFilter(**one | other) for one in [{}, *each] for other in each]

    def numbers(most: int) -> list[list[int]]:
        monkeypatch.setattr(listing, "NEWEST", most)
        monkeypatch.setattr(listing, "NEWEST_OF_BOTH", most)
        with world.app.app_context(), reading() as session:
            scope = Scope(session, world.officers["quantri"])
            return [[line.row.number for line in listing.page(session, scope, one).lines] for one in asked]

    one_by_one = numbers(1000)
    assert numbers(1) == one_by_one
    below = [found for one, found in zip(asked, one_by_one, strict=True) if one.before]
    assert {max(found, default=0) < 30 for found in below} == {True}
    assert sum(0 < len(found) < 40 for found in one_by_one) > 50
