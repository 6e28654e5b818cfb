"""Applications for tests: a process makes one for each kind of database and moves it from test to test.

Making an application takes 60 ms, and each engine would compile the same SQL anew: together half the time of a test.
So an application that is free is given another engine and data folder, and the engines share what they compiled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask
from sqlalchemy import Dialect, Engine, create_engine

from server.application import attach, create_app
from server.core import restore_state
from server.core.db import db, tune
from server.settings import Settings
from support.installation.templates import compile_once

_free: dict[tuple[object, ...], list[Flask]] = defaultdict(list)
"""By kind; of two worlds at once each has its own."""
_compiled: dict[str, tuple[Dialect, dict[Any, Any]]] = {}
"""SQLAlchemy's dialect, which is part of a statement's key, and the statements compiled for it."""


@contextmanager
def app_on(settings: Settings) -> Iterator[Flask]:
    """An application on this database and data folder."""
    kind = _kind(settings)
    app = _moved(_free[kind].pop(), settings) if _free[kind] else create_app(settings)
    compile_once(app)
    app.testing, app.test_client_class = True, None
    with app.app_context():
        _share(db.engine)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    _free[kind].append(app)  # after a fault nobody knows what was done to it


def _kind(settings: Settings) -> tuple[object, ...]:
    """The driver's name, and all that `create_app` reads once and `_moved` does not set again."""
    driver = settings.database_url.partition(":")[0]
    once = (settings.secure_cookies, settings.connections, settings.trusted_proxies)
    return (driver, *once, *settings.allowed_origins)


def _moved(app: Flask, settings: Settings) -> Flask:
    """Do again what `create_app` does with the database and the data folder."""
    restore_state.check(settings.data_dir)
    settings.make_data_dir()
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        PROPAGATE_EXCEPTIONS=None,  # some tests look at the answer to a fault of ours
    )
    with app.app_context():
        engine = create_engine(settings.database_url, **app.config["SQLALCHEMY_ENGINE_OPTIONS"])
        cast("dict[str | None, Engine]", db.engines)[None] = engine
        tune(engine)
    attach(app, settings)
    return app


def _share(engine: Engine) -> None:
    """Let the engine use what others of its kind compiled."""
    dialect, statements = _compiled.setdefault(engine.dialect.driver, (engine.dialect, {}))
    engine.dialect = dialect
    engine.update_execution_options(compiled_cache=statements)
