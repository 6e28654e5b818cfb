"""The confidential annex: totals entered by a unit, frozen level by level, found again by the id on its paper."""

from __future__ import annotations

import io
from typing import Annotated

from flask import redirect, render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.annex.door import closed, target
from server.desk.annex.opened import app_vault
from server.desk.asked_place import SentPlace
from server.desk.inputs import Inputs, named
from server.desk.numerals import typed_whole
from server.desk.shapes import Done, Noted, changes, noted, reads
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.confidential import annexes, document, freezing, totals, viewing
from server.services.reports import word
from server.services.reports.snapshot.freezes import spoken
from server.services.units.scope import CONFIDENTIAL, Scope

bp = closed("annex")


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
    wanted = _found(asked.id) if asked.id else None
    return redirect(url_for("annex.show", annex=wanted), 303) if wanted else _own(asked.id)


@reads
def _found(session: Session, scope: Scope, id_: str) -> str | None:
    return annexes.find(session, scope, id_)


@noted
@reads
def _own(session: Session, scope: Scope, typed: str) -> Noted | str:
    tops, place = choices.units(session, scope.tops([CONFIDENTIAL])), SentPlace.asked()
    wanted = place.unit or (tops[0].id if tops else "")
    if wanted and not scope.may_read_annex(wanted):
        raise Problem("not_found")
    campaign = choices.campaign(session, scope, place.campaign, [wanted])
    if campaign is None or not tops:
        return render_template("desk/no_campaign.html")
    found = viewing.view(session, scope, app_vault(), campaign.id, wanted)
    body = render_template(
        "desk/annex/annex.html",
        it=found,
        unit=found.unit,
        campaign=campaign,
        campaigns=choices.campaigns(session, scope, [wanted]),
        tops=tops,
        regimes=totals.offered(session, campaign),
        enters=campaign.status != "archived" and scope.may_enter_annex(found.unit.id),
        number=found.own.entered.number if found.own.entered else 0,
        last=found.frozen[0][0].number if found.frozen else 0,
        mark=freezing.mark(found),
        most=totals.MOST,
        spoken=spoken,
        typed=typed,
    )
    return Noted(body, Act.ANNEX_READ, ("unit", found.unit.id), {"campaign": campaign.id})


@bp.post("/annex/totals")
@again.first
@changes
def save(session: Session, scope: Scope) -> Done:
    """Enter a unit's own totals."""
    sent = AnnexForm.sent()
    typed = {"received": sent.received, "supported": sent.supported} | sent.by_reason
    counts = {name: _count(text.strip()) for name, text in typed.items()}
    freezing.enter(session, scope, app_vault(), (sent.campaign, sent.unit, sent.number), counts, nil=sent.nil)
    return Done(url_for("annex.show", unit=sent.unit, campaign=sent.campaign), t("done.annex_entered"))


@bp.post("/annex/freeze")
@again.first
@changes
def freeze(session: Session, scope: Scope) -> Done:
    """Freeze what the page shows; the level above sees it from then on."""
    sent = AnnexForm.sent()
    if not sent.yes:
        return Done(url_for("annex.show", unit=sent.unit, campaign=sent.campaign))
    made = freezing.freeze(session, scope, app_vault(), sent.campaign, sent.unit, (sent.number, sent.mark))
    return Done(url_for("annex.show", annex=made.id), t("done.annex_frozen", id=spoken(made.id)))


@noted
@reads
def _frozen(session: Session, scope: Scope, annex: str) -> Noted:
    """Show a frozen annex with the verdict on its hash."""
    found = annexes.get(session, scope, app_vault(), annex)
    unit, campaign = found.row.unit_id, found.row.campaign_id
    body = render_template(
        "desk/annex/frozen.html",
        it=found,
        id=spoken(annex),
        unit=session.get_one(Unit, unit),
        campaign=session.get_one(Campaign, campaign),
        spoken=spoken,
        short=document.SHORT_HASH,
    )
    return Noted(body, Act.ANNEX_READ, ("unit", unit), {"campaign": campaign, "freeze": annex})


@bp.get("/annex/<id:annex>/word")
@noted
def download(annex: str) -> Noted:
    """Return its document, which is kept nowhere."""
    found = _opened(annex)
    name, data = document.document(found)
    answer = send_file(io.BytesIO(data), word.MEDIA_TYPE, as_attachment=True, download_name=name)
    said = {"campaign": found.row.campaign_id, "freeze": annex, "format": "docx"}
    return Noted(answer, Act.ANNEX_EXPORTED, ("unit", found.row.unit_id), said)


@reads
def _opened(session: Session, scope: Scope, annex: str) -> annexes.OpenedAnnex:
    found = annexes.get(session, scope, app_vault(), annex)
    session.expunge(found.row)  # the document is made in no transaction
    return found


def _count(text: str) -> int:
    """Return a typed number of people. Raises Problem `annex_numbers`."""
    if not text:
        return 0
    found = typed_whole(text)
    if found is None or found > 999_999:
        raise Problem("annex_numbers")
    return found
