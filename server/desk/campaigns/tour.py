"""The tour of the demo, from the letter to the report: four steps, each by who does it, one click away on every page.

A step signs in as that person and opens the page; that of the officer opens the phone app, with a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import request, url_for
from sqlalchemy.orm import Session

from server.desk.guard import Me
from server.desk.page import Notice
from server.models import Officer
from server.services.installation import sample
from server.services.installation.sample import SampleTree
from server.services.units.scope import COORDINATOR, OFFICER, REVIEWER

TEMPLATE: Final = "desk/campaigns/tour.html"
_LETTER: Final = ("letter", "ordering", "drafts", "amend", "overview")
"""Blueprints of the first step."""


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step. `username`: who does it; empty where there is no demo. `page`: where it begins at the desk."""

    name: str
    icon: str
    role: str
    username: str
    page: str


@dataclass(frozen=True, slots=True)
class Tour:
    """The steps, and where the person who looks is; -1 for somebody else, and on the page of all."""

    steps: tuple[TourStep, ...]
    at: int

    @property
    def following(self) -> int:
        """The next step; the first one after the last."""
        return (self.at + 1) % len(self.steps)


def steps(tree: SampleTree | None) -> tuple[TourStep, ...]:
    """Return the steps of a tree; without a demo only their names."""
    letter = url_for("letter.show", campaign=tree.campaign) if tree else ""
    return (
        TourStep("letter", "letter", COORDINATOR, tree.coordinator if tree else "", letter),
        TourStep("records", "phone", OFFICER, tree.officer if tree else "", url_for("queue.show", state="all")),
        TourStep("review", "counted", REVIEWER, tree.reviewer if tree else "", url_for("queue.show")),
        TourStep("report", "report", COORDINATOR, tree.coordinator if tree else "", url_for("report.show")),
    )


def _read(session: Session, me: Me, _asked: object) -> Tour | None:
    """Return the tour of a person's tree, at the step whose page this is; None where there is no demo."""
    trees = sample.shown(session)
    if not trees:
        return None
    name = session.get_one(Officer, me.id).username
    tree = next((each for each in trees if name in (each.officer, each.reviewer, each.coordinator)), trees[0])
    if request.blueprint == "home":  # the page of all steps is none of them
        at = -1
    elif name == tree.coordinator:
        at = 0 if request.blueprint in _LETTER else 3
    else:
        at = {tree.officer: 1, tree.reviewer: 2}.get(name, -1)
    return Tour(steps(tree), at)


TOUR: Final = Notice(TEMPLATE, _read, sample.IS_DEMO)
