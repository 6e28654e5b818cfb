"""Plays the demo's steps through the services, each at its own time."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from flask import Flask

from server.core.clock import stopped_at
from server.core.db import writing
from server.demo import phones
from server.demo.people import Cast
from server.demo.photo import Scene, Shot
from server.demo.steps import Changed, Decided, Step
from server.models import Campaign, Record, Unit
from server.services.figures import seals
from server.services.review import decisions
from server.services.review.decisions import Verdict
from server.services.units.scope import Scope
from sync.protocol import PHOTO_PREFIX
from sync.write import Write


@dataclass
class Telling:
    """The demo while it is played. `campaigns`: ids of the real and of the practice campaign.

    `files`: the ids of the campaign's files by title.
    """

    app: Flask
    cast: Cast
    campaigns: tuple[str, str]
    drawn: Mapping[Scene, Future[Shot]]
    files: Mapping[str, str]
    kept: dict[str, list[Write]] = field(default_factory=dict)

    def play(self, step: Step) -> None:
        """Play one step."""
        if isinstance(step, Decided):
            self._decide(step)
            return
        shots = [self.drawn[scene].result() for scene in step.scenes]
        if isinstance(step, Changed):
            write = phones.change(step, self.kept[step.key], shots)
        else:
            given = {name: self.files[step.values[name]] for name in ("script_file", "design") if name in step.values}
            step = replace(step, values=step.values | given)
            write = phones.create(step, self.cast.units[step.unit].id, self.campaigns[step.practice], shots)
        phones.hand_in(self.app, self.cast.people[step.who], write, shots, step.got)
        self.kept.setdefault(step.key, []).append(write)

    def confirm(self, unit_id: str, at: int) -> None:
        """Confirm and send a unit's figures, by one of its officers."""
        officer = next(person.officer_id for person in self.cast.people.values() if person.unit_id == unit_id)
        with stopped_at(at), writing() as session:
            scope, campaign = Scope(session, officer), session.get_one(Campaign, self.campaigns[0])
            sheet = seals.sheet(session, scope, session.get_one(Unit, unit_id), campaign)
            seals.seal(session, scope, unit_id, campaign.id, sheet.shown if sheet else {})

    def _decide(self, step: Decided) -> None:
        with stopped_at(step.got), writing() as session:
            record = session.get_one(Record, self.kept[step.key][0].record)
            scope = Scope(session, self.cast.people[step.who].officer_id)
            photos = [name for name in record.survivors if name.startswith(PHOTO_PREFIX)]
            marked = photos if step.field == "photo" else [step.field] if step.field else []
            decisions.decide(session, scope, record.id, Verdict(step.verdict, step.reason, marked), record.survivors)
