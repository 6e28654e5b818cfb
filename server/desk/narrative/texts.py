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
from server.desk.shapes import reads
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
    """Whose texts a request is about. `here`: they are written in place, on the page of the report."""

    campaign: str
    unit: str
    paper: str
    here: bool

    @property
    def whose(self) -> dict[str, Any]:
        """The arguments of an address."""
        if self.paper:
            return {"paper": self.paper}
        return {name: value for name, value in (("campaign", self.campaign), ("unit", self.unit)) if value}

    def back(self, anchor: str | None = None) -> Response:
        """Return the way back to the page on which it was asked."""
        if not self.here:
            to = url_for("texts.show", **self.whose, _anchor=anchor)
        elif self.paper:
            to = url_for("papers.show", paper=self.paper, _anchor=anchor)
        else:
            to = url_for("report.show", **self.whose, _anchor=anchor)
        return redirect(to, 303)


class TakenTexts(AskedTexts):
    """The sections that somebody takes to write in them."""

    section: list[str]


class SavedTexts(AskedTexts):
    """What becomes of what was written: `save`, `close`, or `auto` by itself."""

    act: str = "save"


class SettledText(AskedTexts):
    """A text that was kept beside its section: `take` it, or else drop it."""

    act: str
    aside: str


class AskedOffers(AskedTexts):
    """Whose texts; with a section what units below wrote for it, from the paragraph `start` on."""

    section: str
    start: str = "0"


class PickedTexts(AskedTexts):
    """The paragraphs of units below that were ticked, for one section."""

    section: str
    key: list[str]


@bp.get("/texts")
def show() -> str:
    """Show the texts of a paper, or of a unit: by default of one's own top unit. What one writes now can be edited.

    With `section` what units below wrote for it, to take over.
    """
    asked = AskedOffers.asked()
    if asked.section:
        return _offers(asked)
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
            args=asked.whose or {"campaign": found.campaign.id, "unit": found.unit},
            **found.choices,
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
    asked = TakenTexts.sent()
    wanted = [checked(code) for code in asked.section]
    with writing() as session:
        scope = Scope(session, officer_id())
        taken = passages.hold(session, _owner(session, scope, asked), scope.officer_id, wanted)
    if len(taken) < len(wanted):
        flash(t("done.text_held", count=len(wanted) - len(taken)))
    anchor = taken[0] if (asked.here or len(wanted) == 1) and taken else None
    return asked.back(anchor)


@bp.post("/texts/save")
def save() -> Response:
    """Save what was written. A text that came too late is kept beside its section."""
    asked = SavedTexts.sent()
    act = asked.act
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
    return asked.back()


@bp.post("/texts/settle")
def settle() -> Response:
    """Take a text that was kept beside a section, or drop it."""
    asked = SettledText.sent()
    take = asked.act == "take"
    with writing() as session:
        scope = Scope(session, officer_id())
        owner = _owner(session, scope, asked)
        section = passages.settle(session, owner, scope.officer_id, asked.aside, take=take)
    flash(t("done.text_taken" if take else "done.text_dropped"))
    return asked.back(section)


@reads
def _offers(session: Session, scope: Scope, asked: AskedOffers) -> str:
    """Show paragraphs that units below wrote for one section."""
    section, start = asked.section, asked.start
    if section not in FIELDS or not (start.isascii() and start.isdecimal() and len(start) < 7):
        raise Problem("not_found")
    found = _shown(session, scope, asked)
    if found is None:
        raise Problem("not_found")
    owner = passages.owner_of_paper(found.paper) if found.paper else Owner(found.campaign.id, found.unit)
    offers, more = sections.offered(session, owner, section, int(start))
    return render_template(
        "desk/narrative/pick.html",
        it=found,
        section=next((each for each in found.sections if each.code == section), None),
        code=section,
        offers=offers,
        start=int(start),
        more=int(start) + sections.ON_A_PAGE if more else 0,
        campaign=found.campaign,
        unit=session.get_one(Unit, found.unit),
        args=asked.whose,
    )


@bp.post("/texts/pick")
def pick() -> Response:
    """Add the ticked paragraphs to one's own text, with the names of their units."""
    asked = PickedTexts.sent()
    section, keys = asked.section, asked.key
    if section not in FIELDS:
        raise Problem("bad_request")
    with writing() as session:
        scope = Scope(session, officer_id())
        owner = _owner(session, scope, asked)
        count = sections.pick(session, owner, scope.officer_id, section, keys)
    flash(t("done.text_picked", count=count) if count == len(keys) else t("done.text_picked_some", count=count))
    return asked.back(section)
