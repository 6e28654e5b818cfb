"""Units that have reported nothing, each with a polite text to copy, and ways to state totals on their behalf."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import now_ms, today
from server.desk.asked_place import SentPlace, asked_place
from server.desk.formats import amid, day, near_moment
from server.desk.guard import guarded
from server.desk.inputs import Page
from server.desk.shapes import reads
from server.desk.units import typed_unit, unit_field
from server.desk.words import t
from server.models import Campaign
from server.services.progress.silent import SilentUnit, silent_units
from server.services.records.late import due_before
from server.services.reports import words
from server.services.units.scope import Scope

bp = guarded("silent")


class SilentAsked(SentPlace):
    """Which page of the list is shown."""

    page: Page


@bp.get("/totals/silent")
@reads
def show(session: Session, scope: Scope) -> str | Response:
    """Show a page of them, by default of one's own top unit. Each has its own text: none reads of another's silence."""
    answer = typed_unit(session, scope, SentPlace.asked().args(unit=""))
    if answer is not None:
        return answer
    place = asked_place(session, scope)
    if place is None:
        return render_template("desk/no_campaign.html")
    campaign = place.campaign
    unit = place.seen(session, scope)
    found = silent_units(session, campaign, unit, SilentAsked.asked().page)
    scope.read_chains(each.unit.id for each in found.units)
    return render_template(
        "desk/totals/silent.html",
        unit=unit,
        campaign=campaign,
        it=found,
        field=unit_field(session, scope, unit.id),
        texts=[(each, reminder(campaign, each)) for each in found.units],
        link=lambda **other: url_for("silent.show", unit=unit.id, campaign=campaign.id, **other),
        writes=lambda unit_id: campaign.status != "archived" and scope.may_write(unit_id),
    )


def reminder(campaign: Campaign, it: SilentUnit) -> str:
    """Return the text for one unit: what is missing, by when, and thanks."""
    due = due_before(campaign, it.unit.level)
    last = day(due - timedelta(days=1))
    values = {
        "people": ", ".join(it.people) or t("remind.people"),
        "unit": amid(it.unit.name),
        "campaign": words.quoted(campaign.name),
        "at": near_moment(now_ms()),
        "due": t("remind.due" if due > today() else "remind.over", day=last),
    }
    parts = [t("remind.silent", **values)] if it.is_silent else []
    parts += [t("remind.confirm", **values)] if it.awaits else []
    return "\n".join([t("remind.dear", **values), *parts, t("remind.thanks")])
