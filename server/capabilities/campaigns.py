"""Campaigns: the start page, from a letter to a campaign, its letter and files, its lifecycle."""

from __future__ import annotations

from server.cli.campaign import campaign
from server.desk.campaigns import amend, drafts, files, home, letter, ordering, overview, tour
from server.desk.menu import MenuEntry
from server.desk.page import NOTICES
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages, the menu entry of those who may open campaigns, and the command."""
    add.pages(home.bp, prefix="")
    NOTICES.add("tour", tour.TOUR, place=0)
    add.pages(files.bp)
    add.menu(MenuEntry("nav.campaigns", "campaigns.show", place=35, shown=lambda me, _notices: me.opens, key="d"))
    add.pages(overview.bp, drafts.bp, amend.bp, under="nav.campaigns")
    add.pages(letter.bp, ordering.bp, under="nav.figures")
    add.command(campaign)
