"""Campaigns: the start page, a campaign's letter and files, its lifecycle."""

from __future__ import annotations

from server.cli.campaign import campaign
from server.desk.campaigns import files, home, letter
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages and the command."""
    add.pages(home.bp, prefix="")
    add.pages(files.bp)
    add.pages(letter.bp, under="nav.figures")
    add.command(campaign)
