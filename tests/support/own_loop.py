"""Run asyncio where a browser may be driven, too: Playwright keeps a loop in the thread of the tests.

own_loop.run(both())
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return what it returns, run to its end in a thread of its own."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, work).result()
