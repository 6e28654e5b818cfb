"""Versions of the table of support for a victim who came back (SPEC F-15)."""

from __future__ import annotations

from flask import Response, jsonify
from flask.views import MethodView

from server.api.blueprint import Blueprint
from server.api.caller import caller
from server.api.catalog_schemas import RegimesOut
from server.core.db import reading
from server.services.checklist import versions

bp = Blueprint("regime_versions", __name__, device=True, description="The table of support for victims.")


@bp.route("/regimes")
class Regimes(MethodView):
    """The lines that hold beside the table of the app; no personal data."""

    @bp.etag
    @bp.refuses("forbidden")
    @bp.response(200, RegimesOut)
    def get(self) -> Response:
        """All versions that were taken over; `version` is the catalogue's `regimes`."""
        caller(replaced=False)
        with reading() as session:
            newest, lines = versions.newest(session), versions.in_force(session)
        bp.set_etag(newest or "none")
        return jsonify({"version": newest, "lines": [versions.sent(line) for line in lines]})
