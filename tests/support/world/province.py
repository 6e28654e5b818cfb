"""The real server with a small province in it, and the link to it."""

from __future__ import annotations

from dataclasses import dataclass

from support.installation.served import Served
from support.network.proxy import Proxy
from support.world.world import World


@dataclass
class Province:
    """The real server with a small province in it, and the link to it."""

    world: World
    server: Served
    line: Proxy
