"""A province behind a bad link, and officers with phones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.browsers.browser import Browser
from support.browsers.enrolled import Enrolled
from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.installation.databases import Engine
from support.installation.served import forked
from support.network.proxy import Proxy
from support.waiting import PATIENCE_MS
from support.world.province import Province
from support.world.world import fill
from support.world.world import world as make_world

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Enrolled:
    """The phones to copy."""
    return Enrolled(tmp_path_factory.mktemp("phones"))


@pytest.fixture
def province(
    database_engine: Callable[[str], Engine], tmp_path: Path, enrolled: Enrolled, request: pytest.FixtureRequest
) -> Iterator[Province]:
    """A province on SQLite, unless a test parametrises `province` (indirect) with the name of another engine."""
    url = database_engine(getattr(request, "param", "sqlite")).fresh(fill)
    enrolled.give_secret(tmp_path / "data")
    with ExitStack() as stack:
        world = stack.enter_context(make_world(url, tmp_path / "data"))
        world.goes_on()
        server = stack.enter_context(forked(url, tmp_path / "data", LOA_WORKERS="1"))  # chaos/ has two and more
        yield Province(world, server, stack.enter_context(Proxy(server.port, enrolled.port)))


@pytest.fixture
def officer(
    province: Province, browser: Browser, enrolled: Enrolled, tmp_path: Path
) -> Iterator[Callable[[str], Officer]]:
    """`officer("xa1")`: a phone of that officer, enrolled and at its home screen."""
    phones: list[Officer] = []
    nth: Counter[str] = Counter()

    def made(username: str) -> Officer:
        folder = tmp_path / f"phone{len(phones)}"
        phones.append(enrolled.phone(province.world, browser, username, nth[username], folder))
        nth[username] += 1
        return phones[-1]

    yield made
    for phone in phones:
        phone.close()


@pytest.fixture
def reviewer(province: Province, browser: Browser) -> Iterator[Callable[[str], Reviewer]]:
    """`reviewer("huyen")`: that person signed in at the desk."""
    with ExitStack() as stack:
        yield lambda username: Reviewer(stack.enter_context(browser.desk()).new_page(), province.server.url).sign_in(
            username
        )
