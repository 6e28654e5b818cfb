"""The desk's menu: which entries a person sees, in which group, and which one the shown page is under."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from flask import Blueprint

from server.desk.guard import Me

MANAGE: Final = "nav.manage"
"""The group of people, devices, units, the log, jobs and rescue files."""
CASES: Final = "nav.cases_group"
"""The group of the annex, the cases and their key."""


def _to_everybody(_me: Me, _notices: Mapping[str, Any]) -> bool:
    return True


def to_overseers(me: Me, _notices: Mapping[str, Any]) -> bool:
    """Show an entry to administrators and coordinators of the top unit."""
    return me.oversees


@dataclass(frozen=True, slots=True)
class Page:
    """A blueprint of the desk. `prefix`: where its addresses begin. `under`: the text of its menu entry, if any."""

    blueprint: Blueprint
    prefix: str
    under: str | None


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """`text`: its key in the catalogues. `place`: its rank in the menu. `shown`: also given the page's notices.

    `group`: the entry that it stands under, if any. `text_of`: another text, by who looks. `key`: its letter after G.
    """

    text: str
    endpoint: str
    place: int
    shown: Callable[[Me, Mapping[str, Any]], bool] = _to_everybody
    group: str = ""
    text_of: Callable[[Me], str] | None = None
    key: str = ""

    def text_for(self, me: Me) -> str:
        """Return the key of the text that this person reads."""
        return self.text_of(me) if self.text_of else self.text


class Menu:
    """The entries of one application, and the one that each blueprint's pages are under."""

    def __init__(self, entries: Sequence[MenuEntry], under: Mapping[str, str]) -> None:
        self._entries = sorted(entries, key=lambda entry: entry.place)
        self._under = under

    def of(self, me: Me, notices: Mapping[str, Any]) -> list[tuple[str, list[MenuEntry]]]:
        """Return the entries that this person sees, by group; one alone has none."""
        seen = [entry for entry in self._entries if entry.shown(me, notices)]
        groups = [(group, list(those)) for group, those in groupby(seen, key=lambda entry: entry.group)]
        return [(group if len(those) > 1 else "", those) for group, those in groups]

    def marked(self, blueprint: str | None) -> str | None:
        """Return the text of the entry that this blueprint's pages are under."""
        return self._under.get(blueprint or "")
