"""Is the server there, with its database?"""

from __future__ import annotations

from flask.views import MethodView

from server.api.parser import Blueprint
from server.api.schemas import HealthOut
from server.db import reading
from server.services import catalog

bp = Blueprint("health", __name__, description="Is it there?")


@bp.route("/health")
class Health(MethodView):
    """For load balancers and tests; a phone that is not enrolled yet learns here whether all this is sample data."""

    @bp.response(200, HealthOut)
    def get(self) -> dict[str, object]:
        """`ok` when the database answers."""
        with reading() as session:
            return {"status": "ok", "demo": catalog.is_demo(session)}
