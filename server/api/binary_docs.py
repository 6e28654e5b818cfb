"""Binary responses in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from server.api.header_docs import answered
from server.api.parser import Blueprint

View = TypeVar("View", bound=Callable[..., Any])
_BYTES: Final = {"type": "string", "format": "binary"}


def serves(bp: Blueprint, types: Sequence[str], *headers: str) -> Callable[[View], View]:
    """Document that a view responds with bytes of one of these types, never in ranges, with these headers."""

    def decorate(view: View) -> View:
        for type_ in types:
            view = bp.response(200, _BYTES, content_type=type_, headers=answered(*headers))(view)
        return view

    return decorate
