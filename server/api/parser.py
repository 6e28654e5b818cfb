"""A blueprint that reads arguments through packing.py, and refuses with our error table, in OpenAPI too."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeVar

from flask_smorest import Blueprint as SmorestBlueprint

from server.api import refusals
from server.api.packing import EnvelopeParser

View = TypeVar("View", bound=Callable[..., Any])
SECURITY: list[dict[str, list[str]]] = [{"device": []}]
"""OpenAPI's security of a route that needs a device's token."""


class Blueprint(SmorestBlueprint):
    """flask-smorest's Blueprint with our parser and our errors.

    `device`: every route but OPTIONS needs a device's token. `headers`: headers on each of its errors.
    """

    ARGUMENTS_PARSER = EnvelopeParser()

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
