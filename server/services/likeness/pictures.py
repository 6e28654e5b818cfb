"""A photo's greys at several sizes, and any four-cornered part of it laid flat."""

from __future__ import annotations

from typing import Any, Final

from PIL import Image

from server.services.likeness.numeric import np

SIDE: Final = 640
"""Pixels of the longer side at most: a photo in the screenshot of a chat is a third of it."""
LEAST: Final = 64
Matrix = Any
"""(3, 3): where a point (x, y, 1) lies elsewhere, up to a factor."""


class Greys:
    """A picture in grey, at its size and at a half, a quarter, … of it."""

    def __init__(self, grey: Image.Image) -> None:
        self.levels = [grey]
        while max(self.levels[-1].size) > 2 * LEAST:
            wide, high = self.levels[-1].size
            half = max(1, wide // 2), max(1, high // 2)
            self.levels.append(self.levels[-1].resize(half, Image.Resampling.BOX))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.levels[0].size

    def laid(self, part: Matrix, size: tuple[int, int]) -> Any:
        """Return a part as `size` greys. `part`: from (x, y) of the unit square to (x, y) of the picture's."""
        level = self._level(part, size)
        wide, high = level.size
        # Pillow samples the middle of each pixel, in pixels of both.
        whole = np.diag([wide, high, 1.0]) @ part @ np.diag([1 / size[0], 1 / size[1], 1.0])
        numbers = (whole / whole[2, 2]).reshape(-1)[:8]
        made = level.transform(size, Image.Transform.PERSPECTIVE, tuple(map(float, numbers)), Image.Resampling.BILINEAR)
        return np.asarray(made, dtype=np.float32)

    def _level(self, part: Matrix, size: tuple[int, int]) -> Image.Image:
        """Return the smallest level that has no less detail than is asked."""
        corners = moved(part, UNIT) * np.array(self.size)
        across = max(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[3])) / size[0]
        down = max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1])) / size[1]
        ratio = max(1.0, min(across, down, 2.0 ** (len(self.levels) - 1)))
        return self.levels[min(len(self.levels) - 1, int(np.log2(ratio) + 0.3))]


UNIT: Final = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
"""The corners of the unit square, clockwise from the upper left one."""


def moved(by: Matrix, points: Any) -> Any:
    """Return where (n, 2) points lie."""
    there = np.column_stack([points, np.ones(len(points))]) @ by.T
    return there[:, :2] / there[:, 2:]


def onto(corners: Any) -> Matrix:
    """Return what takes the unit square to these four corners."""
    rows, wanted = np.zeros((8, 8)), np.asarray(corners, dtype=np.float64).reshape(-1)
    for nth, (x, y) in enumerate(UNIT):
        u, v = wanted[2 * nth], wanted[2 * nth + 1]
        rows[2 * nth] = [x, y, 1, 0, 0, 0, -u * x, -u * y]
        rows[2 * nth + 1] = [0, 0, 0, x, y, 1, -v * x, -v * y]
    return np.append(np.linalg.solve(rows, wanted), 1.0).reshape(3, 3)
