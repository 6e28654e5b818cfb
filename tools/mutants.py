"""Break sync/ and the phone's reducer in small ways, one at a time, and name the breaks that no test notices.

    python tools/mutants.py [--sample 120] [--seed 1] [sync] [phone]

A mutant is one change of one place: a comparison flipped, `and` for `or`, a number one larger, a statement left out.
Its tests are the quick ones that concern the file (TESTS, STORIES); histories, journeys and tests of the API, which
notice more, take too long. So a survivor is a place to look at, no proof of a gap; some change nothing at all.

Python: pytest reads a copy of sync/ with the mutant in it. TypeScript: vitest runs the tests of the exchange in a copy.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from house import PWA, ROOT, VENV, stop

TESTS = (
    *(
        "tests/unit/test_vectors.py",
        "tests/unit/test_write.py",
        "tests/unit/test_kinds.py",
        "tests/unit/test_errors.py",
    ),
    *("tests/unit/test_code_odds.py", "tests/unit/test_finding.py", "tests/unit/test_rescue.py"),
    *("tests/property/test_laws.py", "tests/property/test_fold.py"),
)
PYTEST = VENV / "bin" / "pytest"
"""Not `python -m pytest`, which puts the tree itself before PYTHONPATH."""
STORIES = (
    ("src/exchange/reducer.test.ts",),
    ("src/exchange/driver.test.ts", "src/exchange/stories.test.ts", "src/outbox/trip.test.ts"),
)
"""The second are run where the first notice nothing."""
LONGEST_S = 120
"""Seconds of the processor, after which a mutant that goes round and round was noticed."""
FLIPPED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv}
TEXTS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"===", "!=="),
    (r"!==", "==="),
    (r" && ", " || "),
    (r" \|\| ", " && "),
    (r" \?\? ", " && "),
    (r" > ", " >= "),
    (r" >= ", " > "),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"(?<=[(\s&|])!(?=[\w(])", ""),
    (r"\b(?<![\w.\"-])(\d)\b", lambda found: str(int(found[1]) + 1)),
    (r" - ", " + "),
    (r" \+ ", " - "),
    (r"^(\s+)if \(.*\) (return .*;)$", r"\1"),
    (r"\.\.\.(\w+\.)?\w+, ", ""),
)
"""What stands in the reducer and what is put in its place."""


@dataclass(frozen=True)
class Mutant:
    """A break: where, the line as it is, what became of it, and the whole file with it."""

    path: Path
    line: int
    was: str
    what: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.was.strip()}"


class _Breaks(ast.NodeTransformer):
    """Counts places, and breaks the one whose number is `at`."""

    def __init__(self, at: int = -1) -> None:
        self.at, self.places, self.within = at, 0, 0
        self.line, self.what = 0, ""

    def _here(self, node: ast.AST, what: str) -> bool:
        self.places += 1
        if self.places - 1 != self.at:
            return False
        self.line, self.what = getattr(node, "lineno", 0), what
        return True

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.within += 1
        first, *rest = node.body
        kept = [first] if _is_text(first) else [self.visit(first)]
        node.body = kept + [self.visit(each) for each in rest]
        self.within -= 1
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        for at, op in enumerate(node.ops):
            if self._here(node, f"{type(op).__name__} flipped"):
                node.ops[at] = FLIPPED[type(op)]()
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        if self._here(node, "`and` and `or` swapped"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return node.operand if isinstance(node.op, ast.Not) and self._here(node, "`not` left out") else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if type(node.op) in SWAPPED and self._here(node, f"{type(node.op).__name__} swapped"):
            node.op = SWAPPED[type(node.op)]()
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool):
            return ast.Constant(not node.value) if self._here(node, f"not {node.value}") else node
        if isinstance(node.value, int) and self._here(node, f"{node.value} + 1"):
            return ast.Constant(node.value + 1)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if _is_text(node):
            return node
        return ast.Pass() if self.within and self._here(node, "left out") else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.Pass() if self._here(node, "left out") else self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        return ast.Pass() if self._here(node, "left out") else self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        nothing = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
        if not nothing and self._here(node, "returns None"):
            return ast.Return(None)
        return self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> ast.AST:
        return ast.Pass() if self._here(node, "left out") else node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def of_python(path: Path) -> Iterator[Mutant]:
    """All mutants of a file of sync/."""
    source = path.read_text("utf-8")
    tree, lines = ast.parse(source), source.splitlines()
    count = _Breaks()
    count.visit(copy.deepcopy(tree))
    for at in range(count.places):
        breaks = _Breaks(at)
        broken = ast.fix_missing_locations(breaks.visit(copy.deepcopy(tree)))
        shown = path.relative_to(ROOT)
        yield Mutant(shown, breaks.line, lines[breaks.line - 1], breaks.what, ast.unparse(broken))


def of_reducer(path: Path) -> Iterator[Mutant]:
    """All mutants of the functions of the reducer: what comes before them are types."""
    source = path.read_text("utf-8")
    lines = source.split("\n")
    begin = next(at for at, line in enumerate(lines) if line.startswith("export const NEW"))
    for at in range(begin, len(lines)):
        if lines[at].lstrip().startswith(("//", "/*", "*", "type ")):
            continue
        for was, becomes in TEXTS:
            for found in re.finditer(was, lines[at]):
                put = becomes(found) if callable(becomes) else found.expand(becomes)
                broken = lines[at][: found.start()] + put + lines[at][found.end() :]
                text = "\n".join([*lines[:at], broken, *lines[at + 1 :]])
                yield Mutant(
                    path.relative_to(ROOT), at + 1, lines[at], f"`{found[0].strip()}` for `{put.strip()}`", text
                )


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_S, LONGEST_S))


def _python(sample: int, dice: random.Random) -> tuple[int, int, list[Mutant]]:
    found = [mutant for path in sorted((ROOT / "sync").glob("*.py")) for mutant in of_python(path)]
    left: list[Mutant] = []
    chosen = dice.sample(found, min(sample, len(found)))
    words = [str(PYTEST), "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *TESTS]
    with tempfile.TemporaryDirectory(prefix="loa-mutant-") as folder:
        shutil.copytree(ROOT / "sync", Path(folder) / "sync", ignore=shutil.ignore_patterns("__pycache__"))
        env = os.environ | {"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        _must(_passes(words, ROOT, env))
        for mutant in chosen:
            place = Path(folder) / mutant.path
            sound = place.read_bytes()
            place.write_text(mutant.source, "utf-8")
            if _passes(words, ROOT, env):
                left.append(mutant)
                print(mutant, flush=True)
            place.write_bytes(sound)
    return len(found), len(chosen), left


def _phone(sample: int, dice: random.Random) -> tuple[int, int, list[Mutant]]:
    found = list(of_reducer(PWA / "src" / "exchange" / "reducer.ts"))
    left: list[Mutant] = []
    chosen = dice.sample(found, min(sample, len(found)))
    with tempfile.TemporaryDirectory(prefix="loa-mutant-") as folder:
        tree = Path(folder) / "pwa"
        shutil.copytree(PWA, tree, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
        (tree / "node_modules").symlink_to(PWA / "node_modules")
        for name in ("sync", "server"):
            (Path(folder) / name).symlink_to(ROOT / name)
        vitest = ["node_modules/.bin/vitest", "run", "--bail=1", "--reporter=dot"]
        _must(all(_passes([*vitest, *files], tree) for files in STORIES))
        for mutant in chosen:
            (Path(folder) / mutant.path).write_text(mutant.source, "utf-8")
            if all(_passes([*vitest, *files], tree) for files in STORIES):
                left.append(mutant)
                print(mutant, flush=True)
    return len(found), len(chosen), left


def _must(passes: bool) -> None:  # noqa: FBT001
    if not passes:
        stop("The tests fail with nothing broken.")


def _passes(words: list[str], folder: Path, env: Mapping[str, str] = os.environ) -> bool:
    done = subprocess.run(
        words,
        cwd=folder,
        env=env,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_limited,  # no thread of ours runs
    )
    return done.returncode == 0


def main() -> None:
    """Print each survivor as it is found, and at the end how many there are of how many."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=120, help="how many of each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("of", nargs="*", default=["sync", "phone"], choices=["sync", "phone"])
    asked = parser.parse_args()
    for name in asked.of:
        all_, tried, left = (_python if name == "sync" else _phone)(asked.sample, random.Random(asked.seed))  # noqa: S311
        print(f"{name}: {len(left)} of {tried} survived, drawn from {all_} with seed {asked.seed}")


if __name__ == "__main__":
    main()
