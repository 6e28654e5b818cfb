"""The hub of a chaos test: `loa serve` itself in `make chaos`; in a slice it is forked, which saves 2 s a start."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from bench.hub import Hub, hub_by
from chaos.sizes import FULL
from support.installation.served import forked, served


def hub(database_url: str, folder: Path, communes: int = 1, **settings: str) -> AbstractContextManager[Hub]:
    """As bench/hub.py has it."""
    return hub_by(served if FULL else forked, database_url, folder, communes, settings)
