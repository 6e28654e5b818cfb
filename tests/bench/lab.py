"""What every work shares: both engines, a folder, the floor beside them, and how often things are done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.floor import Floor, floor
from bench.hub import Hub, hub
from support.installation.databases import Engine, Postgresql, Sqlite


@dataclass
class Lab:
    """`rounds`: how often a timing is taken; the figure is the median."""

    folder: Path
    engines: dict[str, Engine]
    rounds: int = 7
    _made: int = 0

    def _next(self) -> Path:
        self._made += 1
        return self.folder / f"{self._made}"

    @contextmanager
    def hub(self, engine: str, communes: int = 1, **settings: str) -> Iterator[Hub]:
        """Loa on a fresh database."""
        with hub(self.engines[engine].fresh(), self._next(), communes, **settings) as made:
            yield made

    @contextmanager
    def floor(self) -> Iterator[Floor]:
        """The floor on a fresh file."""
        with floor(self._next()) as made:
            yield made


@contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    """Both engines for the length of a with-block; `LOA_BENCH_ENGINES=sqlite` leaves one out."""
    wanted = os.environ.get("LOA_BENCH_ENGINES", "sqlite postgresql").split()
    engines: dict[str, Engine] = {}
    for name, kind in (("sqlite", Sqlite), ("postgresql", Postgresql)):
        if name in wanted:
            (folder / name).mkdir()
            engines[name] = kind(folder / name)
    try:
        yield Lab(folder, engines, rounds=int(os.environ.get("LOA_BENCH_ROUNDS", "7")))
    finally:
        for engine in engines.values():
            engine.close()
