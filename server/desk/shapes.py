"""The two shapes that most views have: one reads what a page shows, the other changes something and leads on.

    @bp.post("/training/<id:training>/end")
    @changes
    def end(session: Session, scope: Scope, training: str) -> Done:
        classes.end(session, scope, training)
        return Done(url_for("trainings.show"), t("done.training_ended"))

Either is called in one transaction, with the scope of the signed-in officer. What must not happen in it, such as work
with a file or a line in the log of a page that was read, makes a view of another shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import flash, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.desk.guard import officer_id
from server.services.units.scope import Scope

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Done:
    """Where the form of an act leads, and what is said there; nothing where it is empty."""

    to: str
    said: str = ""


def reads(view: Callable[Concatenate[Session, Scope, P], R]) -> Callable[P, R]:
    """Call it in a reading transaction."""

    @wraps(view)
    def in_reading(*args: P.args, **kwargs: P.kwargs) -> R:
        with reading() as session:
            return view(session, Scope(session, officer_id()), *args, **kwargs)

    return in_reading


def changes(act: Callable[Concatenate[Session, Scope, P], Done]) -> Callable[P, Response]:
    """Call it in a writing transaction; once that is committed, say what was done and lead on."""

    @wraps(act)
    def in_writing(*args: P.args, **kwargs: P.kwargs) -> Response:
        with writing() as session:
            done = act(session, Scope(session, officer_id()), *args, **kwargs)
        if done.said:
            flash(done.said)
        return redirect(done.to, 303)

    return in_writing
