"""A one-time link from an administrator: choose a password, sign in. Opening it uses nothing up (chat previews).

Where the account has devices (its password was reset), the page lists them, and asks of each whether it stays: who
took the password may have enrolled one, and a phone that is revoked by mistake loses what it did not send.
"""

from __future__ import annotations

from typing import Annotated

from flask import render_template, request
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.passwords import Busy
from server.core.problem_details import Problem
from server.desk.access import entry, known_browser, typed
from server.desk.inputs import Inputs, named, whole_form
from server.desk.page import public
from server.desk.shapes import answered
from server.desk.words import t
from server.services.access import accounts, password_rules, welcome
from server.services.access.password_rules import PASSWORD_LENGTH

STAYS = "stays."
"""Name of the input that says whether a device stays, before the device's id."""
bp = public("welcome")


class StaysForm(Inputs):
    """Which devices of the account stay."""

    stays: Annotated[dict[str, str], named(STAYS)]


@bp.get("/welcome/<token>")
def show(token: str) -> Response:
    """Show the form while the link is valid."""
    return _form(token)


@bp.post("/welcome/<token>")
def choose(token: str) -> Response:
    """Set the password, revoke the devices that were not to stay, and sign in."""
    password = typed.password("password")
    with reading() as session:
        officer = welcome.find_welcome(session, token)
        if officer is None:  # hash nothing for someone without a link
            raise Problem("not_found")
        fault = password_rules.fault(password, about := password_rules.about(session, officer))
        devices = [device.id for device in accounts.devices_in_use(session, officer.id)]
    if fault is not None:
        return _form(token, typed.fault(fault))
    if password != typed.password("again"):
        return _form(token, t("welcome.differ"))
    said = StaysForm.sent().stays
    answers = {device: said.get(device, "") for device in devices}
    if any(answer not in ("1", "0") for answer in answers.values()):
        return _form(token, t("welcome.which_stay"))
    try:
        password_hash = welcome.choose_password(password, about)
    except Busy as busy:
        return _form(token, t("sign_in.busy", seconds=busy.seconds), busy)
    with writing() as session:
        officer = welcome.use_welcome(session, token, password_hash)
        found = officer.id if officer else None
        for device in (device for device, answer in answers.items() if found and answer == "0"):
            accounts.revoke(session, device)
    if found is None:
        raise Problem("not_found")
    return known_browser.keep(entry.enter(found), found)


def _form(token: str, problem: str = "", busy: Busy | None = None) -> Response:
    with reading() as session:
        officer = welcome.find_welcome(session, token)
        body = render_template(
            "desk/access/welcome.html",
            username=officer.username if officer else "",
            devices=accounts.devices_in_use(session, officer.id) if officer else [],
            stays=STAYS,
            answers=whole_form(),
            problem=problem,
            length=PASSWORD_LENGTH,
            path=request.path,
        )
        return answered(body, busy, 422 if problem else 200 if officer else 404)
