"""Split a unit at the desk: who and what goes where is chosen beside what stays, before the yes; a slip is taken back.

The form carries marks of what it showed. If that is not true any more, it comes back as it was filled in, with what
has changed since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.administration import unit_asked
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, Page, whole_form
from server.desk.shapes import Done, changes, lead_on, reads, says
from server.desk.units import LONGEST
from server.desk.words import error, t
from server.errors import status_of
from server.models import Unit
from server.services.administration import roster_sheet, splits
from server.services.administration.seen_marks import SeenDifference
from server.services.administration.split_view import MadeSplit, SplitView
from server.services.administration.splits import SplitAsked
from server.services.organisation.split_faults import MOST, REFUSED, NewPart
from server.services.units.scope import ADMIN, Scope
from sync.protocol import GRACE_DAYS
from sync.text import normal
from sync.values import is_date

bp = guarded("splits")
ADMINS = (ADMIN,)
SHORT = 100
COME_BACK = {"split_moved", *REFUSED.values()}
"""Refusals after which the form comes back as it was filled in."""
TOO_LATE = {"split_kept", "split_back_moved"}


class SplitsAsked(Inputs):
    """The page of the list of splits."""

    splits: Page


class SplitForm(Inputs):
    """Beside what a split asks for: the yes, and marks of what the page showed."""

    yes: bool
    seen: str


def _split_again(refused: Problem) -> Response:
    return page(whole_form(), refused)


@bp.post("/units/split")
@again.first
@says(lambda refused: refused.code in COME_BACK, _split_again)
def split() -> Response:
    """Split it; what is not possible comes back as it was filled in, with the reason."""
    form, sent = whole_form(), SplitForm.sent()
    if not sent.yes:
        return page(form)
    with writing() as session:
        scope = Scope(session, officer_id())
        found, unknown = _asked(session, scope, form)
        if found is not None and not unknown:
            splits.split(session, scope, found, sent.seen)
    if found is None or unknown:
        return page(form)
    return lead_on(url_for("unit_changes.show", act="split"), t("done.unit_split"))


def _take_back_again(refused: Problem, split: str) -> Response:
    return page(MultiDict(), refused, split)


@bp.post("/units/split/<id:split>/take-back")
@again.first
@says(lambda refused: refused.code in TOO_LATE, _take_back_again)
@changes
def take_back(session: Session, scope: Scope, split: str) -> Done:
    """Take a split back, while nobody has worked with it; the list says why it is too late."""
    name = splits.take_back(session, scope, split, SplitForm.sent().seen).name
    return Done(url_for("unit_changes.show", act="split"), t("done.split_taken_back", unit=name))


@reads
def page(
    session: Session, scope: Scope, given: MultiDict[str, str], refused: Problem | None = None, also: str = ""
) -> Response:
    """Return the page: what stays, who and what may go, why it is not possible; `also`: a split listed in any case."""
    found, unknown = _asked(session, scope, given)
    whole = found is not None and not unknown
    if found is not None:  # a part that was renamed in the form is chosen anew
        codes = {_code(session, part) for part in found.parts}
        moves, below = ({one: to for one, to in each.items() if to in codes} for each in (found.moves, found.below))
        found = replace(found, moves=moves, below=below)
    view = splits.preview(session, scope, found) if found is not None and whole else None
    lately = splits.lately(session, scope, SplitsAsked.asked().splits, also)
    body = render_template(
        "desk/administration/split.html",
        old=given.get("old", ""),
        parts=given.get("parts", ""),
        on=given.get("on", "") or today().isoformat(),
        ends=bool(given.get("ends")),
        unknown=unknown,
        no_day=bool(given.get("old")) and not is_date(given.get("on", "")),
        view=view,
        seen=splits.seen(view) if view else "",
        moves=_chosen(given, "officer", "to"),
        below=_chosen(given, "unit", "under"),
        heir=found.heir if found else "",
        lately=[(each, splits.seen_made(each)) for each in lately.rows],
        lately_page=lately,
        lately_link=lambda page: url_for("unit_changes.show", act="split", splits=page, _anchor="h-lately"),
        problem=error(refused.code) if refused else "",
        changed=_changed(view, lately.rows, also, refused),
        grace=GRACE_DAYS,
    )
    return make_response(body, status_of(refused.code) if refused else 200)


def _changed(
    view: SplitView | None, lately: Sequence[MadeSplit], also: str, refused: Problem | None
) -> list[SeenDifference]:
    """Return what is not as the form that was refused had it."""
    seen = SplitForm.sent().seen
    if refused is not None and refused.code == "split_moved" and view is not None:
        return splits.changed(view, seen)
    if refused is not None and refused.code == "split_back_moved":
        return [difference for each in lately if each.row.id == also for difference in splits.changed_made(each, seen)]
    return []


def _asked(session: Session, scope: Scope, given: MultiDict[str, str]) -> tuple[SplitAsked | None, list[str]]:
    """Return what the form asks for, None if it is not filled in, and the lines that name no unit."""
    old, on = given.get("old", "")[:LONGEST], given.get("on", "")
    lines = [normal(line)[: 2 * LONGEST] for line in given.get("parts", "").splitlines() if line.strip()]
    lines = lines[: MOST + 1]  # one too many is said, and the rest need not be looked up
    if not old or not lines or not is_date(on):
        return None, []
    parts = [_part(session, scope, line) for line in lines]
    old_id = unit_asked.named(session, scope, old, ADMINS)
    unknown = [line for line, part in zip((old, *lines), (old_id, *parts), strict=True) if not part]
    heir = (given.get("heir") or _code(session, parts[0])) if given.get("ends") else ""
    moves, below = _chosen(given, "officer", "to"), _chosen(given, "unit", "under")
    asked = SplitAsked(old_id, parts, date.fromisoformat(on), heir, moves, below, empty=bool(given.get("empty")))
    return asked, unknown


def _part(session: Session, scope: Scope, line: str) -> NewPart | str:
    """Return the new unit of a line `code; name; short name`, or the id of the one it names; empty for none."""
    code, found, rest = line.partition(";")
    if not found:
        return unit_asked.named(session, scope, line, ADMINS)
    name, _, short_name = (text.strip()[:LONGEST] for text in rest.partition(";"))
    return NewPart(code.strip(), name, (short_name or roster_sheet.short(name))[:SHORT]) if name else ""


def _code(session: Session, part: NewPart | str) -> str:
    if isinstance(part, NewPart):
        return part.code
    unit = session.get(Unit, part) if part else None
    return unit.code if unit else ""


def _chosen(given: MultiDict[str, str], who: str, to: str) -> dict[str, str]:
    """Return by person or unit the code of the part that was chosen."""
    return {one: part for one, part in zip(given.getlist(who), given.getlist(to), strict=False) if part}
