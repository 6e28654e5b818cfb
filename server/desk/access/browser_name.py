"""A browser's name in short, for the list of sessions: `Chrome, Windows`. For people; it proves nothing."""

from __future__ import annotations

import re

_BROWSERS = (
    ("Cốc Cốc", r"coc_coc_browser|CocCoc"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
"""The order matters: most browsers name others as well."""
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


def short(agent: str) -> str:
    """Return browser and system; the first word of what is neither; empty for nothing."""
    found = [next((name for name, mark in names if re.search(mark, agent)), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or agent.partition("/")[0][:40]
