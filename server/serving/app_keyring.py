"""The keyring of the application that answers this request."""

from __future__ import annotations

from flask import current_app

from server.core.keyring import Keyring


def app_keyring() -> Keyring:
    """The keyring of the current application."""
    ring: Keyring = current_app.extensions["loa_keyring"]
    return ring
