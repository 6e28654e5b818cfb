"""Days as an office writes them, in every form of the desk: 05/08/2021, whatever the browser's language (SPEC V-6).

A browser's own date field shows 08/05/2021 in an English browser: a wrong deadline. So a day is a text input
(`desk/day_input.html`), and a hidden `typed_day` beside it names it. What was typed is made an ISO day before a view
reads the form. A text that is no day is asked for again on a page that keeps all else that was typed. A view that says
it beside the input has `own` in its mark, and one that was sent a file, which no page can hold, gets the text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from server.core.clock import today
from sync.day import read_day

MARK: Final = "typed_day"
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?")
"""What `_iso` makes of a day, and what older links and a browser's own input send."""
_MOMENT: Final = re.compile(r"\s*(.+?)[\sT]+([01]?[0-9]|2[0-3])[:hg]([0-5][0-9])\s*")


def taken_in() -> Response | None:
    """Make the days of a sent form ISO days; ask again for those that are no days.

    Lead a filter that was typed to its address, where days are ISO days: it can be kept and passed on.
    """
    if request.method == "POST" and MARK in request.form:
        return _of_form()
    return _to_iso_address() if request.method == "GET" and MARK in request.args else None


def _of_form() -> Response | None:
    marks = [mark.partition(" ") for mark in request.form.getlist(MARK)]
    items = _read(request.form.items(multi=True), [name for name, _, _ in marks])
    asked = {name for name, _, own in marks if not own}
    unread = [(name, text) for name, text in items if name in asked and text.strip() and not _ISO.fullmatch(text)]
    if unread and not any(file.filename for file in request.files.values()):
        kept = [each for each in items if each not in unread]
        page = render_template("desk/typed_days.html", unread=unread, kept=kept, action=request.full_path.rstrip("?"))
        return make_response(page, 422)
    request.form = ImmutableMultiDict(items)
    return None


def _to_iso_address() -> Response:
    asked = urlencode(_read(request.args.items(multi=True), request.args.getlist(MARK)))
    return redirect(f"{request.path}?{asked}" if asked else request.path, 303)


def _read(items: Iterable[tuple[str, str]], names: Iterable[str]) -> list[tuple[str, str]]:
    days = frozenset(names)
    return [(name, _iso(text) if name in days else text) for name, text in items if name != MARK]


def _iso(text: str) -> str:
    this_year = today().year
    if (moment := _MOMENT.fullmatch(text)) and (day := read_day(moment[1], this_year)):
        return f"{day}T{moment[2]:0>2}:{moment[3]}"
    return read_day(text, this_year) or text
