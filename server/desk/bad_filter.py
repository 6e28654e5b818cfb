"""A filter that the page does not understand is said, and never dropped: the list would be a longer one than asked for.

An address typed by hand, cut short on its way or meant for another page is answered by one sentence that names what is
not understood. Nothing is listed then, so nothing can be acted on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import make_response, render_template, url_for
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from server.desk.words import t
from server.errors import status_of
from server.services.review.searching import LONGEST

Values = dict[str, Callable[[str], bool]]
"""The names that an address may have, each with whether it understands a value; an empty value is no filter."""
APPENDED: Final = re.compile(r"fbclid|gclid|zarsrc|utm_\w+")
"""Names that messengers and networks append to a link that somebody passes on; no filter is meant."""
SHOWN: Final = 40
"""Characters of a value in the sentence."""
_LABELS: Final = {
    "campaign": "queue.campaign",
    "kind": "queue.kind",
    "state": "results.state",
    "hint": "hints.title",
    "figure": "bad_filter.figure",
    "bucket": "bad_filter.bucket",
    "view": "results.views",
    "q": "results.text",
    **{name: f"results.{name}" for name in ("since", "until", "slogan", "officer", "photo", "place", "answer")},
}


class BadFilter(Problem):
    """`unread`: names and values that are not understood. `rest`: the others. `endpoint`: the list's page."""

    def __init__(self, endpoint: str, unread: Mapping[str, str], rest: Mapping[str, str]) -> None:
        super().__init__("bad_filter", next(iter(unread)))
        self.endpoint, self.unread, self.rest = endpoint, unread, rest


def check(args: Mapping[str, str], values: Values, endpoint: str) -> None:
    """Check an address before its list is read. `endpoint`: the page to go on to. Raises BadFilter."""
    unread = {name: value for name, value in args.items() if not _is_read(values, name, value)}
    refuse(endpoint, unread, {name: value for name, value in args.items() if name in values})


def refuse(endpoint: str, unread: Mapping[str, str], args: Mapping[str, str]) -> None:
    """Raise BadFilter if anything is not understood."""
    if unread:
        raise BadFilter(endpoint, unread, {name: value for name, value in args.items() if name not in unread})


def answer(bad: BadFilter) -> Response:
    """Return the page that says what is not understood, with a link to the list without it."""
    said = ", ".join(_said(*each) for each in bad.unread.items())
    rest: dict[str, Any] = dict(bad.rest)
    page = render_template("desk/bad_filter.html", said=said, link=url_for(bad.endpoint, **rest))
    return make_response(page, status_of(bad.code))


def is_text(value: str) -> bool:
    """Understand a text to search for, up to LONGEST; the rest of a longer one would be left out without a word."""
    return len(value) <= LONGEST


def anything(_value: str) -> bool:
    """Understand every value: one that names nothing is looked for, and not found."""
    return True


def _is_read(values: Values, name: str, value: str) -> bool:
    if not value or APPENDED.fullmatch(name):
        return True
    return name in values and values[name](value)


def _said(name: str, value: str) -> str:
    if len(value) > LONGEST:
        return t("bad_filter.long", name=_name(name), most=LONGEST)
    return t("bad_filter.one", name=_name(name), value=_cut(value))


def _name(name: str) -> str:
    return t(_LABELS[name]) if name in _LABELS else _cut(name)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
