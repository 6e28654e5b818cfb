"""Enrolment: a code, short enough to read over the telephone, becomes a device. Opening a link never uses up a code."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.views import MethodView

from server.api.blueprint import Blueprint, sent
from server.api.schemas import EnrolmentIn, EnrolmentOut
from server.core.problem_details import Problem
from server.services.access.codes import Phone
from server.serving.installation import installed
from sync.code import digits
from sync.text import is_well_formed, normal

bp = Blueprint("enrolment", __name__, description="From a code to a device.")


@bp.route("/enrolment")
class Enrolment(MethodView):
    """Use a code."""

    @bp.arguments(EnrolmentIn)
    @bp.response(201, EnrolmentOut)
    @bp.refuses("bad_code", "code_mistyped", "busy", "bad_text")
    @bp.doc(parameters=sent(optional=("Content-Encoding",)))
    def post(self, body: dict[str, Any]) -> dict[str, str]:
        """A device for a good code, the same one for the same nonce. One with a wrong check digit is a typing error."""
        if not is_well_formed(body["label"]):
            raise Problem("bad_text", "label")
        door = installed().code_door
        return door.enrol(digits(body["code"]), Phone(normal(body["label"]), body["nonce"]), request.remote_addr)
