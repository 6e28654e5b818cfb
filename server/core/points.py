"""Points where one capability takes parts from others, without either importing the other.

The capability that uses the parts defines the point and goes through `named()`; server/capabilities/ fills it:

    NOTICES.add("restored", Notice("desk/recovery/restored_notice.html", read), place=10)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Part = TypeVar("Part")

_filling: list[Callable[[], object]] = []


def filled_by(fill: Callable[[], object]) -> None:
    """Have this fill all points before the next one is read: for a process that has not imported the capabilities."""
    _filling[:] = [fill]


def fill() -> None:
    """Fill all points now: before a transaction in which one is read, since importing takes seconds."""
    if _filling:
        _filling.pop()()


class Point(Generic[Part]):
    """Parts by name. They are the same for every application of a process: functions and constants, never its state."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[int, Part]] = {}

    def add(self, name: str, part: Part, *, place: int = 0) -> None:
        """Add a part; one of the same name gives way, since a process may make several applications."""
        self._parts[name] = (place, part)

    def remove(self, name: str) -> None:
        """Take a part away again, as a test does; a name that is not there is no error."""
        self._parts.pop(name, None)

    def named(self) -> list[tuple[str, Part]]:
        """Return the parts with their names, by place, and by name where places are equal."""
        fill()
        ordered = sorted(self._parts, key=lambda name: (self._parts[name][0], name))
        return [(name, self._parts[name][1]) for name in ordered]
