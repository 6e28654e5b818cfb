"""The filter of an export: that of the list, in the address. Here it begins with everything, not with what is to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import request
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.desk import list_filter
from server.models import Campaign
from server.services.campaigns import choices
from server.services.review.queue import ALL, QueueFilter
from server.services.units.scope import Scope


def read(args: Mapping[str, str]) -> QueueFilter:
    """Return the filter in a query string; unknown values are ignored."""
    return list_filter.read({"state": ALL, **args})


def posted() -> QueueFilter:
    """Return the filter that a form carries as one field."""
    return read(dict(parse_qsl(request.form.get("filter", ""))))


def arguments(asked: QueueFilter) -> dict[str, Any]:
    """Return the arguments of `url_for` for this filter; the state is always one of them."""
    return list_filter.args(asked, page=1) | {"state": asked.state}


def text(asked: QueueFilter) -> str:
    """Return the filter as one field of a form."""
    return urlencode(arguments(asked))


def campaign(session: Session, scope: Scope, asked: QueueFilter) -> Campaign:
    """Return the campaign of an export. Raises Problem `not_found`, also if none is named."""
    found = choices.campaign(session, scope, asked.campaign) if asked.campaign else None
    if found is None:
        raise Problem("not_found")
    return found
