"""Purges a record that must not be kept, as an administrator does (SPEC L-11)."""

from __future__ import annotations

from server.core.clock import now_ms
from server.core.db import writing
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.serving.installation import installed
from support.world.world import World

WHY = "ảnh có mặt người"


def purge(world: World, *ids: str) -> list[str]:
    """Purge the records. Returns the keys of the deleted bytes."""
    order = Order(world.officers["quantri"], WHY, now_ms())
    with world.app.app_context(), writing() as session:
        return purges.purge(session, ids, order, installed(world.app).blobs)
