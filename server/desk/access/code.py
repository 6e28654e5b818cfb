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
from typing import Any

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


def keep(codes: Mapping[str, str], to: str, days: int = CODE_DAYS, until: int | None = None) -> Response:
    """Put new codes, by officer, into this browser's cookie for the page `to`, and redirect there.

    `until`: their end, where it is not so many days from now.
    """
    session[KEY] = [to.partition("?")[0], list(codes.items()), until or now_ms() + days * DAY_MS]
    return redirect(to, 303)


def show(template: str, back: str, *, paper: str = "") -> Response:
    """Return a page of codes; redirect to `back` if there are none. `paper`: the size that cards are printed on."""
    shown = taken()
    if shown is None:
        return redirect(back, 303)
    return make_response(render_template(template, **shown, back=back, paper=paper))


def taken() -> dict[str, Any] | None:
    """Take the codes that are kept for this page out of the cookie; None if there are none.

    The page shows once: `cards`, one for each officer, with the `digits` in groups and `picture`, the QR code of `link`
    as a data URI; `until` when they are valid; the `address` of the phone app.
    """
    to, codes, until = session.get(KEY) or ("", [], 0)
    if to != request.path:
        return None
    session.pop(KEY)
    public, digits_of = installed().settings.public_url, dict(codes)
    with reading() as database:
        cards = [
            {
                "name": officer.name,
                "places": [unit.name for unit in units],
                "digits": grouped(digits_of[officer.id]),
                "link": (link := f"{public}/enrol#{digits_of[officer.id]}"),
                "picture": segno.make(link, error="m").svg_data_uri(border=4),
                "phone": officer.phone,
            }
            for officer, units in people.holders(database, list(digits_of))
        ]
    return {"cards": cards, "until": until, "address": f"{public}/app/"}
