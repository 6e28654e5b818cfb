"""The shapes that views have: one reads what a page shows, another changes something and leads on.

    @bp.post("/training/<id:training>/end")
    @changes
    def end(session: Session, scope: Scope, training: str) -> Done:
        classes.end(session, scope, training)
        return Done(url_for("trainings.show"), t("done.training_ended"))

Either is called in one transaction, with the scope of the signed-in officer. `noted` writes the line of the log that
reading something leaves, once that transaction is over, and `says` shows the page again where an act is refused.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import IO, Any, Concatenate, ParamSpec, TypeVar

from flask import flash, make_response, redirect, send_file
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.guard import officer_id
from server.errors import headers_of, status_of
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.scope import Scope
from sync.errors import Refused

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Done:
    """Where the form of an act leads, and what is said there; nothing where it is empty."""

    to: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What a view answers that only reads, and the line of the log that says so."""

    answer: Response | str
    act: Act
    about: tuple[str, str] | None = None
    new: Mapping[str, Any] | None = None


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
        return lead_on(done.to, done.said)

    return in_writing


def noted(view: Callable[P, Noted | Response | str]) -> Callable[P, Response | str]:
    """Answer once the log has it."""

    @wraps(view)
    def logged(*args: P.args, **kwargs: P.kwargs) -> Response | str:
        found = view(*args, **kwargs)
        if not isinstance(found, Noted):
            return found
        log.note(found.act, found.about, new=found.new)
        return found.answer

    return logged


def says(
    is_said: Callable[[Problem], bool], page: Callable[..., Response | str]
) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Answer a refusal that `is_said` on the page itself with that page, and any other one as everywhere.

    `page`: called with the refusal and the arguments of the view.
    """

    def around(act: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(act)
        def tried(*args: P.args, **kwargs: P.kwargs) -> Response:
            try:
                return act(*args, **kwargs)
            except (Problem, Refused) as refused:
                problem = refused if isinstance(refused, Problem) else Problem.of(refused)
                if not is_said(problem):
                    raise
            answer = page(problem, *args, **kwargs)
            return answered(answer, problem) if isinstance(answer, str) else answer

        return tried

    return around


def answered(body: str, refused: Problem | None, otherwise: int = 200) -> Response:
    """Return a page, with the status and headers of the refusal that it tells of, if it tells of one."""
    if refused is None:
        return make_response(body, otherwise)
    return make_response(body, status_of(refused.code), headers_of(refused))


def to_keep(data: bytes | IO[bytes], type_: str, name: str) -> Response:
    """Return a file to keep, which no cache holds."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    response = send_file(file, type_, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def lead_on(to: str, said: str = "") -> Response:
    """Redirect a form that was accepted, and say there what was done; after the commit."""
    if said:
        flash(said)
    return redirect(to, 303)
