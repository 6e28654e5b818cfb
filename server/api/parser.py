"""A blueprint that reads arguments through packing.py, and refuses with our error table, in OpenAPI too."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NoReturn, TypeVar

from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import EXCLUDE
from webargs.flaskparser import FlaskParser

from server.api import refusals
from server.api.packing import read_json
from server.core.problem_details import Problem

View = TypeVar("View", bound=Callable[..., Any])
SECURITY: list[dict[str, list[str]]] = [{"device": []}]
"""OpenAPI's security of a route that needs a device's token."""


class _Parser(FlaskParser):
    """Parser of envelopes; ignores unknown keys of newer clients."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"json": EXCLUDE}

    def load_json(self, req: Request, schema: Any) -> Any:  # noqa: ARG002  # webargs' signature
        return read_json(req)

    def handle_error(self, error: Any, *_args: object, **_named: object) -> NoReturn:
        raise Problem("malformed") from error


class Blueprint(SmorestBlueprint):
    """flask-smorest's Blueprint with our parser and our errors.

    `device`: every route but OPTIONS needs a device's token. `headers`: headers on each of its errors.
    """

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, *args: Any, device: bool = False, headers: dict[str, Any] | None = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self.device = device
        self._headers = headers or {}
        self._prepare_doc_cbks.append(self._prepare_refusals_doc)

    @staticmethod
    def refuses(*codes: str) -> Callable[[View], View]:
        """Document a view's error codes, beside those that all routes of its kind have (refusals.py)."""

        def decorate(view: View) -> View:
            apidoc = deepcopy(getattr(view, "_apidoc", {})) | {"refuses": codes}
            view._apidoc = apidoc  # type: ignore[attr-defined]  # noqa: SLF001  # where flask-smorest keeps them
            return view

        return decorate

    def _prepare_refusals_doc(
        self, doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_named: object
    ) -> dict[str, Any]:
        """Replace the errors that flask-smorest assumes with ours."""
        codes = [*refusals.ALWAYS, *doc_info.get("refuses", ())]
        if self.device and method != "options":
            codes += refusals.DEVICE
        if "requestBody" in doc and "arguments" in doc_info:
            codes += refusals.JSON_BODY
        answers = {status: answer for status, answer in doc.get("responses", {}).items() if int(status) < 400}
        found = refusals.responses(codes, self._headers)
        asked = SECURITY if self.device and method != "options" else []
        return {**doc, "responses": answers | found, "security": asked}
