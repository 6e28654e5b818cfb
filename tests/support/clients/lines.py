"""A streamed answer as a client reads it: the part that arrived, in blocks that may be committed (SPEC X-19, X-21)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from support.clients.write_only import Json


@dataclass
class Block:
    """Changes, and the cursors that complete them."""

    changes: list[Json]
    cursors: list[Json]


@dataclass
class Streamed:
    """The usable part of a stream. `ended` False: it was cut; continue from the last cursors."""

    head: Json | None = None
    blocks: list[Block] = field(default_factory=list)
    ended: bool = False


def read(text: str) -> Streamed:
    """Parse the text that arrived; text after the last line feed is ignored."""
    return gather(text.split("\n")[:-1])


def gather(lines: Iterable[str]) -> Streamed:
    """Parse complete lines."""
    got = Streamed()
    changes: list[Json] = []
    for line in lines:
        row = json.loads(line)
        if "cursors" in row:
            got.blocks.append(Block(changes, row["cursors"]))
            changes = []
            got.ended = "more" in row
        elif "record" in row:
            changes.append(row)
        elif "results" in row:
            got.head = row
    return got
