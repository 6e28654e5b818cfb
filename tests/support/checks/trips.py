"""What one request goes through: our files that it enters, crossings between them, and statements to the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

import server
from support.checks.statements import statements
from support.world.world import World

ROOT = Path(server.__file__).parents[1]


@dataclass
class Trip:
    """One trip. A crossing is a pair of files: a function of the first led to one of the second, once or often."""

    statements: list[str] = field(default_factory=list)
    """Without BEGIN, COMMIT and savepoints."""
    files: set[str] = field(default_factory=set)
    crossings: set[tuple[str, str]] = field(default_factory=set)
    before_view: int | None = None
    """The statements before the first function of a view's module; None if there is none."""

    @property
    def counts(self) -> tuple[int, int, int]:
        return len(self.files), len(self.crossings), len(self.statements)

    def told(self, name: str) -> str:
        """A line of the table."""
        files, crossings, sent = self.counts
        before = "" if self.before_view is None else f"{self.before_view} before the view"
        return f"{name:<10}{files:>4} files{crossings:>5} crossings{sent:>4} statements  {before}"


@contextmanager
def trip(world: World, view: str = "") -> Iterator[Trip]:
    """Follow what happens inside, in this thread. `view`: the file whose functions are the view."""
    made, names = Trip(), dict[CodeType, str]()

    def ours(code: CodeType) -> str:
        if code not in names:
            path = code.co_filename
            inside = path.startswith((f"{ROOT}/server/", f"{ROOT}/sync/")) and code.co_name != "<module>"
            names[code] = path.removeprefix(f"{ROOT}/") if inside else ""
        return names[code]

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        if event != "call" or not (to := ours(frame.f_code)):
            return
        made.files.add(to)
        if view and to == view and made.before_view is None:
            made.before_view = len(_told(sent))
        below = frame.f_back
        while below is not None and not (came := ours(below.f_code)):
            below = below.f_back
        if below is not None and came != to:
            made.crossings.add((came, to))

    with statements(world) as sent:
        before = sys.getprofile()
        sys.setprofile(profile)
        try:
            yield made
        finally:
            sys.setprofile(before)
    made.statements = _told(sent)


def _told(sent: list[str]) -> list[str]:
    return [each for each in sent if each.split()[0] not in {"BEGIN", "SAVEPOINT", "RELEASE", "SET"}]
