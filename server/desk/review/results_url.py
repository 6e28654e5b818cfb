"""The filter of the page of results in its URL: the queue's keys (list_filter.py) and those that it has beside them.

`check` refuses what is not understood; `read` ignores it, for addresses that were kept. `trouble` says what else a
person must know of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Annotated, Any, Final

from sqlalchemy.orm import Session

from server.desk import bad_filter, list_filter
from server.desk.bad_filter import Values, is_text
from server.desk.inputs import Bare, among, cut, only
from server.desk.list_filter import ListAsked
from server.services.hints.reading import FILTERS as HINT_FILTERS
from server.services.review import named_values
from server.services.review.queue import ALL
from server.services.review.results_filter import ANSWERS, HINTS, ResultFilter
from server.services.review.searching import LONGEST
from sync.text import is_id, normal
from sync.values import is_date

GALLERY: Final = "gallery"
VIEWS: Final = (GALLERY, "list", "table", "map")
HERE: Final = "results?"
"""Before the query of this page where a record's page carries along the list it was opened from."""
_NAMES: Final = {"text": "q"}
"""Keys in the URL that differ from the names in the filter."""
_WITH: Final = ("with", "without")


def _hints() -> set[str]:
    return {*HINT_FILTERS, *dict(HINTS.named())}


class ResultAsked(ListAsked):
    """What the filter may say in a URL."""

    q: Annotated[str, only(is_text)]
    since: Annotated[str, only(is_date)]
    until: Annotated[str, only(is_date)]
    officer: Annotated[str, only(is_id)]
    slogan: Annotated[str, cut(64)]
    photo: Annotated[str, among(_WITH)]
    place: Annotated[str, among(_WITH)]
    answer: Annotated[str, among(ANSWERS)]
    hint: Annotated[str, among(_hints)]


class PageAsked(ResultAsked):
    """What a URL of the page may say."""

    view: Annotated[str, among(VIEWS)] = GALLERY
    go: Bare
    before: str | None
    after: str
    at: str
    done: str
    offer: Bare


FILTER_VALUES: Final[Values] = ResultAsked.understood()
VALUES: Final[Values] = PageAsked.understood()


def check(session: Session, args: Mapping[str, str], endpoint: str, values: Values = VALUES) -> None:
    """Check a URL, whose slogan and person must be there, too. Raises BadFilter."""
    bad_filter.check(args, values, endpoint)
    bad_filter.refuse(endpoint, {name: args[name] for name in named_values.unknown(session, read(args))}, args)


def view(args: Mapping[str, str]) -> str:
    """Return the view; the gallery if the URL names none."""
    return PageAsked.read(args).view


def read(args: Mapping[str, str]) -> ResultFilter:
    """Return the filter in a query string."""
    asked, cut_ = ResultAsked.read(args), list_filter.read(args)
    own = asked.values() | {"text": normal(args.get("q", ""))[:LONGEST]}
    own["hint"] = asked.hint if asked.hint in dict(HINTS.named()) else ""
    named = {each.name: own[each.name] for each in fields(ResultFilter) if each.name != "cut"}
    return ResultFilter(cut=replace(cut_, state=asked.state or ALL, page=1), **named)


def args(asked: ResultFilter, shown: str, **other: Any) -> dict[str, Any]:
    """Return the arguments of `url_for` for this filter and view, with `other` changed; defaults are left out."""
    own = {each.name: getattr(asked, each.name) for each in fields(ResultFilter) if each.name != "cut"}
    changed = {name: other.pop(name, value) for name, value in own.items()}
    shown = other.pop("view", shown)
    state = other.pop("state", asked.cut.state)
    cut = list_filter.args(asked.cut, **other)
    cut.pop("state", None)  # the queue leaves out another default
    cut |= {"state": state} if state != ALL else {}
    named = {_NAMES.get(name, name): value for name, value in changed.items() if value}
    return {**cut, **named, **({"view": shown} if shown != GALLERY else {})}


def trouble(asked: ResultFilter, *, moved: bool) -> str:
    """Return the key of a sentence about what cannot be as the URL says; empty if there is nothing to say.

    `moved`: the URL names a page, but none of this filter.
    """
    if asked.since and asked.until and asked.since > asked.until:
        return "results.days_crossed"
    return "results.moved" if moved else ""
