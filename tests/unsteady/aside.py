"""The test is put aside between its calls to the browser, as a busy machine does, at random."""

from __future__ import annotations

import functools
import inspect
import random
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SELDOM = 0.1
OFTEN = 0.4


@pytest.fixture(scope="session", autouse=True)
def put_aside() -> Iterator[None]:
    """Now and then for up to a second, often for up to 100 ms."""

    def later(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def waited(*what: Any, **named: Any) -> Any:
            drawn = random.random()
            if drawn < OFTEN:
                time.sleep(random.random() * (1 if drawn < SELDOM else 0.1))
            return call(*what, **named)

        return waited

    with pytest.MonkeyPatch.context() as patch:
        for kind in (Page, Locator):
            for name, call in vars(kind).items():
                if inspect.isfunction(call) and not name.startswith("_"):
                    patch.setattr(kind, name, later(call))
        yield
