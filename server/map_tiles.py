"""Where the desk's map takes its pictures from: an address with `{z}`, `{x}` and `{y}`, and whose map it is.

Loa has no base map of its own and names none by default: which map an office may show is for the office to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from server.core.shell_words import t

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class BadTiles(ValueError):  # noqa: N818  # a setting, not a fault of the program
    """The settings are no address of tiles; the message says what to set."""


@dataclass(frozen=True, slots=True)
class MapTiles:
    """`url`: the address with its three places; `attribution`: the text that the map shows in its corner."""

    url: str
    attribution: str

    @property
    def origin(self) -> str:
        """Return the server alone, as the page's policy names it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @classmethod
    def read(cls, url: str, attribution: str) -> MapTiles | None:
        """Return the tiles of these settings; None if both are empty. Raises BadTiles."""
        if not url and not attribution:
            return None
        if not url:
            raise BadTiles(t("LOA_MAP_ATTRIBUTION goes with LOA_MAP_TILES, the address of that map."))
        parts = urlsplit(url)
        places = all(f"{{{place}}}" in f"{parts.path}?{parts.query}" for place in "xyz")
        # The server's name goes into a header: nothing in it may end a word there.
        if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or not places or not url.isprintable():
            raise BadTiles(
                t(
                    "LOA_MAP_TILES must be an address of map tiles on one server, with {places}, like {example}.",
                    places="{z}, {x}, {y}",
                    example="https://tiles.example.vn/{z}/{x}/{y}.png",
                )
            )
        if not attribution:
            raise BadTiles(t("LOA_MAP_ATTRIBUTION must say whose map LOA_MAP_TILES is; the map shows it."))
        return cls(url, attribution)
