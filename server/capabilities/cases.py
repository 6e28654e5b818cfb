"""Confidential cases: their pages, a menu entry and a notice for who has the right, totals for the annex, their log."""

from __future__ import annotations

from server.cli.cases import cases as command
from server.desk.cases import case, case_rights, cases, notices
from server.desk.guard import Me
from server.desk.menu import CASES, MANAGE, MenuEntry
from server.desk.page import NOTICES
from server.registration import Registration
from server.services.audit import verifying
from server.services.cases import counting, log_verifying, restoring, rotating
from server.services.confidential import totals
from server.services.keyholders import vault
from server.services.recovery import restores


def _may_manage(me: Me, _seen: object) -> bool:
    return me.confidential or me.administers


def register(add: Registration) -> None:
    """Add the pages, the menu entries, the notice, the totals, the log's check and the command."""
    add.menu(MenuEntry("nav.cases", "cases.show", place=37, shown=lambda _me, seen: "cases" in seen, group=CASES))
    add.pages(cases.bp, case.bp, under="nav.cases")
    add.menu(MenuEntry("nav.case_rights", "case_rights.show", place=46, shown=_may_manage, group=MANAGE))
    add.pages(case_rights.bp, under="nav.case_rights")
    NOTICES.add("cases", notices.LOOK, place=40)
    totals.FEEDS.add("cases", counting.feed)
    verifying.LOGS.add("cases", log_verifying.verify)
    restores.AFTER.add("cases", restoring.after)
    vault.TAKE_OVER.add("cases", rotating.rotate)
    vault.OPENED.add("cases", rotating.tidy)
    add.command(command)
