"""The hub of a chaos test: `loa serve` itself in `make chaos`; in a slice it is forked, which saves 2 s a start."""

from __future__ import annotations

from functools import partial

from bench.hub import hub as _hub
from chaos.sizes import FULL
from support.installation.served import forked, served

hub = partial(_hub, start=served if FULL else forked)
