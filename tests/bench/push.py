"""What a push costs in processor time, in turn with another version: request, background, W1, a well-worn record.

    make bench ONLY=push
    git worktree add /somewhere a4ac7d9d && LOA_BENCH_BESIDE=/somewhere make bench ONLY=push

Each version runs in a process of its own (`push_child.py`, which is run on the other one's code, too) and does a round
when it is asked to, one after the other. So both meet the same machine, whatever else runs on it. The figure is the
median of all rounds, and the least tenth of the single pushes, which is what a push costs while nobody disturbs it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.lab import Lab
from bench.table import Line, middle, percentile

HERE = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("push_child.py")
ENOUGH = 0.1
WHAT = (
    ("request", "request, pushes of 20, for 1,000 records", "s", 50, "<= 0.5"),
    ("background", "background until idle, for 1,000 records", "s", 1, "<= 0.5"),
    ("hundred", "a push of 100", "ms", 1000, "<= 150"),
    ("worn", "a push of 20 beside a record of 5,000 edits", "ms", 1000, "<= 100"),
)
"""Its name, what it is, its unit, what seconds are multiplied by, and the target."""


def run(lab: Lab) -> list[Line]:
    """A row for each figure, and one more for its least tenth."""
    trees = {"": HERE}
    if beside := os.environ.get("LOA_BENCH_BESIDE"):
        trees = {"before": Path(beside)} | trees
    told: dict[str, dict[str, dict[str, list[float]]]] = {}
    for name in lab.engines:
        with ExitStack() as open_:
            children = {
                each: open_.enter_context(_child(tree, name, lab.folder / f"push-{name}-{each or 'now'}"))
                for each, tree in trees.items()
            }
            told[name] = {each: {} for each in trees}
            for _ in range(lab.rounds):
                for each, child in children.items():
                    for what, seconds in _round(child).items():
                        told[name][each].setdefault(what, []).extend(seconds)
    lines = []
    for what, words, unit, times, target in WHAT:
        for each in trees:
            said = f"{words}, {each}" if each else words
            found = {name: told[name][each][what] for name in lab.engines}
            wanted = "" if each else target
            lines.append(Line("push", said, unit, {n: middle(of) * times for n, of in found.items()}, wanted))
            least = {n: percentile(of, ENOUGH) * times for n, of in found.items()}
            lines.append(Line("push", f"{said}, least tenth", unit, least))
    return lines


@contextmanager
def _child(tree: Path, engine: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that runs this version's code. `-P`: a file of ours has the name of one that Python has, too."""
    folder.mkdir()
    found = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'tests'}"}
    with subprocess.Popen(  # our own file
        [sys.executable, "-P", str(CHILD), engine, str(folder)],
        cwd=tree,
        env=found,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        yield child
        if child.stdin is not None:
            child.stdin.close()


def _round(child: subprocess.Popen[str]) -> dict[str, list[float]]:
    assert child.stdin is not None
    assert child.stdout is not None
    print("round", file=child.stdin, flush=True)
    told: dict[str, Any] = json.loads(child.stdout.readline())
    return told
