"""The catalogue, with its ETag."""

from __future__ import annotations

from flask import Response, jsonify
from flask.views import MethodView

from server.api.blueprint import Blueprint
from server.api.caller import caller
from server.api.catalog_schemas import CatalogOut
from server.core.clock import now_ms
from server.core.db import reading
from server.services.exchange import catalog
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = Blueprint("catalog", __name__, device=True, description="What a phone needs offline.")


@bp.route("/catalog")
class Catalog(MethodView):
    """All of it at once: about 5 kB, and 304 on most days."""

    @bp.etag
    @bp.refuses()
    @bp.response(200, CatalogOut)
    def get(self) -> Response:
        """The catalogue of the calling device."""
        calling = caller()
        with reading() as session:
            scope = Scope(session, calling.officer_id, stands_in=False)
            built = catalog.build(session, scope, calling.device_id, installed().keyring)
        bp.set_etag(built["etag"])
        return jsonify(built | {"server_time": now_ms()})
