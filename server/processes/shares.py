"""Each worker gets its share of the connections.

All workers listen on one socket, and the kernel wakes them in one order. So of forty phones that came one after the
other, the first worker had 39 and the second one. A worker that has more connections than another one now leaves the
next one to it for a moment, once, and takes it if nobody did. So a worker that hangs or is busy holds nobody up for
longer. One that is stopping counts no more.

A socket of its own for each worker (SO_REUSEPORT) shares as well. But the connections that wait at a worker are reset
when it is replaced or dies, and wait with it while it hangs.
"""

from __future__ import annotations

import mmap
from typing import Final

LEFT_S: Final = 0.02
"""How long a connection is left to another worker."""
TAKEN_S: Final = 0.01
"""How long a worker takes all that come, once nobody took one in its place."""
_SLOTS: Final = 64


class Shares:
    """How many connections each worker has. Made before the workers are forked: all of them see this memory."""

    def __init__(self) -> None:
        memory = memoryview(mmap.mmap(-1, (_SLOTS + 1) * 4)).cast("i")
        self._counts, self._host = memory[:_SLOTS], memory[_SLOTS:]

    @property
    def is_host_leaving(self) -> bool:
        """True when the whole host stops; False while a single worker is replaced."""
        return bool(self._host[0])

    def leave(self) -> None:
        """Note that the host stops."""
        self._host[0] = 1

    def note(self, worker: int, connections: int) -> None:
        """Note that this worker has so many."""
        self._counts[worker % _SLOTS] = connections + 1

    def drop(self, worker: int) -> None:
        """Forget a worker that ended."""
        self._counts[worker % _SLOTS] = 0

    def least(self) -> int:
        """The connections of the worker that has fewest; 0 if no worker has noted any."""
        return min((count for count in self._counts if count), default=1) - 1


class OwnShare:
    """The rule, for one worker. Times by the monotonic clock."""

    def __init__(self, shares: Shares, worker: int) -> None:
        self._shares, self._worker = shares, worker
        self.left_until = 0.0
        self._has_left = False
        self._takes_until = 0.0

    def note(self, connections: int) -> None:
        """Note how many this worker has."""
        self._shares.note(self._worker, connections)

    def drop(self) -> None:
        """This worker takes no more: the others have nobody to leave one to."""
        self._shares.drop(self._worker)

    def takes(self, connections: int, now: float) -> bool:
        """True if this worker takes the next connection now; else it looks again at `left_until`.

        However late it looks, it then takes the one that it left: a busy loop would put it off again and again.
        """
        self.note(connections)
        if connections <= self._shares.least() or now < self._takes_until:
            return True
        if not self._has_left:
            self._has_left, self.left_until = True, now + LEFT_S
        elif now >= self.left_until:
            self._has_left, self._takes_until = False, now + TAKEN_S
            return True
        return False

    def looked(self, since: float) -> None:
        """The worker was ready to take one since then: what it left before is taken, by itself or by another one."""
        if since >= self.left_until:
            self._has_left = False
