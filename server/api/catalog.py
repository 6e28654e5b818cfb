"""The catalogue, with its ETag."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask.views import MethodView

from server.api.caller import SECURITY, caller
from server.api.parser import Blueprint
from server.api.schemas import CatalogOut
from server.clock import now_ms
from server.db import reading
from server.models import Device
from server.secrets_at_rest import rescue_key_text
from server.services import catalog

bp = Blueprint("catalog", __name__, description="What a phone needs offline.")


@bp.route("/catalog")
class Catalog(MethodView):
    """All of it at once: about 5 kB, and 304 on most days."""

    @bp.etag
    @bp.response(200, CatalogOut)
    @bp.alt_response(401, description="unauthenticated")
    @bp.doc(security=SECURITY)
    def get(self) -> dict[str, Any]:
        """The catalogue of the calling device."""
        calling = caller()
        with reading() as session:
            device = session.get_one(Device, calling.device_id)
            bp.set_etag(catalog.etag(session, calling.device_id, replaced=calling.replaced))
            key = rescue_key_text(device.id, str(current_app.secret_key))
            return catalog.build(session, device) | {"rescue_key": key, "server_time": now_ms()}
