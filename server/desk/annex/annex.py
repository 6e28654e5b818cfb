"""The confidential annex: totals entered by a unit, frozen level by level, found again by the id on its paper."""

from __future__ import annotations

import io
from typing import Annotated

from flask import redirect, render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.annex.door import closed, target
from server.desk.annex.opened import app_vault
from server.desk.asked_place import SentPlace
from server.desk.guard import officer_id
from server.desk.inputs import Inputs, named
from server.desk.numerals import typed_whole
from server.desk.shapes import Done, changes
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.confidential import annexes, document, freezing, totals, viewing
from server.services.reports import word
from server.services.reports.snapshot.freezes import spoken
from server.services.units.scope import CONFIDENTIAL, Scope

bp = closed("annex")
SHORT_HASH = document.SHORT_HASH


class AnnexForm(SentPlace):
    """A unit's own totals, or what it freezes. `number` and `mark`: of what the page showed."""

    number: int
    mark: str
    nil: bool
    yes: bool
    received: str
    supported: str
    by_reason: Annotated[dict[str, str], named("r.")]


class Wanted(Inputs):
    """The page that was wanted, the annex that is shown, or looked for by the id on its paper."""

    next: str
    annex: str
    id: str


@bp.post("/annex/door")
@again.first
def enter() -> Response:
    """Go on to the page that was wanted, once the proof is given."""
    return redirect(target(Wanted.sent().next), 303)


@bp.get("/annex")
def show() -> str | Response:
    """Show a unit's own totals and what those below froze, by default of the unit that the officer is of.

    With `annex` that frozen one; with `id` the one whose id somebody typed off its paper.
    """
    asked = Wanted.asked()
    if asked.annex:
        return _frozen(asked.annex)
    if asked.id:
        with reading() as session:
            wanted = annexes.find(session, Scope(session, officer_id()), asked.id)
        if wanted:
            return redirect(url_for("annex.show", annex=wanted), 303)
    with reading() as session:
        scope = Scope(session, officer_id())
        tops = choices.units(session, scope.tops([CONFIDENTIAL]))
        place = SentPlace.asked()
        wanted = place.unit or (tops[0].id if tops else "")
        if wanted and not scope.may_read_annex(wanted):
            raise Problem("not_found")
        campaign = choices.campaign(session, scope, place.campaign, [wanted])
        if campaign is None or not tops:
            return render_template("desk/no_campaign.html")
        found = viewing.view(session, scope, app_vault(), campaign.id, wanted)
        unit_id, campaign_id = found.unit.id, campaign.id
        body = render_template(
            "desk/annex/annex.html",
            it=found,
            unit=found.unit,
            campaign=campaign,
            campaigns=choices.campaigns(session, scope, [wanted]),
            tops=tops,
            regimes=totals.offered(session, campaign),
            enters=campaign.status != "archived" and scope.may_enter_annex(unit_id),
            number=found.own.entered.number if found.own.entered else 0,
            last=found.frozen[0][0].number if found.frozen else 0,
            mark=freezing.mark(found),
            most=totals.MOST,
            spoken=spoken,
            typed=asked.id,
        )
    log.note(Act.ANNEX_READ, ("unit", unit_id), new={"campaign": campaign_id})
    return body


@bp.post("/annex/totals")
@again.first
@changes
def save(session: Session, scope: Scope) -> Done:
    """Enter a unit's own totals."""
    sent = AnnexForm.sent()
    typed = {"received": sent.received, "supported": sent.supported} | sent.by_reason
    counts = {name: _count(text.strip()) for name, text in typed.items()}
    place = (sent.campaign, sent.unit, sent.number)
    freezing.enter(session, scope, app_vault(), place, counts, nil=sent.nil)
    return Done(url_for("annex.show", unit=sent.unit, campaign=sent.campaign), t("done.annex_entered"))


@bp.post("/annex/freeze")
@again.first
@changes
def freeze(session: Session, scope: Scope) -> Done:
    """Freeze what the page shows; the level above sees it from then on."""
    sent = AnnexForm.sent()
    if not sent.yes:
        return Done(url_for("annex.show", unit=sent.unit, campaign=sent.campaign))
    shown = sent.number, sent.mark
    id_ = freezing.freeze(session, scope, app_vault(), sent.campaign, sent.unit, shown).id
    return Done(url_for("annex.show", annex=id_), t("done.annex_frozen", id=spoken(id_)))


def _frozen(annex: str) -> str:
    """Show a frozen annex with the verdict on its hash."""
    with reading() as session:
        found = annexes.get(session, Scope(session, officer_id()), app_vault(), annex)
        unit, campaign = found.row.unit_id, session.get_one(Campaign, found.row.campaign_id)
        body = render_template(
            "desk/annex/frozen.html",
            it=found,
            id=spoken(annex),
            unit=session.get_one(Unit, unit),
            campaign=campaign,
            spoken=spoken,
            short=SHORT_HASH,
        )
        campaign_id = campaign.id
    log.note(Act.ANNEX_READ, ("unit", unit), new={"campaign": campaign_id, "freeze": annex})
    return body


@bp.get("/annex/<id:annex>/word")
def download(annex: str) -> Response:
    """Return its document, which is kept nowhere."""
    with reading() as session:
        found = annexes.get(session, Scope(session, officer_id()), app_vault(), annex)
        unit, campaign = found.row.unit_id, found.row.campaign_id
        session.expunge(found.row)
    log.note(Act.ANNEX_EXPORTED, ("unit", unit), new={"campaign": campaign, "freeze": annex, "format": "docx"})
    name, data = document.document(found)
    return send_file(io.BytesIO(data), word.MEDIA_TYPE, as_attachment=True, download_name=name)


def _count(text: str) -> int:
    """Return a typed number of people. Raises Problem `annex_numbers`."""
    if not text:
        return 0
    found = typed_whole(text)
    if found is None or found > 999_999:
        raise Problem("annex_numbers")
    return found
