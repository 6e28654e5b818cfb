"""One direction of a link: computes when a chunk arrives, given the rate and the delay.

    send time 0 s, 50 kbit/s, delay 0.3 s: 1,250 bytes arrive at 0.2 + 0.3 s, the next 1,250 at 0.4 + 0.3 s

All connections of a link share its lanes, as the requests of a phone share its radio.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Lane:
    """Rate 0 means unlimited. `cut_after` counts down over all connections and stays at zero; None means never."""

    rate_bits: float = 0
    delay_s: float = 0
    cut_after: int | None = None
    passed: int = 0
    _free_at: float = 0

    @property
    def chunk(self) -> int:
        """Bytes to read at once: a packet if the rate is limited, else a large piece."""
        return 1_400 if self.rate_bits else 65_536

    def arrival(self, size: int, now: float) -> float:
        """Book the lane for `size` bytes. Returns when the last of them arrives."""
        start = max(now, self._free_at)
        self._free_at = start + (size * 8 / self.rate_bits if self.rate_bits else 0)
        return self._free_at + self.delay_s

    def admit(self, data: bytes) -> tuple[bytes, bool]:
        """The part of this chunk that passes, and whether the link is cut after it."""
        cut = False
        if self.cut_after is not None:
            data, cut = data[: self.cut_after], len(data) >= self.cut_after
            self.cut_after -= len(data)
        self.passed += len(data)
        return data, cut
