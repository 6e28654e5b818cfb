"""Accounts at the desk: a new one, and a person's own page with name, number, absences, devices, links and codes."""

from __future__ import annotations

from datetime import date

from flask import make_response, redirect, render_template, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import HOUR_MS, now_ms
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.access import again, code
from server.desk.administration import adding, unit_asked
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, Page, whole_form
from server.desk.organisation.people import PeopleAsked
from server.desk.shapes import Done, changes, says
from server.desk.words import error, t
from server.errors import status_of
from server.services.access.devices import is_idle
from server.services.administration import desk_accounts
from server.services.administration.desk_accounts import TypedPerson
from server.services.organisation import absences, handover
from server.services.organisation.absences import LONGEST_DAYS
from server.services.units.scope import ADMIN, Scope
from server.serving.installation import device_idle_ms, installed
from sync.protocol import LINK_HOURS

bp = guarded("people_accounts")
LINK = "link"
"""In the cookie, between making a link and showing it once: [officer, token, end]."""
FIELDS = ("name", "username", "role", "phone")
ABSENCE = ("unit", "deputy", "first", "last")
ADMINS = (ADMIN,)


class AbsenceForm(Inputs):
    """From which day to which a person is away from a unit, and who decides meanwhile; or the absence that ends."""

    unit: str
    deputy: str
    first: date | None
    last: date | None
    absence: str


class AbsencesAsked(Inputs):
    """The page of the list of a person's absences."""

    absences: Page


class PersonForm(Inputs):
    """A new account, at a unit by its id or as somebody typed it."""

    name: str
    username: str
    role: str
    phone: str
    unit: str
    unit_name: str


def _add_again(refused: Problem) -> Response:
    body = adding.page(PersonForm.sent().values(), _sentence(refused))
    return make_response(body, 422 if refused.code == "bad_request" else status_of(refused.code))


@bp.post("/people/new")
@again.first
@says(lambda refused: refused.field in (*FIELDS, "unit"), _add_again)
@changes
def add(database: Session, scope: Scope) -> Done:
    """Make an account; leads to its page, where codes and links are made."""
    sent = PersonForm.sent()
    unit = sent.unit or unit_asked.named(database, scope, sent.unit_name, ADMINS)
    made = desk_accounts.add(database, scope, TypedPerson(sent.name, sent.username, unit, sent.role, sent.phone)).id
    return Done(url_for("people_accounts.show", officer=made), t("done.person_made"))


@bp.get("/people/<id:officer>/account")
def show(officer: str) -> Response:
    """Show a person: roles, name and number, devices with their last contact."""
    return person(officer)


def _change_again(refused: Problem, officer: str) -> Response:
    sent = PersonForm.sent()
    return person(officer, _sentence(refused), {"name": sent.name, "phone": sent.phone})


@bp.post("/people/<id:officer>/account")
@says(lambda refused: refused.field in FIELDS, _change_again)
@changes
def change(database: Session, scope: Scope, officer: str) -> Done:
    """Rename a person, note the number."""
    sent = PersonForm.sent()
    desk_accounts.change(database, scope, officer, sent.name, sent.phone)
    return Done(url_for("people_accounts.show", officer=officer), t("done.person_changed"))


def _absence_again(refused: Problem, officer: str) -> Response:
    typed = {name: whole_form().get(name, "") for name in ABSENCE}
    return person(officer, away=(typed, t(f"absence.bad_{refused.field}", days=LONGEST_DAYS)))


@bp.post("/people/<id:officer>/absence")
@again.first
@says(lambda refused: refused.field in ABSENCE, _absence_again)
@changes
def note_absence(database: Session, scope: Scope, officer: str) -> Done:
    """Note from which day to which a reviewer is away, and who decides meanwhile."""
    sent = AbsenceForm.sent()
    absences.note(database, scope, officer, sent.unit, sent.deputy, sent.first, sent.last)
    return Done(url_for("people_accounts.show", officer=officer), t("done.absence_noted"))


@bp.post("/people/<id:officer>/absence/end")
@changes
def end_absence(database: Session, scope: Scope, officer: str) -> Done:
    """End an absence: the person is back."""
    absences.end(database, scope, officer, AbsenceForm.sent().absence)
    return Done(url_for("people_accounts.show", officer=officer), t("done.absence_ended"))


@bp.post("/people/<id:officer>/disable")
@again.first
@changes
def disable(database: Session, scope: Scope, officer: str) -> Done:
    """Shut the account out."""
    desk_accounts.disable(database, scope, officer)
    return Done(url_for("people_accounts.show", officer=officer), t("done.person_disabled"))


@bp.post("/people/<id:officer>/enable")
@again.first
@changes
def enable(database: Session, scope: Scope, officer: str) -> Done:
    """Let the account in again."""
    desk_accounts.disable(database, scope, officer, undo=True)
    return Done(url_for("people_accounts.show", officer=officer), t("done.person_enabled"))


@bp.post("/people/<id:officer>/link")
@again.first
def make_link(officer: str) -> Response:
    """Make a one-time link to choose a password, which the page then shows once; earlier ones become void."""
    with writing() as database:
        token = desk_accounts.make_link(database, Scope(database, officer_id()), officer)
    session[LINK] = [officer, token, now_ms() + LINK_HOURS * HOUR_MS]
    return redirect(url_for("people_accounts.show", officer=officer), 303)


def person(
    officer: str,
    problem: str = "",
    typed: dict[str, str] | None = None,
    away: tuple[dict[str, str], str] = ({}, ""),
    successor: tuple[str, str] = ("", ""),
) -> Response:
    """Show a person; a new code or link once.

    `typed`, `away`, `successor`: the forms of their data, of an absence and of a handover as they were refused, with
    `problem` or why.
    """
    codes, link = code.taken(), _link(officer)
    with reading() as database:
        scope = Scope(database, officer_id())
        found = desk_accounts.page(database, scope, officer)
        body = render_template(
            "desk/administration/person.html",
            found=found,
            typed=typed or {"name": found.officer.name, "phone": found.officer.phone},
            problem=problem,
            absences=absences.of(database, scope, found.officer, AbsencesAsked.asked().absences),
            absences_link=lambda page: url_for(
                "people_accounts.show", officer=officer, absences=page, _anchor="h-absence"
            ),
            away=away[0],
            absence_problem=away[1],
            duties=None if found.is_self else handover.duties(database, scope, officer),
            successor=successor,
            codes=codes,
            link=link,
            back=url_for("people.show", **PeopleAsked.asked().args()),
            is_idle=lambda device: is_idle(device.seen_at, device_idle_ms()),
        )
    return make_response(body, 422 if problem or away[1] or successor[1] else 200)


def _link(officer: str) -> tuple[str, int] | None:
    """Take this person's new link out of the cookie: its address, and until when it serves."""
    if (kept := session.get(LINK)) is None or kept[0] != officer:
        return None
    session.pop(LINK)
    return f"{installed().settings.public_url}/desk/welcome/{kept[1]}", kept[2]


def _sentence(refused: Problem) -> str:
    return t(f"person_fault.{refused.field}") if refused.code == "bad_request" else error(refused.code)
