"""The log of a scheduler, or of the *hệ thống thông tin nguồn*, taken as records of broadcasts."""

from __future__ import annotations

from server.desk.airing_log import airing_log
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the page; the way to it is where results are entered, and beside the log book."""
    add.pages(airing_log.bp, under="nav.queue")
