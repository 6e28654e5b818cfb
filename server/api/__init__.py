"""The phones' API, `/api/v1/`: see README.md beside this file."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from server.api import (
    catalog,
    enrolment,
    figures,
    files,
    health,
    photos,
    record_documents,
    record_history,
    regimes,
    replies,
    sync,
    uploads,
)
from server.api.blueprint import ProblemSchema
from server.api.caller import finish
from server.api.schemas import HeldIn, KnownIn, MessageEntryIn, ReplyEntryIn, SealEntryIn, WriteIn

PREFIX = "/api/v1"
_ABOUT = (
    "Times are milliseconds since 1970 UTC. Keys that a client does not know are to be passed over, as the server "
    "passes over a client's. Every error is a Problem in the language of `Accept-Language`. What is no HTTP, or has "
    "a longer head than any client sends, is answered 400 or 431 with a short page instead."
)
EXPOSED = ["ETag", "Retry-After", *uploads.EXPOSED]
"""Response headers that a page of another origin may read."""


class _Api(Api):
    """flask-smorest's Api without its own error form: errors are RFC 9457 (blueprint.py, server/errors.py)."""

    ERROR_SCHEMA = None
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_pagination_header(self) -> None:
        """Register nothing: no route paginates by headers."""


def init_app(app: Flask) -> None:
    """Register the blueprints and serve the OpenAPI document."""
    app.config.update(
        API_TITLE="Loa",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": _ABOUT},
            "components": {"securitySchemes": {"device": {"type": "http", "scheme": "bearer"}}},
        },
    )
    api = _Api(app)
    api.spec.components.schema("Problem", schema=ProblemSchema)
    for schema in (WriteIn, ReplyEntryIn, MessageEntryIn, SealEntryIn, KnownIn, HeldIn):
        api.spec.components.schema(schema.__name__, schema=schema)
    for module in (
        health,
        enrolment,
        catalog,
        sync,
        uploads,
        photos,
        record_documents,
        record_history,
        files,
        regimes,
        replies,
        figures,
    ):
        api.register_blueprint(module.bp, url_prefix=PREFIX)
        app.after_request_funcs[module.bp.name].append(finish)
