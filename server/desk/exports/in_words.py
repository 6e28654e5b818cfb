"""A filter in words, for whoever is to know what a file or a link holds."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.desk.formats import day
from server.desk.words import filter_state, label, t
from server.models import Campaign, Membership, Officer
from server.services.hints.reading import ANY
from server.services.hints.rules import LOOK
from server.services.review.queue import ALL
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope
from sync.figures import every_figure
from sync.registry import KINDS

_PHOTO: Final = {"with": "exports.photo_with", "without": "exports.photo_without"}
_PLACE: Final = {"with": "exports.place_with", "without": "exports.place_without"}


def in_words(session: Session, scope: Scope, asked: ResultFilter) -> str:
    """Return what the filter selects, without campaign and unit; of all records alone, that it is all of them."""
    cut, said = asked.cut, list[str]()
    if cut.state != ALL:
        said.append(filter_state(cut.state))
    if cut.kind:
        said.append(label(KINDS[cut.kind].label) if cut.kind in KINDS else cut.kind)
    said += [label(each.label) for each in every_figure() if each.code == cut.figure]
    said += [t(f"bucket.{cut.bucket}")] if cut.bucket else []
    said += [t("exports.since", day=day(asked.since))] if asked.since else []
    said += [t("exports.until", day=day(asked.until))] if asked.until else []
    if asked.slogan:
        said.append(_named("results.slogan", _slogan(session, asked)))
    if asked.officer:
        said.append(_named("results.officer", _officer(session, scope, asked.officer)))
    hint = cut.hint or asked.hint
    said += [_named("hints.title", _hint(hint))] if hint else []
    said += [t(_PHOTO[asked.photo])] if asked.photo else []
    said += [t(_PLACE[asked.place])] if asked.place else []
    said += [_named("results.text", f"“{asked.text}”")] if asked.text else []
    return ", ".join(said) or filter_state(ALL)


def _named(key: str, value: str) -> str:
    return f"{t(key)}: {value}"


def _officer(session: Session, scope: Scope, officer_id: str) -> str:
    """Return the name of somebody who has or had a role where this person sees; empty for anybody else."""
    units = session.scalars(select(Membership.unit_id).where(Membership.officer_id == officer_id)).all()
    scope.read_chains(units)
    is_seen = any(scope.may_see(unit) for unit in units)
    return session.get_one(Officer, officer_id).name if is_seen else t("results.one_officer")


def _slogan(session: Session, asked: ResultFilter) -> str:
    """Return the text that the campaign of the list gives it: each campaign counts its slogans from `s1`."""
    campaign = session.get(Campaign, asked.cut.campaign)
    texts = (str(each["text"]) for each in (campaign.slogans if campaign else ()) if each["id"] == asked.slogan)
    return next(texts, asked.slogan)


def _hint(name: str) -> str:
    return t({LOOK: "hints.grade_look", ANY: "hints.any"}.get(name, f"hint_name.{name}"))
