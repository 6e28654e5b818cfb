"""Enrolment: eight digits, which can be read over the telephone, become a device. No link consumes a code."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from flask.views import MethodView

from server.api.parser import Blueprint
from server.api.schemas import EnrolmentIn, EnrolmentOut
from server.db import writing
from server.models import Officer
from server.problems import Problem
from server.secrets_at_rest import rescue_key_text
from server.services import access
from server.services.scope import Scope
from sync.text import is_well_formed, normal

bp = Blueprint("enrolment", __name__, description="From a code to a device.")


@bp.route("/enrolment")
class Enrolment(MethodView):
    """Use a code."""

    @bp.arguments(EnrolmentIn)
    @bp.response(201, EnrolmentOut)
    @bp.alt_response(403, description="bad_code")
    @bp.alt_response(429, description="rate_limited")
    def post(self, body: dict[str, Any]) -> dict[str, str]:
        """A device for a good code, the same one for the same nonce; wrong tries are counted for each address."""
        if not is_well_formed(body["label"]):
            raise Problem("bad_text", "label")
        digits = "".join(char for char in body["code"] if char.isdigit())
        subject = access.subject_of("enrol", request.remote_addr)
        with writing() as session:
            tries = access.begin_try(session, subject)
        with writing() as session:
            phone = access.Phone(normal(body["label"]), body["nonce"])
            enrolled = access.use_code(session, digits, phone, str(current_app.secret_key))
            if enrolled is None:
                raise Problem("bad_code")
            access.forgive(session, tries)
            officer = session.get_one(Officer, enrolled.device.officer_id)
            units = Scope(session, officer.id).own_units()
            return {
                "token": enrolled.token,
                "device": enrolled.device.id,
                "officer": officer.id,
                "unit": units[0] if units else "",
                "rescue_key": rescue_key_text(enrolled.device.id, str(current_app.secret_key)),
            }
