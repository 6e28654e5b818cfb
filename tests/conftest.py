"""Fixtures that every test may use; what they are made of is in tests/support/."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from support import quick, raised
from support.browsers.browser import Browser
from support.clients import pictures
from support.clients.shipped import PhoneHost, build
from support.installation import bytecode, ports
from support.installation.databases import ENGINES, Engine, Postgresql, Sqlite
from support.installation.s3 import S3
from support.installation.scratch import in_memory
from support.installation.served import Served, forked
from support.network.proxy import Proxy
from support.world.world import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UNRAISED = pytest.StashKey[Sequence[str]]()
os.environ["LOA_SETTINGS"] = ""  # whatever is installed on this machine
os.environ["LANG"] = "C.UTF-8"  # `loa` speaks the shell's language, and tests read English
for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
    os.environ.pop(name, None)
# A busy machine is no fault of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
bytecode.keep()
in_memory()
ports.take_none()
gc.disable()  # until all tests are collected: what is made until then stays


def pytest_addoption(parser: pytest.Parser) -> None:
    """The slices: see support/quick.py."""
    parser.addoption("--quick", action="store_true", help="one case of each test, on SQLite, none that takes long")
    parser.addoption("--costly", action="store_true", help="also what make ci runs beside make test")
    parser.addoption("--raised", action="store_true", help="say which codes of errors.json this run raised in no test")
    parser.addoption("--long", action="store_true", help="also what make soak, chaos and fuzz alone run; has --costly")


def pytest_configure(config: pytest.Config) -> None:
    """Note which codes of errors.json are raised; one folder for a run, xdist's workers have it from their parent."""
    if not hasattr(config, "workerinput"):
        raised.begin()
    raised.note()


@pytest.hookimpl(tryfirst=True)  # before the reporter says its last line, of which the exit status is a part
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep which codes were raised, and after `make costly` those that neither it nor `make test` raised."""
    config = session.config
    if hasattr(config, "workerinput"):
        return
    unraised, closes = raised.end(config)
    config.stash[UNRAISED] = unraised if closes or config.getoption("--raised") else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which."""
    if unraised := config.stash.get(UNRAISED, []):
        terminalreporter.section("codes of sync/errors.json that no test raised")
        terminalreporter.line(", ".join(unraised))


@pytest.hookimpl(tryfirst=True)  # before the fixtures give their own parameters
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Mark the PostgreSQL case of a test for the slice that runs it."""
    test = metafunc.definition
    databases = quick.databases(test, quickly=metafunc.config.getoption("--quick"))
    chosen = {name for mark in test.iter_markers("parametrize") for name in quick.names_in(mark)}
    for name in quick.DATABASES:
        if databases and name in metafunc.fixturenames and name not in chosen:
            test.add_marker(pytest.mark.parametrize(name, databases, indirect=True))
            return


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the slice does."""
    kept = list(items)
    if not config.getoption("--long"):
        kept = list(quick.without(kept, soak=True))
        kept = kept if config.getoption("--costly") else list(quick.without(kept, soak=False))
    if config.getoption("--quick"):
        kept = list(quick.chosen(kept))
    left_out = set(items) - set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = quick.in_order(kept, getattr(config, "workerinput", {"workercount": 1})["workercount"])


def pytest_collection_finish() -> None:
    """Leave six thousand tests and what they imported out of every later collection of garbage; collect seldom."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder with a short path: a unix socket's name has at most 107 bytes, and pytest's own paths are long."""
    with tempfile.TemporaryDirectory(prefix="loa-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def database_engine(short_folder: Path) -> Iterator[Callable[[str], Engine]]:
    """A function from an engine's name to the engine, started on first use and once a session."""
    started: dict[str, Engine] = {}

    def engine(name: str) -> Engine:
        if name not in started:
            folder = short_folder / name
            folder.mkdir()
            started[name] = Postgresql(folder) if name == "postgresql" else Sqlite(folder)
        return started[name]

    yield engine
    for each in started.values():
        each.close()


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine]) -> Iterator[str]:
    """A database of the test's own with the current tables, and a world in it if the test asks for one.

    Every test that uses it runs on both engines.
    """
    engine = database_engine(request.param)
    url = engine.fresh(fill if "world" in request.fixturenames else None)
    yield url
    engine.drop(url)


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine]) -> str:
    """A database without tables, for tests of the migrations themselves."""
    return database_engine(request.param).empty()


@pytest.fixture(scope="session")
def s3(short_folder: Path) -> Iterator[S3]:
    """A real S3 service."""
    running = S3(short_folder / "s3")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def live(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """The real gunicorn on that database, forked from the nursery."""
    with forked(database_url, tmp_path / "data") as running:
        yield running


@pytest.fixture
def link(live: Served) -> Iterator[Proxy]:
    """A bad link in front of that server."""
    with Proxy(live.port) as bad:
        yield bad


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session; each test makes its own contexts and profiles."""
    with Browser() as running:
        yield running


@pytest.fixture(scope="session")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneHost]:
    """A process that holds the phones of all histories and stories, one after the other."""
    with PhoneHost.of(build(tmp_path_factory.mktemp("phones"))) as host:
        pictures.tell(host)
        yield host
