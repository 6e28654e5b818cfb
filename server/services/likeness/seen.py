"""What is kept of a photo to find it again: windows of its whole picture, each other view as a whole, and spots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.services.likeness import windows
from server.services.likeness.numeric import np
from server.services.likeness.pictures import Greys, onto
from server.services.likeness.spots import Spots
from server.services.likeness.views import views_to_ask

PART = np.dtype([("corners", "<f4", (4, 2)), ("hashes", "<u8", 2)])
"""A view as it is stored: its corners, and its hashes with and without its lowest part."""


@dataclass(frozen=True, slots=True)
class PhotoViews:
    """A photo's views, the whole picture first: their corners, and the bits of their windows; and its spots.

    `spots`: those by which it is found. `asked`: those with which others are looked for, small ones too. `stored`:
    number of views by which it is found; those behind them are for looking alone.
    """

    corners: Sequence[Any]
    bits: Sequence[Any]
    spots: Spots
    asked: Spots
    stored: int

    @classmethod
    def of(cls, picture: Greys) -> PhotoViews:
        """Look at a photo."""
        kept, more = views_to_ask(picture)
        corners = [view.corners for view in (*kept, *more)]
        side = windows.SIDE
        bits = [windows.bits(picture.laid(onto(each), (side, side))) for each in corners]
        found = Spots.of(picture)
        return cls(corners, bits, found, found.with_fine(picture), len(kept))

    @property
    def kept(self) -> tuple[bytes, bytes, bytes]:
        """All that is kept: windows, parts and spots."""
        return self.hashes, self.parts, self.spots.stored()

    @property
    def hashes(self) -> bytes:
        """The hashes of the whole picture's windows."""
        return bytes(windows.packed(self.bits[0]).tobytes())

    @property
    def parts(self) -> bytes:
        """The other views."""
        made = np.zeros(self.stored - 1, dtype=PART)
        for row, corners, bits in zip(made, self.corners[1 : self.stored], self.bits[1 : self.stored], strict=True):
            row["corners"], row["hashes"] = corners, windows.packed(bits)[[0, len(windows.CROPS)]]
        return bytes(made.tobytes())
