"""Answers that are bytes, in the OpenAPI document: whole, a part, and what cannot be parted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from server.api.header_docs import answered, sent
from server.api.parser import Blueprint

View = TypeVar("View", bound=Callable[..., Any])
PARTS: Final = sent(optional=("Range",))
"""What a request for bytes may carry."""
NOT_SATISFIABLE: Final = 416
_BYTES: Final = {"type": "string", "format": "binary"}


def serves(bp: Blueprint, types: Sequence[str], *headers: str) -> Callable[[View], View]:
    """Document that a view answers with bytes of one of these types; Flask's `send_file` serves parts of them too."""

    def decorate(view: View) -> View:
        for type_ in types:
            whole, part = answered(*headers, optional=("Accept-Ranges",)), answered("Content-Range", *headers)
            view = bp.response(200, _BYTES, content_type=type_, headers=whole)(view)
            view = bp.alt_response(206, schema=_BYTES, content_type=type_, headers=part, success=True)(view)
        return view

    return decorate
