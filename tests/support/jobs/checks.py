"""The checks that run in the background, made at once by the real jobs."""

from __future__ import annotations

from support.jobs import inline
from support.world.world import World


def checked(world: World) -> None:
    """Compare the photos that wait, and make hints of what was written since."""
    for kind in ("likeness.compare", "hints.refresh"):
        done = inline.done(world, kind)
        assert (done.state, done.code) == ("done", None)
