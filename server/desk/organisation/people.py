"""Officers of the subtree and their phones: make a code that can be read over the telephone, revoke a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import page
from server.desk.access import again, code
from server.desk.guard import guarded, officer_id
from server.desk.list_filter import page_number
from server.desk.units import LONGEST, typed_unit, unit_field
from server.desk.words import t
from server.services.access.devices import is_idle
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import handover, managed_people, people
from server.services.units.scope import MANAGERS, Scope
from server.serving.installation import device_idle_ms, installed
from sync.protocol import CODE_DAYS, CODE_DAYS_MOST
from sync.text import normal

CARD_DAYS = (CODE_DAYS, 7, CODE_DAYS_MOST)
"""Days that the codes of printed cards may be valid; the last is the default."""
PAPERS = ("a4", "a6")
"""Sizes on which cards are printed: several on a page, or one. The first is the default."""
bp = guarded("people")
bp.before_request(page.before)


@bp.get("/people")
def show() -> str | Response:
    """Show a page of officers with their devices; `choose` ticks those on it who have none."""
    asked = _asked(request.args)
    with reading() as database:
        scope = Scope(database, officer_id())
        answer = typed_unit(database, scope, _args(replace(asked, unit="", page=1)), MANAGERS, merged=False)
        if answer is not None:
            return answer
        found = people.page(database, scope, asked)
        shown = render_template(
            "desk/organisation/people.html",
            page=found,
            field=unit_field(database, scope, asked.unit, MANAGERS, merged=False),
            kept=_args(found.asked),
            link=lambda **other: url_for("people.show", **_args(replace(found.asked, **other))),
            days=CODE_DAYS,
            valid=CARD_DAYS,
            papers=PAPERS,
            choose="choose" in request.args,
            most=code.MOST,
            is_idle=lambda device: is_idle(device.seen_at, device_idle_ms()),
            state_of=lambda person: person.state(device_idle_ms()),
            handovers=handover.lately(database, scope.officer_id),
        )
    log.note(Act.PEOPLE_READ, ("unit", asked.unit) if asked.unit else None, new={"page": found.asked.page})
    return shown


def _asked(args: Mapping[str, str]) -> people.PeopleFilter:
    """Return the filter and page of the list; a form on it carries them along, to come back to them."""
    return people.PeopleFilter(
        search=normal(args.get("q", "")[:LONGEST]),
        unit=args.get("unit", ""),
        bare=args.get("bare") == "1",
        page=page_number(args.get("page", "1")),
    )


def _args(asked: people.PeopleFilter) -> dict[str, Any]:
    """Return the filter as arguments of `url_for`; defaults are left out."""
    found = {
        "q": asked.search,
        "unit": asked.unit,
        "bare": int(asked.bare),
        "page": asked.page if asked.page > 1 else 0,
    }
    return {name: value for name, value in found.items() if value}


@bp.post("/people/<id:officer>/code")
@again.first
def make(officer: str) -> Response:
    """Make a code; an unused earlier one becomes void."""
    with writing() as database:
        scope = Scope(database, officer_id())
        made = managed_people.make_code(database, scope, officer, installed().keyring)
    return code.keep({officer: made}, url_for("people.shown", officer=officer, **_args(_asked(request.form))))


@bp.get("/people/<id:officer>/code")
def shown(officer: str) -> Response:  # noqa: ARG001  # the code is kept for this very address
    """Show the code once."""
    return code.show("desk/access/code.html", back=url_for("people.show", **_args(_asked(request.args))))


@bp.post("/people/cards")
@again.first
def make_cards() -> Response:
    """Make a code for each chosen officer, on a card to print; all of them or none."""
    chosen = dict.fromkeys(request.form.getlist("officer"))
    days = int(asked) if (asked := request.form.get("days", "")) in {str(each) for each in CARD_DAYS} else CARD_DAYS[-1]
    if not 1 <= len(chosen) <= code.MOST:
        raise Problem("choose_officers")
    with writing() as database:
        scope = Scope(database, officer_id())
        keyring = installed().keyring
        made = {officer: managed_people.make_code(database, scope, officer, keyring, days) for officer in chosen}
    paper = asked if (asked := request.form.get("paper", "")) in PAPERS else PAPERS[0]
    kept = _args(_asked(request.form)) | ({} if paper == PAPERS[0] else {"paper": paper})
    return code.keep(made, url_for("people.cards", **kept), days)


@bp.get("/people/cards")
def cards() -> Response:
    """Show the cards once."""
    paper = asked if (asked := request.args.get("paper", "")) in PAPERS else PAPERS[0]
    back = url_for("people.show", **_args(_asked(request.args)))
    return code.show("desk/review/cards.html", back=back, paper=paper)


@bp.post("/devices/<id:device>/revoke")
@again.first
def revoke(device: str) -> Response:
    """Revoke a device."""
    with writing() as database:
        managed_people.revoke(database, Scope(database, officer_id()), device)
    flash(t("done.revoked"))
    return redirect(url_for("people.show", **_args(_asked(request.form))), 303)
