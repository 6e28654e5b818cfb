"""The filter of an export: that of results, in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.desk.bad_filter import anything
from server.desk.inputs import Bare, Inputs, Page, count, flag
from server.desk.review import results_url
from server.models import Campaign
from server.services.campaigns import choices
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope


class ExportAsked(Inputs):
    """What an address says beside the filter: whether the parts of the photos are listed, and which part it is.

    `made`: the page of the files that jobs made.
    """

    parts: Bare
    watch: Bare
    first: str
    last: str
    stamped: Annotated[bool, flag("1")]
    part: Annotated[int, count()]
    made: Page


class ExportForm(Inputs):
    """What an export is asked for: the filter as one text. `as_`: the form of a table; `draft`: of a new link."""

    filter: str
    as_: str
    draft: str


def read(session: Session, args: Mapping[str, str]) -> ResultFilter:
    """Return the filter in a query string. Raises BadFilter for what is not understood."""
    results_url.check(
        session, args, "exports.show", results_url.FILTER_VALUES | dict.fromkeys(ExportAsked.understood(), anything)
    )
    return results_url.read(args)


def posted(session: Session) -> ResultFilter:
    """Return the filter that a form carries as one field. Raises BadFilter."""
    return read(session, _posted())


def back() -> dict[str, Any]:
    """Return the arguments of `url_for` for the page that a form was on."""
    return arguments(results_url.read(_posted()))


def _posted() -> dict[str, str]:
    return dict(parse_qsl(ExportForm.sent().filter))


def arguments(asked: ResultFilter) -> dict[str, Any]:
    """Return the arguments of `url_for` for this filter; the state is always one of them."""
    return results_url.args(asked, results_url.GALLERY, page=1) | {"state": asked.cut.state}


def text(asked: ResultFilter) -> str:
    """Return the filter as one field of a form."""
    return urlencode(arguments(asked))


def campaign(session: Session, scope: Scope, asked: ResultFilter) -> Campaign:
    """Return the campaign of an export. Raises Problem `not_found`, also if none is named."""
    found = choices.campaign(session, scope, asked.cut.campaign) if asked.cut.campaign else None
    if found is None:
        raise Problem("not_found")
    return found
