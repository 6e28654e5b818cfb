"""Officers of the subtree and their phones: make a code that can be read over the telephone, revoke a device."""

from __future__ import annotations

from typing import Annotated

from flask import render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.access import again, code
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Bare, Inputs, Page, among, cut
from server.desk.shapes import Done, Noted, changes, noted, reads
from server.desk.units import LONGEST, typed_unit, unit_field
from server.desk.words import t
from server.services.access.devices import is_idle
from server.services.audit.acts import Act
from server.services.organisation import factor_duty, handover, people
from server.services.units.scope import MANAGERS, Scope
from server.serving.installation import device_idle_ms, installed
from sync.protocol import CODE_DAYS, CODE_DAYS_MOST
from sync.text import normal

CARD_DAYS = (CODE_DAYS, 7, CODE_DAYS_MOST)
"""Days that the codes of printed cards may be valid; the last is the default."""
PAPERS = ("a4", "a6")
"""Sizes on which cards are printed: several on a page, or one. The first is the default."""
bp = guarded("people")


class PeopleAsked(Inputs):
    """Which people the list shows; a form on it carries them along, to come back to them.

    `factors`: above it, for chief administrators, who must have a second factor; `lacking`: the page of those who have
    none. `handovers`: their page, below it.
    """

    q: Annotated[str, cut(LONGEST)]
    unit: str
    bare: bool
    page: Page
    factors: bool
    lacking: Page
    handovers: Page


class CardsForm(Inputs):
    """For whom codes are made, for how long, on which paper; `choose` ticks those on the page who have none."""

    choose: Bare
    officer: list[str]
    days: Annotated[str, among([str(each) for each in CARD_DAYS])]
    paper: Annotated[str, among(PAPERS)]


@bp.get("/people")
@noted
@reads
def show(database: Session, scope: Scope) -> Noted | str | Response:
    """Show a page of officers with their devices; `choose` ticks those on it who have none."""
    asked = PeopleAsked.asked()
    answer = typed_unit(database, scope, asked.args(unit="", page=1), MANAGERS, merged=False)
    if answer is not None:
        return answer
    found = people.page(database, scope, people.PeopleFilter(normal(asked.q), asked.unit, asked.bare, asked.page))
    shown = render_template(
        "desk/organisation/people.html",
        page=found,
        field=unit_field(database, scope, asked.unit, MANAGERS, merged=False),
        kept=asked.args(page=found.asked.page, factors=False, lacking=1, handovers=1),
        link=lambda **other: url_for("people.show", **asked.args(**{"factors": False, "lacking": 1} | other)),
        days=CODE_DAYS,
        valid=CARD_DAYS,
        papers=PAPERS,
        choose=CardsForm.asked().choose,
        most=code.MOST,
        is_idle=lambda device: is_idle(device.seen_at, device_idle_ms()),
        state_of=lambda person: person.state(device_idle_ms()),
        handovers=handover.made(database, scope.officer_id, asked.handovers),
        handovers_link=lambda page: url_for("people.show", **asked.args(handovers=page), _anchor="handovers"),
        duties=factor_duty.duties(database, scope, asked.lacking) if asked.factors else None,
        lacking_link=lambda page: url_for("people.show", **asked.args(lacking=page), _anchor="f-lacking"),
    )
    return Noted(shown, Act.PEOPLE_READ, ("unit", asked.unit) if asked.unit else None, {"page": found.asked.page})


@bp.post("/people/<id:officer>/code")
@again.first
def make(officer: str) -> Response:
    """Make a code, which the person's page shows once; an unused earlier one becomes void."""
    with writing() as database:
        scope = Scope(database, officer_id())
        made = people.make_code(database, scope, officer, installed().keyring)
    return code.keep({officer: made}, url_for("people_accounts.show", officer=officer, **PeopleAsked.sent().args()))


@bp.post("/people/cards")
@again.first
def make_cards() -> Response:
    """Make a code for each chosen officer, on a card to print; all of them or none."""
    sent = CardsForm.sent()
    chosen, days = dict.fromkeys(sent.officer), int(sent.days or CARD_DAYS[-1])
    if not 1 <= len(chosen) <= code.MOST:
        raise Problem("choose_officers")
    with writing() as database:
        scope = Scope(database, officer_id())
        keyring = installed().keyring
        made = {officer: people.make_code(database, scope, officer, keyring, days) for officer in chosen}
    paper = sent.paper or PAPERS[0]
    kept = PeopleAsked.sent().args() | ({} if paper == PAPERS[0] else {"paper": paper})
    return code.keep(made, url_for("people.cards", **kept), days)


@bp.get("/people/cards")
def cards() -> Response:
    """Show the cards once."""
    paper = CardsForm.asked().paper or PAPERS[0]
    back = url_for("people.show", **PeopleAsked.asked().args())
    return code.show("desk/review/cards.html", back=back, paper=paper)


@bp.post("/devices/<id:device>/revoke")
@again.first
@changes
def revoke(database: Session, scope: Scope, device: str) -> Done:
    """Revoke a device."""
    people.revoke(database, scope, device)
    return Done(url_for("people.show", **PeopleAsked.sent().args()), t("done.revoked"))
