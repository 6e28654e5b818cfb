"""Which codes of sync/errors.json the tests raised.

A code counts when an error is made with it (`Problem`, `Refused`, a decoder's `Unfit`) or an answer carries it, also as
the sentence of its page's problem, in the test's own process and in servers of the nursery; a sentence that is looked
up does not. Every process of a run notes what it sees in one file, in the folder that the environment names.
What `make test` raised is kept; `make costly` adds its own, and names the codes that no test of either raised. It fails
for none: a run that was cut, or that repeats what failed, has not all of them.
`pytest --raised PATHS` names those that a slice raised in no test.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import request_finished, template_rendered

from server.core.problem_details import Problem
from server.processes import long_address
from sync.errors import CODES, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pytest
    from flask import Response
    from jinja2 import Template

FOLDER: Final = "RAISED_CODES"
"""The variable that names the folder."""
KEPT: Final = Path(__file__).parents[2] / ".cache" / "raised-codes"
"""What the last `make test` raised, and what ran after it."""
NARROW: Final = ("--quick", "-k", "--maxfail", "--deselect", "--ignore", "--collect-only")
"""Options with which a run is not one of `make`."""
SAID: Final = {sentence: code for code, row in CODES.items() for sentence in (row.vi, row.en)}
"""Codes by their sentences: no two share one."""
LETTERHEAD: Final = "desk/documents/letterhead.html"
"""The form whose `faults` are codes of the table; those of a campaign's have names of their own."""


def begin() -> None:
    """Make the folder of a run, for this process and those that it starts."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="loa-raised-")


def end(config: pytest.Config) -> tuple[Sequence[str], bool]:
    """Return the codes that nothing raised, in the table's order, and whether to name them; the folder goes."""
    folder = Path(os.environ.pop(FOLDER))
    raised = set(_read(folder / "codes"))
    shutil.rmtree(folder)
    closes = False
    if config.args_source is config.ArgsSource.TESTPATHS and not any(map(config.getoption, NARROW)):
        adds = bool(config.getoption("-m") or config.getoption("--lf"))
        closes = config.getoption("-m") == "costly" and not config.getoption("--lf") and KEPT.exists()
        raised |= set(_read(KEPT) if adds else ())
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(" ".join(sorted(raised)), "ascii")
    return [code for code in CODES if code not in raised], closes


def _read(path: Path) -> Sequence[str]:
    return path.read_text("ascii").split() if path.exists() else ()


def note() -> None:
    """Note from now on what this process raises, and its forks."""
    if folder := os.environ.get(FOLDER):
        noted = functools.cache(functools.partial(_write, Path(folder)))
        for kind in (Problem, Refused):
            type.__setattr__(kind, "__init__", _noting(kind.__init__, noted))
        request_finished.connect(functools.partial(_answered, noted), weak=False)
        template_rendered.connect(functools.partial(_shown, noted), weak=False)
        vars(long_address)["answer"] = _noting_answer(long_address.answer, noted)  # Flask sees no such request


def _write(folder: Path, code: str) -> None:
    """One line at the end of a file: short enough that no two processes mix theirs."""
    with (folder / "codes").open("a", encoding="ascii") as file:
        file.write(f"{code}\n")


def _noting(made: Callable[..., None], noted: Callable[[str], None]) -> Callable[..., None]:
    @functools.wraps(made)
    def noting(self: Exception, code: str, *args: Any, **named: Any) -> None:
        made(self, code, *args, **named)
        noted(code)

    return noting


def _noting_answer(answer: Callable[[], bytes], noted: Callable[[str], None]) -> Callable[[], bytes]:
    @functools.wraps(answer)
    def noting() -> bytes:
        noted("address_too_long")
        return answer()

    return noting


def _answered(noted: Callable[[str], None], _app: object, *, response: Response, **_: object) -> None:
    """An answer that is an error (`problem+json`), or has codes at its writes or files."""
    if response.is_json and not response.is_streamed and b'"code"' in response.get_data():
        for code in _codes_in(response.get_json(silent=True)):
            noted(code)


def _codes_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(code := value.get("code"), str) and code in CODES:
            yield code
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _codes_in(each)


def _shown(
    noted: Callable[[str], None], _app: object, *, template: Template, context: dict[str, Any], **_: object
) -> None:
    """A page for an error, or a form that comes back with what is wrong."""
    if isinstance(problem := context.get("problem"), dict):
        noted(problem["code"])
    elif isinstance(problem, str) and problem in SAID:
        noted(SAID[problem])
    if template.name == LETTERHEAD:
        for code in context["faults"].values():
            noted(code)
