"""The page of this request, to come back to it after a detour."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from server.core.problem_details import Problem

_FORMS = {
    "account.password": ("account.show", ()),
    "account.end_sessions": ("account.show", ()),
    "airing_log.read": ("airing_log.show", ("unit", "campaign")),
    "airing_log.take": ("airing_log.show", ("unit", "campaign")),
    "amend.add_file": ("amend.show", ("campaign",)),
    "amend.save": ("amend.show", ("campaign",)),
    "amend.sample": ("amend.show", ("campaign",)),
    "answering.give": ("results.show", ()),
    "answering.undo": ("results.show", ()),
    "bulk.approve": ("queue.show", ()),
    "bulk.undo": ("queue.show", ()),
    "campaigns.begin": ("campaigns.show", ()),
    "checklist.choose": ("checklist.show", ()),
    "regimes.upload": ("regimes.show", ()),
    "regimes.take": ("regimes.show", ("version",)),
    "regimes.change_day": ("regimes.show", ()),
    "decisions.count": ("queue.show", ()),
    "documents.ask": ("documents.show", ("unit", "campaign")),
    "exports.ask": ("exports.show", ()),
    "export_links.make": ("exports.show", ()),
    "export_links.end": ("exports.show", ()),
    "faces.rule": ("amend.show", ("campaign",)),
    "forms.add": ("letterhead.show", ("unit",)),
    "forms.remove": ("letterhead.show", ("unit",)),
    "letterhead.save": ("letterhead.show", ("unit",)),
    "drafts.add_file": ("drafts.edit", ("draft",)),
    "drafts.drop": ("campaigns.show", ()),
    "drafts.outline": ("drafts.edit", ("draft",)),
    "drafts.publish": ("drafts.edit", ("draft",)),
    "drafts.save": ("drafts.edit", ("draft",)),
    "computer_photos.make": ("edits.new", ("kind", "unit", "campaign")),
    "edits.make": ("edits.new", ("kind", "unit", "campaign")),
    "entry.check": ("entry.sign_in", ("next",)),
    "factors.require": ("people.show", ()),
    "factors.reset": ("people.show", ("q", "unit", "bare", "page")),
    "handovers.hand_over": ("people_accounts.show", ("officer",)),
    "second_factor.begin": ("second_factor.show", ()),
    "second_factor.check": ("second_factor.ask", ("next",)),
    "second_factor.confirm": ("second_factor.show", ()),
    "second_factor.new_codes": ("second_factor.show", ()),
    "second_factor.remove": ("second_factor.show", ()),
    "hint_grades.people": ("amend.show", ("campaign",)),
    "hint_grades.save": ("amend.show", ("campaign",)),
    "locks.lock": ("locks.show", ("unit", "campaign")),
    "locks.unlock": ("locks.show", ("unit", "campaign")),
    "ordering.save": ("letter.show", ("campaign", "unit")),
    "papers.make": ("report.show", ("unit", "campaign")),
    "papers.step": ("papers.show", ("paper",)),
    "texts.edit": ("texts.show", ("campaign", "unit", "paper")),
    "texts.pick": ("texts.show", ("campaign", "unit", "paper", "section")),
    "texts.save": ("texts.show", ("campaign", "unit", "paper")),
    "texts.settle": ("texts.show", ("campaign", "unit", "paper")),
    "rosters.read": ("adding.show", ()),
    "rosters.take": ("adding.show", ("roster",)),
    "people_accounts.add": ("adding.show", ()),
    "people_accounts.change": ("people_accounts.show", ("officer",)),
    "people_accounts.disable": ("people_accounts.show", ("officer",)),
    "people_accounts.enable": ("people_accounts.show", ("officer",)),
    "people_accounts.end_absence": ("people_accounts.show", ("officer",)),
    "people_accounts.make_link": ("people_accounts.show", ("officer",)),
    "people_accounts.note_absence": ("people_accounts.show", ("officer",)),
    "mergers.merge": ("unit_changes.show", ()),
    "splits.split": ("unit_changes.show", ()),
    "splits.take_back": ("unit_changes.show", ()),
    "trainings.begin": ("trainings.show", ()),
    "trainings.confirm": ("trainings.show", ("training",)),
    "trainings.refuse": ("trainings.show", ("training",)),
    "trainings.end": ("trainings.show", ()),
    "people.make": ("people.show", ("q", "unit", "bare", "page")),
    "people.make_cards": ("people.show", ("q", "unit", "bare", "page")),
    "people.revoke": ("people.show", ("q", "unit", "bare", "page")),
    "pasted.propose": ("totals.show", ("unit", "campaign")),
    "pasted.take": ("totals.show", ("unit", "campaign")),
    "totals.confirm": ("totals.show", ("unit", "campaign")),
    "totals.state": ("totals.show", ("unit", "campaign")),
    "totals.withdraw": ("totals.show", ("unit", "campaign")),
    "nil.say": ("giving.show", ("unit", "campaign")),
    "own_devices.confirm": ("queue.show", ()),
    "device.take_back": ("device.show", ("device",)),
    "device.undo": ("device.show", ("device",)),
    "seals.seal": ("giving.show", ("unit", "campaign")),
    "seals.status": ("letter.show", ("campaign",)),
    "seals.take_back": ("giving.show", ("unit", "campaign")),
    "comparison.read": ("comparison.show", ("unit", "campaign")),
    "comparison.from_campaign": ("comparison.show", ("unit", "campaign")),
    "comparison.drop": ("comparison.show", ()),
    "prior_drafts.place": ("comparison.show", ("draft",)),
    "prior_drafts.take": ("comparison.show", ("draft",)),
    "statements.state": ("statements.show", ("unit", "campaign")),
    "statements.add": ("statements.show", ("unit", "campaign")),
    "statements.remove": ("statements.show", ()),
    "annex.save": ("annex.show", ("unit", "campaign")),
    "annex.freeze": ("annex.show", ("unit", "campaign")),
    "annex.enter": ("annex.show", ()),
    "cases.enter": ("cases.show", ()),
    "cases.leave": ("cases.show", ()),
    "cases.stay": ("cases.show", ()),
    "cases.find": ("cases.show", ()),
    "cases.make": ("cases.show", ()),
    "cases.drop_hand": ("cases.figures", ("unit", "campaign")),
    "cases.publish": ("cases.figures", ("unit", "campaign", "half")),
    "case_rights.propose": ("case_rights.show", ()),
    "case_rights.give": ("case_rights.show", ()),
    "case_rights.end": ("case_rights.show", ()),
    **{
        f"case.{act}": ("case.show", ("case",))
        for act in (
            "reason",
            "table",
            "law",
            "identify",
            "take_back",
            "open_anew",
            "charge",
            "close",
            "reopen",
            "hand_over",
            "link",
            "recode",
        )
    },
    **{
        f"case_key.{act}": ("case_key.show", ())
        for act in ("choose", "unlock", "close", "admit", "sheet", "recover", "seen")
    },
    "restored.confirm": ("restored.show", ()),
    "rescue.hand_in": ("rescue.start", ()),
}
"""The page of each form, with the inputs that belong in its URL."""


_STEPS = {act: {"step": "preview"} for act in ("drafts.add_file", "drafts.outline", "drafts.publish")} | {
    "factors.require": {"factors": "1"},
    "splits.split": {"act": "split"},
    "splits.take_back": {"act": "split"},
}
"""The step of that page on which the form stands, where it has steps."""


RESENT = "resent=1"
"""In the URL of a form that the browser sends once more (guard.py)."""


def sent_to() -> str:
    """Return the URL that this form was sent to."""
    path = request.full_path.rstrip("?")
    return path.removesuffix(f"&{RESENT}").removesuffix(f"?{RESENT}")


def here() -> str:
    """Return the URL of this page; after a POST, of the page with the form, because a POST cannot be visited again."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    form, ids = sent_form(), request.view_args or {}
    if request.endpoint == "edits.save":
        return url_for("edits.edit", **ids)
    if "record" in ids:
        step = ("photo", "paper") if request.endpoint == "faces.mark" else ()
        back = {name: form.get(name) or None for name in ("from", *step)}
        return _page("records.show", {"record": ids["record"], **back})
    if "rescue" in ids:
        return _page("rescue.show", {"rescue": ids["rescue"]})
    if request.endpoint == "welcome.choose":
        return url_for("welcome.show", **ids)
    page, kept = _FORMS.get(request.endpoint or "", ("start.show", ()))
    if page == "texts.show" and form.get("here"):  # written in place, on the page of the report
        page = "papers.show" if form.get("paper") else "report.show"
        kept = ("paper",) if form.get("paper") else ("campaign", "unit")
    found = {name: ids.get(name) or form.get(name) or None for name in kept}
    return _page(page, found | _STEPS.get(request.endpoint or "", {}))


def _page(endpoint: str, values: dict[str, Any]) -> str:
    return url_for(endpoint, **values)


def sent_form() -> MultiDict[str, str]:
    """Return the form that was sent; an empty one if there is none or it cannot be read."""
    if request.url_rule is None:  # an error page without a route: parse nothing for it
        return MultiDict()
    try:
        return request.form
    except (HTTPException, Problem):  # too large to be read; reported elsewhere
        return MultiDict()
