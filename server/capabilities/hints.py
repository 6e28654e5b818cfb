"""Hints on the evidence of records, and photos that look alike: jobs, pages, what a purge removes."""

from __future__ import annotations

from server.desk.hints import alike, grades
from server.registration import Registration
from server.services.hints import reading, refreshing
from server.services.hints.rules import LOOK
from server.services.likeness import asking
from server.services.organisation.tree_locks import TREE_CHANGED
from server.services.recovery.purges import ERASERS
from server.services.review.results_filter import HINTS
from server.services.review.warning_rules import ONE_BY_ONE, WARNINGS


def register(add: Registration) -> None:
    """Add the jobs and pages; have photos compared, and hints made anew where likeness was found or units moved."""
    add.jobs(lambda _app, jobs: asking.register(jobs))
    add.jobs(lambda _app, jobs: refreshing.register(jobs))
    add.pages(alike.bp, under="nav.queue")
    add.pages(grades.bp, under="nav.campaigns")
    asking.FOUND.add("hints", refreshing.outdate_photos)
    TREE_CHANGED.add("hints", refreshing.outdate_units)
    ERASERS.add("hints", refreshing.erase)
    WARNINGS.add("hint", lambda _session, _streams: reading.matching(LOOK), place=50)
    ONE_BY_ONE.add("hint", lambda _session, _streams: reading.matching(LOOK))
    for place, name in enumerate(reading.FILTERS):
        HINTS.add(name, reading.matching, place=place)
