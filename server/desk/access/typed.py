"""Typed passwords and codes, and the sentences for wrong ones."""

from __future__ import annotations

import unicodedata

from server.core.clock import local, now_ms
from server.desk.inputs import whole_form
from server.desk.words import t
from server.services.access.own_password import PasswordRefusal
from server.services.access.password_rules import PASSWORD_LENGTH, PasswordFault
from server.services.access.second_factor import CodeOutcome


def password(name: str) -> str:
    """Return a typed password in Unicode NFC, because keyboards encode ắ in different ways."""
    return unicodedata.normalize("NFC", whole_form().get(name, ""))


def why_not(outcome: CodeOutcome) -> str:
    """Return the sentence for a code that was not taken; empty for a good one. It names the clock."""
    return "" if outcome is CodeOutcome.GOOD else t(f"second.{outcome}", time=server_time())


def server_time() -> str:
    """Return the time by the server's clock, with seconds: to compare with a phone's."""
    return f"{local(now_ms()):%H:%M:%S}"


def fault(found: PasswordFault | PasswordRefusal) -> str:
    """Return the sentence for a password that was not taken."""
    return t("welcome.too_short", length=PASSWORD_LENGTH) if found is PasswordFault.SHORT else t(f"password.{found}")
