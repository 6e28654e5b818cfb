"""A blueprint whose arguments come through packing.py and whose refusals speak our table."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import EXCLUDE
from webargs.flaskparser import FlaskParser

from server.api.packing import read_json
from server.problems import Problem


class _Parser(FlaskParser):
    """Envelopes: unknown keys of newer clients are passed over."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"json": EXCLUDE}

    def load_json(self, req: Request, schema: Any) -> Any:  # noqa: ARG002  # webargs' signature
        return read_json(req)

    def handle_error(self, error: Any, *_args: object, **_named: object) -> NoReturn:
        raise Problem("malformed") from error


class Blueprint(SmorestBlueprint):
    """flask-smorest's, with our parser."""

    ARGUMENTS_PARSER = _Parser()
