"""Health check: the server is up, can write, and can log what is done."""

from __future__ import annotations

from flask.views import MethodView

from server.api.blueprint import Blueprint
from server.api.schemas import HealthOut
from server.core.build import whole_version
from server.core.problem_details import RETRY_AFTER_S, Problem
from server.serving.every_request import is_of_this_machine
from server.serving.installation import installed

bp = Blueprint("health", __name__, description="Is it there?")


@bp.route("/health")
class Health(MethodView):
    """For load balancers and tests; a phone that is not enrolled yet learns here whether all this is sample data."""

    @bp.response(200, HealthOut)
    @bp.refuses("wrong_tables", "no_database")
    def get(self) -> dict[str, object]:
        """`ok` when the database and the audit log take a write; tried every 5 seconds, not with every call."""
        probe = installed().health
        answer = probe.ask()
        if not answer.works:
            raise Problem(answer.reason, retry_after_s=RETRY_AFTER_S)
        # For whoever watches the machine. To all others a version says which faults to try.
        version = {"version": whole_version()} if is_of_this_machine() else {}
        return {"status": "ok", "demo": answer.demo, **version}
