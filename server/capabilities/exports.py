"""Exports: tables and photos of what the list selects, links that refresh a table in Excel."""

from __future__ import annotations

from server.desk.exports import exports, links, photos
from server.registration import Registration
from server.services.exports import table_files


def register(add: Registration) -> None:
    """Add the pages and the kinds of documents that long tables are."""
    add.pages(exports.bp, photos.bp, links.bp, links.read_bp, under="nav.queue")
    table_files.register()
