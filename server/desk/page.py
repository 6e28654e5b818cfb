"""What every page of the desk has: words, who is signed in, and whether the data is a sample."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError

from server.db import reading
from server.desk import guard, showing, words
from server.desk.confirmed import confirmed
from server.desk.where import here
from server.language import language
from server.services import catalog, restores


def init_app(app: Flask) -> None:
    """Give templates their words."""
    app.jinja_env.globals.update(
        t=words.t, label=words.label, word=words.word, error=words.error, language=language, here=here
    )
    shows = (
        showing.field_label,
        showing.value_text,
        showing.field_names,
        showing.set_names,
        showing.side_texts,
        showing.marked,
        showing.missing_of,
        confirmed,
    )
    for show in shows:
        app.jinja_env.globals[show.__name__] = show
    app.context_processor(_context)


def is_demo() -> bool:
    """Sample data? An error page is shown without the database too, so this never fails."""
    if "demo" not in g:
        try:
            with reading() as database:
                g.demo = catalog.is_demo(database)
        except SQLAlchemyError:
            return False
    return bool(g.demo)


def before() -> None:
    """Read what each page shows before a view opens its own transaction."""
    guard.me()
    is_demo()
    _read_restores()


def _read_restores() -> None:
    """The line on every page while nobody confirmed a restore, and the way to its list afterwards."""
    with reading() as database:
        g.restored = restores.latest(database)
        told = restores.unconfirmed(database) if g.restored else None
        g.unconfirmed = told and {name: getattr(told, name) for name in ("at", "taken_at", "holds_until", "noticed_by")}


def _context() -> dict[str, Any]:
    # Both are read before the view ran (guard, `before`); only a page outside the desk gets here without.
    demo = g.demo if "demo" in g else is_demo()
    return {"me": g.get("me"), "demo": demo, "restored": g.get("restored"), "unconfirmed": g.get("unconfirmed")}
