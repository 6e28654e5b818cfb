"""What every page of the desk needs: template functions, the signed-in officer, and whether the data is a sample."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError

from server.core.db import reading
from server.desk import guard, showing, words
from server.desk.confirmed import confirmed
from server.desk.where import here
from server.services.access import code_door
from server.services.continuity import restore_times
from server.services.installation import sample
from server.services.organisation import people
from server.services.recovery import restores
from server.serving.language import language
from sync.protocol import CODE_MAKER_DAYS


def init_app(app: Flask) -> None:
    """Register the templates' functions."""
    app.jinja_env.globals.update(
        t=words.t,
        t_forms=words.forms,
        label=words.label,
        word=words.word,
        state_word=words.state_word,
        error=words.error,
        language=language,
        here=here,
    )
    app.jinja_env.globals["maker_days"] = CODE_MAKER_DAYS
    shows = (
        showing.field_label,
        showing.value_text,
        showing.field_names,
        showing.set_names,
        showing.side_texts,
        showing.marked,
        showing.missing_of,
        showing.people_text,
        showing.late_text,
        showing.campaign_name,
        showing.due_text,
        confirmed,
    )
    for show in shows:
        app.jinja_env.globals[show.__name__] = show
    app.context_processor(_context)


def is_demo() -> bool:
    """Return True for sample data. Error pages call this without a database too, so it never fails."""
    if "demo" not in g:
        try:
            with reading() as database:
                g.demo = sample.is_demo(database)
        except SQLAlchemyError:
            g.demo = False
    return bool(g.demo)


def before() -> None:
    """Read what every page shows, before a view opens its own transaction."""
    guard.me()
    is_demo()
    _read_bands()


def _read_bands() -> None:
    """Read the notices of every page: an unconfirmed restore, the officer's new devices, guessed codes."""
    me = guard.me()
    if me is None:  # strangers see none of these; saves a transaction at the sign-in page
        return
    with reading() as database:
        g.new_devices = people.new_devices(database, me.id)
        g.wrong_codes = code_door.alarm(database) if me.manages else 0
        g.restored = restore_times.latest(database)
        told = restores.unconfirmed(database) if g.restored else None
        g.unconfirmed = told and {name: getattr(told, name) for name in ("at", "taken_at", "holds_until", "noticed_by")}


def _context() -> dict[str, Any]:
    # Both were read before the view ran (guard, `before`), except for a page outside the desk.
    demo = g.demo if "demo" in g else is_demo()
    names = ("me", "restored", "unconfirmed", "new_devices", "wrong_codes")
    return {"demo": demo, **{name: g.get(name) for name in names}}
