"""The desk's menu: which entries a person sees, and which one the shown page is under."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.desk.guard import Me


def _to_everybody(_me: Me, _notices: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """`text`: its key in the catalogues. `place`: its rank in the menu. `shown`: also given the page's notices.

    `narrow`: only on narrow screens, where the head of the page has no room for its link.
    """

    text: str
    endpoint: str
    place: int
    shown: Callable[[Me, Mapping[str, Any]], bool] = _to_everybody
    narrow: bool = False


class Menu:
    """The entries of one application, and the one that each blueprint's pages are under."""

    def __init__(self, entries: Sequence[MenuEntry], under: Mapping[str, str]) -> None:
        self._entries = sorted(entries, key=lambda entry: entry.place)
        self._under = under

    def of(self, me: Me, notices: Mapping[str, Any]) -> list[MenuEntry]:
        """Return the entries that this person sees."""
        return [entry for entry in self._entries if entry.shown(me, notices)]

    def marked(self, blueprint: str | None) -> str | None:
        """Return the text of the entry that this blueprint's pages are under."""
        return self._under.get(blueprint or "")
