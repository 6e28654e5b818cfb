"""Review: the queue, search and results, a record, decisions, conflicts, review by sample and its line in a report."""

from __future__ import annotations

from server.desk.menu import MenuEntry
from server.desk.panels import PANELS
from server.desk.review import answering, bulk, decisions, fast, messages, queue, record, results, settling
from server.desk.review.flagged import FLAGGED_LINE
from server.registration import Registration
from server.services.reports import additions
from server.services.reports.additions import ADDITIONS


def register(add: Registration) -> None:
    """Add the pages, their menu entry and the note in a report."""
    add.menu(
        MenuEntry(
            "nav.queue",
            "queue.show",
            place=10,
            text_of=lambda me: "nav.queue" if me.reviews else "nav.results",
            key="k",
        )
    )
    lists = queue.bp, bulk.bp, results.bp, answering.bp
    add.pages(*lists, record.bp, decisions.bp, settling.bp, messages.bp, fast.bp, under="nav.queue")
    PANELS.add("flagged", FLAGGED_LINE, place=5)
    ADDITIONS.add("reviewed", additions.REVIEWED_SHARE, place=90)
