"""Work in a process of its own, for what does not survive a fork.

obstore runs threads. A process that used it must not fork gunicorn's workers: calls in them would never return.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")


def in_own_process(work: Callable[[], T]) -> T:
    """Run `work` in a child and return what it returned. Its ClickException is raised here.

    Any other error is printed by the child; then this process exits, too.
    """
    import multiprocessing

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(work, there))
    child.start()
    there.close()
    try:
        answer: tuple[T, None] | tuple[None, str] = here.recv()
    except EOFError:
        child.join()
        raise SystemExit(child.exitcode or 1) from None
    child.join()
    result, sentence = answer
    if sentence is not None:
        raise click.ClickException(sentence)
    return result  # type: ignore[return-value]  # only without a sentence


def _run(work: Callable[[], object], there: Connection) -> None:
    try:
        there.send((work(), None))
    except click.ClickException as reason:
        there.send((None, reason.message))
