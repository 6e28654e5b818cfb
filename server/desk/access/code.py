"""Enrolment codes on the screen: shown once, after a redirect, so that reloading neither shows nor makes one.

Between the two requests the digits travel in the session cookie of the browser that asked for them. The cookie is
signed, not encrypted: who can read that browser's cookies reads the code, as who sees its screen does. The page takes
it out again; of a copy made before, only the code's own limits hold (once, its days, void when another is made).

The picture beside the digits is an address with the code behind the #, which no server is sent: who opens it, a chat's
preview too, has the code filled in and used up nothing. It leads to the phone app by way of `/enrol`, which brings an
older app up to date first: that one takes 8 digits (enrol_page.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import segno
from flask import current_app, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response

from server.core.clock import now_ms
from server.core.db import reading
from server.services.access.devices import DAY_MS
from server.services.organisation import people
from sync.code import grouped
from sync.protocol import CODE_DAYS

KEY = "code"
MOST = 100
"""Codes at once: a browser keeps a cookie of 4 kB."""


@dataclass(frozen=True, slots=True)
class Card:
    """What an officer is given: `digits` in groups, `picture` the address of an image of the QR code."""

    name: str
    places: list[str]
    digits: str
    picture: str


def keep(codes: Mapping[str, str], to: str, days: int = CODE_DAYS) -> Response:
    """Keep codes that were just made, by officer, in this browser's cookie for the page `to`, and go there."""
    session[KEY] = [to.partition("?")[0], list(codes.items()), now_ms() + days * DAY_MS]
    return redirect(to, 303)


def show(template: str, back: str, *, app: bool = False) -> Response:
    """The page; where there is no code to show, back to `back`. `app`: with the way to the phone app."""
    to, codes, until = session.pop(KEY, None) or ("", [], 0)
    if to != request.path:
        return redirect(back, 303)
    public = current_app.extensions["loa_settings"].public_url
    address = f"{public}/app/"
    with reading() as database:
        cards = [
            Card(officer.name, [unit.name for unit in units], grouped(digits), _picture(f"{public}/enrol#{digits}"))
            for (_, digits), (officer, units) in zip(
                codes, people.holders(database, [officer for officer, _ in codes]), strict=True
            )
        ]
    return make_response(render_template(template, cards=cards, until=until, address=address, back=back, app=app))


def _picture(link: str) -> str:
    return segno.make(link, error="m").svg_data_uri(border=4)
