"""The language of a shell: Vietnamese where LANG says so."""

from __future__ import annotations

import os


def shell_language() -> str:
    """Return `vi` or `en`, by LC_ALL, LC_MESSAGES or LANG, whichever is set first."""
    said = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "vi" if said.startswith("vi") else "en"
