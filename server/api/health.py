"""Is the server there, with its database?"""

from __future__ import annotations

from flask.views import MethodView
from sqlalchemy import text

from server.api.parser import Blueprint
from server.api.schemas import HealthOut
from server.db import reading

bp = Blueprint("health", __name__, description="Is it there?")


@bp.route("/health")
class Health(MethodView):
    """For load balancers and tests."""

    @bp.response(200, HealthOut)
    def get(self) -> dict[str, str]:
        """`ok` when the database answers."""
        with reading() as session:
            session.execute(text("SELECT 1"))
        return {"status": "ok"}
