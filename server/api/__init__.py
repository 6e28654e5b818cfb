"""The phones' interface, `/api/v1/`: see README.md beside this file."""

from __future__ import annotations

from flask import Flask, request
from flask_smorest import Api

from server.api import catalog, enrolment, files, health, photos, sync, tus, uploads
from server.api.caller import identify
from server.api.packing import pack

PREFIX = "/api/v1"
EXPOSED = ["ETag", "Retry-After", *tus.EXPOSED]
"""Answer headers that a page of another origin may read."""


def init_app(app: Flask) -> None:
    """Register the blueprints; OpenAPI is served beside them."""
    app.config.update(
        API_TITLE="Loa",
        API_VERSION="1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"components": {"securitySchemes": {"device": {"type": "http", "scheme": "bearer"}}}},
    )
    api = Api(app)
    api.ERROR_SCHEMA = None  # errors are RFC 9457, from server/errors.py alone
    for module in (catalog, sync, uploads, photos, files):
        if not module.bp.before_request_funcs:  # once: blueprints outlive an application
            module.bp.before_request(identify)
    for module in (health, enrolment, catalog, sync, uploads, photos, files):
        api.register_blueprint(module.bp, url_prefix=PREFIX)
    app.wsgi_app = tus.MethodOverride(app.wsgi_app, f"{PREFIX}/uploads")  # type: ignore[method-assign]
    app.after_request(lambda response: pack(response) if request.path.startswith(PREFIX) else response)
