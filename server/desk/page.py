"""What every page of the desk needs: template functions, the signed-in officer, and whether the data is a sample."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from flask import Blueprint, Flask, g, request
from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import reading, within
from server.core.points import Point
from server.desk import bad_filter, charts, guard, showing, words
from server.desk.confirmed import confirmed
from server.desk.menu import Menu
from server.desk.where import here
from server.services.access import second_factor
from server.services.installation import sample
from server.serving.every_request import language
from server.serving.installation import installed
from sync.protocol import CODE_MAKER_DAYS

TRUE: Final[ColumnElement[Any]] = true()


@dataclass(frozen=True, slots=True, eq=False)
class Notice:
    """A line above every page. `read`: what its template shows as `value`, or None; no row may be held in it.

    `asks`: an expression that one statement asks for all notices, with the parameters `officer` and `now` (ms). Only
    where it gives something true is `read` called, with it; so a page without a notice costs no statement of its own.
    """

    template: str
    read: Callable[[Session, guard.Me, Any], Any]
    asks: ColumnElement[Any] = TRUE


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice with what was read for it."""

    template: str
    value: Any


NOTICES: Final[Point[Notice]] = Point()
"""Capabilities add notices; who is not signed in sees none."""


def init_app(app: Flask, menu: Menu) -> None:
    """Register the templates' functions and the menu."""
    app.jinja_env.globals.update(
        t=words.t,
        t_forms=words.forms,
        label=words.label,
        word=words.word,
        state_word=words.state_word,
        actor=words.actor,
        filter_state=words.filter_state,
        error=words.error,
        finding=words.finding,
        language=language,
        here=here,
    )
    app.jinja_env.globals["maker_days"] = CODE_MAKER_DAYS
    shows = (
        showing.field_label,
        showing.value_text,
        showing.no_value,
        showing.answer_note,
        showing.field_names,
        showing.set_names,
        showing.side_texts,
        showing.not_added,
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
    app.jinja_env.globals.update(chart_drawing=charts.drawing, chart_sign=charts.sign)
    app.jinja_env.globals.update(told_here=guard.told_here, sample_code=sample_code)
    app.context_processor(lambda: _context(menu))
    app.register_error_handler(bad_filter.BadFilter, bad_filter.answer)


def is_demo() -> bool:
    """Return True for sample data. Error pages call this without a database too, so it never fails."""
    if "demo" not in g:
        try:
            with reading() as database:
                g.demo = sample.is_demo(database)
        except SQLAlchemyError:
            g.demo = False
    return bool(g.demo)


def sample_code() -> str | None:
    """Return the code that the account's authenticator shows now; None unless this is a demo, where nobody has it."""
    found = guard.session_state() if is_demo() else None
    if found is None:
        return None
    with reading() as database:
        return second_factor.demo_code(database, found.officer, installed().keyring)


def before() -> None:
    """Read what every page shows in one transaction, before a view opens its own.

    A form mostly leads on, and shows no page: what a refused one shows is read then.
    """
    if request.method in ("GET", "HEAD") or guard.me() is None:
        _read_frame()


def _read_frame() -> None:
    me = guard.me()
    if me is None:  # nobody sees a notice
        is_demo()
        return
    g.demo, g.notices = False, {}  # for the error page, should the database fail here
    named = NOTICES.named()
    with within() as database:
        asked = _asked(tuple(each for _, each in named))
        g.demo, *found = database.execute(asked, {"officer": me.id, "now": now_ms()}).one()
        due = [(name, each, said) for (name, each), said in zip(named, found, strict=True) if said]
        read = {name: ShownNotice(each.template, each.read(database, me, said)) for name, each, said in due}
    g.notices = {name: notice for name, notice in read.items() if notice.value is not None}


@cache
def _asked(notices: tuple[Notice, ...]) -> Select[Any]:
    """The one statement of the frame: whether this is a demo, then what each notice asks."""
    return select(sample.IS_DEMO, *(each.asks.label(f"notice_{number}") for number, each in enumerate(notices)))


def _context(menu: Menu) -> dict[str, Any]:
    # Of a page all was read before the view ran (`before`), except outside the desk; of a refused form it is now.
    if request.method == "POST" and g.get("me") is not None and "notices" not in g:
        with suppress(SQLAlchemyError):
            _read_frame()
    demo = g.demo if "demo" in g else is_demo()
    me, notices = g.get("me"), g.get("notices", {})
    return {
        "demo": demo,
        "me": me,
        "notices": list(notices.values()),
        "menu": menu.of(me, notices) if me else [],
        "menu_marked": menu.marked(request.blueprint),
    }


def public(name: str) -> Blueprint:
    """Return a blueprint whose pages anybody may ask for. Their forms are checked, what every page shows is read."""
    bp = Blueprint(name, __name__)
    bp.before_request(guard.check_form)
    bp.before_request(before)
    return bp
