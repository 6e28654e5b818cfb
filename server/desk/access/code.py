"""Enrolment codes on the screen: shown once, after a redirect, so that a reload neither shows nor makes one.

Between the two requests the digits are in the session cookie of the browser that asked for them. The cookie is signed,
not encrypted: whoever reads that browser's cookies reads the code, like whoever sees its screen. The page removes the
digits from the cookie; a copy made before is limited only by the code itself (once, its days, void when another is
made).

The QR code is a URL with the code behind the #, which browsers send to no server: opening it, or a chat's preview of
it, only fills the code in and uses nothing up. It leads to the phone app through `/enrol`, which first updates an older
app (enrol_page.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import segno
from flask import make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response

from server.core.clock import DAY_MS, now_ms
from server.core.db import reading
from server.services.organisation import people
from server.serving.installation import installed
from sync.code import grouped
from sync.protocol import CODE_DAYS

KEY = "code"
MOST = 100
"""Most codes at once: a browser keeps a cookie of 4 kB."""


@dataclass(frozen=True, slots=True)
class CodeCard:
    """One officer's card: `digits` in groups, `picture` the QR code of `link` as a data URI, `phone` the officer's."""

    name: str
    places: list[str]
    digits: str
    picture: str
    link: str
    phone: str


def keep(codes: Mapping[str, str], to: str, days: int = CODE_DAYS, until: int | None = None) -> Response:
    """Put new codes, by officer, into this browser's cookie for the page `to`, and redirect there.

    `until`: their end, where it is not so many days from now.
    """
    session[KEY] = [to.partition("?")[0], list(codes.items()), until or now_ms() + days * DAY_MS]
    return redirect(to, 303)


@dataclass(frozen=True, slots=True)
class ShownCodes:
    """What a page shows once. `address`: of the phone app."""

    cards: list[CodeCard]
    until: int
    address: str


def show(template: str, back: str, *, paper: str = "") -> Response:
    """Return a page of codes; redirect to `back` if there are none. `paper`: the size that cards are printed on."""
    shown = taken()
    if shown is None:
        return redirect(back, 303)
    body = render_template(
        template, cards=shown.cards, until=shown.until, address=shown.address, back=back, paper=paper
    )
    return make_response(body)


def taken() -> ShownCodes | None:
    """Take the codes that are kept for this page out of the cookie; None if there are none."""
    to, codes, until = session.get(KEY) or ("", [], 0)
    if to != request.path:
        return None
    session.pop(KEY)
    public = installed().settings.public_url
    address = f"{public}/app/"
    with reading() as database:
        cards = [
            CodeCard(
                officer.name,
                [unit.name for unit in units],
                grouped(digits),
                _picture(f"{public}/enrol#{digits}"),
                f"{public}/enrol#{digits}",
                officer.phone,
            )
            for (_, digits), (officer, units) in zip(
                codes, people.holders(database, [officer for officer, _ in codes]), strict=True
            )
        ]
    return ShownCodes(cards, until, address)


def _picture(link: str) -> str:
    return segno.make(link, error="m").svg_data_uri(border=4)
