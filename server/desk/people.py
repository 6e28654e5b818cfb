"""Officers of the subtree and their phones: make a code that can be read over the telephone, revoke a device."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.db import reading, writing
from server.desk import code, page
from server.desk.guard import guarded, me, officer_id
from server.desk.words import t
from server.problems import Problem
from server.services import people
from server.services.scope import Scope
from sync.protocol import CODE_DAYS, CODE_DAYS_MOST

CARD_DAYS = (CODE_DAYS, 7, CODE_DAYS_MOST)
"""How long the codes of printed cards may serve; the last unless another is chosen."""
bp = guarded("people")
bp.before_request(page.before)


@bp.before_request
def managers_only() -> None:
    """Who manages nobody has no business here."""
    officer = me()
    if officer is None or not officer.manages:
        raise Problem("forbidden")


@bp.get("/people")
def show() -> str:
    """Everybody below, with their devices; with `choose` those chosen who have none."""
    with reading() as database:
        places = people.below(database, Scope(database, officer_id()))
        return render_template(
            "desk/people.html",
            places=places,
            days=CODE_DAYS,
            valid=CARD_DAYS,
            choose="choose" in request.args,
            most=code.MOST,
        )


@bp.post("/people/<id:officer>/code")
def make(officer: str) -> Response:
    """A new code; one made before and not used is void."""
    with writing() as database:
        scope = Scope(database, officer_id())
        made = people.make_code(database, scope, officer, str(current_app.secret_key))
    return code.keep({officer: made}, url_for("people.shown", officer=officer))


@bp.get("/people/<id:officer>/code")
def shown(officer: str) -> Response:  # noqa: ARG001  # the code is kept for this very address
    """The code, once."""
    return code.show("desk/code.html", back=url_for("people.show"))


@bp.post("/people/cards")
def make_cards() -> Response:
    """A code for each officer that was chosen, on a card to print; all of them or none."""
    chosen = dict.fromkeys(request.form.getlist("officer"))
    days = int(asked) if (asked := request.form.get("days", "")) in {str(each) for each in CARD_DAYS} else CARD_DAYS[-1]
    if not 1 <= len(chosen) <= code.MOST:
        raise Problem("choose_officers")
    with writing() as database:
        scope = Scope(database, officer_id())
        key = str(current_app.secret_key)
        made = {officer: people.make_code(database, scope, officer, key, days) for officer in chosen}
    return code.keep(made, url_for("people.cards"), days)


@bp.get("/people/cards")
def cards() -> Response:
    """The cards, once."""
    return code.show("desk/cards.html", back=url_for("people.show"))


@bp.post("/devices/<id:device>/revoke")
def revoke(device: str) -> Response:
    """The device may do nothing any more."""
    with writing() as database:
        people.revoke(database, Scope(database, officer_id()), device)
    flash(t("done.revoked"))
    return redirect(url_for("people.show"), 303)
