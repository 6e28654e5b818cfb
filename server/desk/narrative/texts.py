"""Write the texts of a report section by section: take a section, write, save by itself or by a button, close.

Without JavaScript the buttons do it all; with it, autosave.js sends the same form every few seconds of writing.
"""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.formats import clock
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, whole_form
from server.desk.narrative import shown
from server.desk.narrative.shown import ShownTexts
from server.desk.words import t
from server.models import Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.reports.text import passages, sections
from server.services.reports.text.passages import Owner
from server.services.reports.text.sections import FIELDS, checked
from server.services.reports.workflow import papers
from server.services.units.scope import Scope

bp = guarded("texts")


class AskedTexts(Inputs):
    """Whose texts a request is about."""

    campaign: str
    unit: str
    paper: str

    @property
    def place(self) -> dict[str, Any]:
        """The arguments of an address."""
        return {"paper": self.paper} if self.paper else self.args()


class OfferedTexts(Inputs):
    """For which section paragraphs are offered, and from which one on."""

    section: str
    start: int = 0


class TextForm(Inputs):
    """What is done with texts. `act` is of the button; `key` names paragraphs of units below."""

    section: list[str]
    act: str = "save"
    aside: str
    key: list[str]


@bp.get("/texts")
def show() -> str:
    """Show the texts of a paper, or of a unit: by default of one's own top unit. What one writes now can be edited."""
    asked = AskedTexts.asked()
    with reading() as session:
        scope = Scope(session, officer_id())
        found = _shown(session, scope, asked)
        if found is None:
            return render_template("desk/no_campaign.html")
        return render_template(
            "desk/narrative/texts.html",
            it=found,
            campaign=found.campaign,
            unit=session.get_one(Unit, found.unit),
            args=asked.place or {"campaign": found.campaign.id, "unit": found.unit},
        )


def _shown(session: Session, scope: Scope, asked: AskedTexts) -> ShownTexts | None:
    if asked.paper:
        return shown.of_paper(session, scope, papers.get(session, scope, asked.paper))
    campaign = choices.campaign(session, scope, asked.campaign)
    tops = choices.units(session, scope.tops())
    if campaign is None or not (asked.unit or tops):
        return None
    unit = scope.today(asked.unit or tops[0].id)
    return shown.of_unit(session, scope, passages.owner_of_unit(session, scope, campaign.id, unit))


def _owner(session: Session, scope: Scope, asked: AskedTexts) -> Owner:
    """Return whose texts are written, if this person may. Raises Problem."""
    if asked.paper:
        return papers.to_write(session, scope, asked.paper)
    return passages.owner_of_unit(session, scope, asked.campaign, asked.unit, write=True)


def _written(session: Session, scope: Scope, asked: AskedTexts) -> tuple[Owner, bool]:
    """Return whose texts came in, and whether they are closed: a paper was presented while somebody wrote in it."""
    try:
        return _owner(session, scope, asked), False
    except Problem as problem:
        if problem.code != "paper_not_draft":
            raise
        return passages.owner_of_paper(papers.get(session, scope, asked.paper)), True


@bp.post("/texts/edit")
def edit() -> Response:
    """Take sections to write in them; those that somebody else is writing are left alone, and said to be."""
    asked, wanted = AskedTexts.sent(), [checked(code) for code in TextForm.sent().section]
    with writing() as session:
        scope = Scope(session, officer_id())
        taken = passages.hold(session, _owner(session, scope, asked), scope.officer_id, wanted)
    if len(taken) < len(wanted):
        flash(t("done.text_held", count=len(wanted) - len(taken)))
    anchor = taken[0] if len(wanted) == 1 and taken else None
    return redirect(url_for("texts.show", **asked.place, _anchor=anchor), 303)


@bp.post("/texts/save")
def save() -> Response:
    """Save what was written. A text that came too late is kept beside its section."""
    asked, act = AskedTexts.sent(), TextForm.sent().act
    typed = shown.typed(whole_form())
    with writing() as session:
        scope = Scope(session, officer_id())
        owner, closed = _written(session, scope, asked)
        made = passages.save(session, owner, scope.officer_id, typed, closed=closed)
        if act == "close":
            passages.let_go(session, owner, scope.officer_id, typed)
        if made.changed and act != "auto":
            about = ("paper", owner.paper) if owner.paper else ("unit", owner.unit)
            log.append(session, Act.REPORT_WRITTEN, about, new={"campaign": owner.campaign, "unit": owner.unit})
    if act == "auto":
        digests = {code: passages.digest(typed[code].text) for code in made.saved}
        said = t("texts.saved", at=clock(now_ms()))
        return jsonify(saved=made.saved, shown=digests, aside=made.aside, said=said)
    flash(t("done.text_aside", count=len(made.aside)) if made.aside else t("done.text_saved"))
    return redirect(url_for("texts.show", **asked.place), 303)


@bp.post("/texts/settle")
def settle() -> Response:
    """Take a text that was kept beside a section, or drop it."""
    asked, sent = AskedTexts.sent(), TextForm.sent()
    take = sent.act == "take"
    with writing() as session:
        scope = Scope(session, officer_id())
        owner = _owner(session, scope, asked)
        section = passages.settle(session, owner, scope.officer_id, sent.aside, take=take)
    flash(t("done.text_taken" if take else "done.text_dropped"))
    return redirect(url_for("texts.show", **asked.place, _anchor=section), 303)


@bp.get("/texts/pick")
def choose() -> str:
    """Show paragraphs that units below wrote for one section."""
    asked, offered = AskedTexts.asked(), OfferedTexts.asked()
    section, start = offered.section, offered.start
    if section not in FIELDS:
        raise Problem("not_found")
    with reading() as session:
        scope = Scope(session, officer_id())
        found = _shown(session, scope, asked)
        if found is None:
            raise Problem("not_found")
        owner = passages.owner_of_paper(found.paper) if found.paper else Owner(found.campaign.id, found.unit)
        offers, more = sections.offered(session, owner, section, start)
        return render_template(
            "desk/narrative/pick.html",
            it=found,
            section=next((each for each in found.sections if each.code == section), None),
            code=section,
            offers=offers,
            start=start,
            more=start + sections.ON_A_PAGE if more else 0,
            campaign=found.campaign,
            unit=session.get_one(Unit, found.unit),
            args=asked.place,
        )


@bp.post("/texts/pick")
def pick() -> Response:
    """Add the ticked paragraphs to one's own text, with the names of their units."""
    asked, sent = AskedTexts.sent(), TextForm.sent()
    section, keys = next(iter(sent.section), ""), sent.key
    if section not in FIELDS:
        raise Problem("bad_request")
    with writing() as session:
        scope = Scope(session, officer_id())
        owner = _owner(session, scope, asked)
        count = sections.pick(session, owner, scope.officer_id, section, keys)
    flash(t("done.text_picked", count=count) if count == len(keys) else t("done.text_picked_some", count=count))
    return redirect(url_for("texts.show", **asked.place, _anchor=section), 303)
