"""`/desk/kit`: every part that the desk's pages are made of, by day and by night. Where the data are a sample alone.

Whoever makes a page takes its parts from there; the tests look at each part in both themes at once.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, g, render_template

from server.desk import page

bp = Blueprint("kit", __name__)
bp.before_request(page.before)
_TOKENS: Final = Path(__file__).parents[1] / "static" / "tokens.css"
STATES: Final = ("waiting", "amended", "returned", "counted", "not_counted", "draft", "deleted")
COLOURS: Final = ("accent", "primary", "ink", "ink-soft", "paper", "ground", "line", "focus")
SIZES: Final = ("title", "heading", "size", "row", "small")


@bp.before_request
def sample_only() -> None:
    """Hide the pages where the data are real."""
    if not g.demo:
        abort(404)


@bp.get("/kit")
def show() -> str:
    """Show all parts in both themes."""
    return render_template("desk/installation/kit.html", states=STATES, colours=COLOURS, sizes=SIZES)


@bp.get("/kit/themes.css")
def themes() -> Response:
    """Give both themes to the two halves of that page, whatever the browser's own is."""
    return Response(scoped(_TOKENS.read_text("utf-8")), mimetype="text/css")


@cache
def scoped(tokens: str) -> str:
    """Return the tokens by class: `.day` has those without a condition, `.night` those of the dark theme over them."""
    day, _, night = tokens.partition("@media screen and (prefers-color-scheme: dark)")
    by_day, by_night = (re.findall(r":root \{(.*?)\}", part, re.DOTALL)[0] for part in (day, night))
    swatches = "".join(f".swatch.{name} {{ background: var(--{name}) }}\n" for name in COLOURS)
    types = "".join(f".type.{name} {{ font-size: var(--{name}) }}\n" for name in SIZES)
    return f".day {{{by_day}}}\n.night {{{by_day}{by_night}}}\n{swatches}{types}"
