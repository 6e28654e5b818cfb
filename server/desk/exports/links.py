"""Links that refresh a table in Excel: made and ended by people who are signed in, read by a program that is not."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, make_response, render_template, send_file, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import new_id
from server.core.db import writing
from server.core.keyring import Purpose
from server.core.problem_details import Problem
from server.core.secrets_at_rest import new_token
from server.desk.access import again
from server.desk.exports import asked as filters
from server.desk.guard import guarded, officer_id
from server.desk.shapes import Done, changes
from server.desk.words import t
from server.services.exports import links
from server.services.exports.links import NewLink
from server.services.exports.table_files import FORMATS
from server.services.units.scope import Scope
from server.serving.installation import installed
from server.settings import Settings
from sync.text import is_id

bp = guarded("export_links")
read_bp = Blueprint("export_link", __name__)


def draft() -> str:
    """Return id and token of a link that may be made, signed, as one field of the form."""
    return str(_signer().dumps([new_id(), new_token()]))


def _drafted(text: str) -> NewLink:
    try:
        id_, token = _signer().loads(text)
    except (BadSignature, ValueError, TypeError) as error:
        raise Problem("bad_request", "draft") from error
    if not is_id(id_):
        raise Problem("bad_request", "draft")
    return NewLink(id_, str(token))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(installed().keyring.signing(Purpose.FORMS), salt=f"export link of {officer_id()}")


def days() -> int:
    """Return how many days after its campaign a link expires."""
    return _settings().export_link_days


def _settings() -> Settings:
    return installed().settings


@bp.post("/exports/links")
@again.first
def make() -> Response:
    """Make a link and show its address, which is shown only here. The same form sent twice makes one.

    It gives others access without a sign-in, so it asks again.
    """
    new = _drafted(filters.ExportForm.sent().draft)
    with writing() as session:
        asked = filters.posted(session)
        scope = Scope(session, officer_id())
        campaign = filters.campaign(session, scope, asked)
        made = links.make(session, scope, campaign, asked, new, days())
        expires_at = made.expires_at
    address = f"{_settings().public_url}{url_for('export_link.read', token=new.token)}"
    body = render_template(
        "desk/exports/link.html", address=address, expires_at=expires_at, back=filters.arguments(asked)
    )
    return make_response(body)


@bp.post("/exports/links/<id:link>/end")
@changes
def end(session: Session, scope: Scope, link: str) -> Done:
    """End a link for good."""
    links.end(session, scope, link)
    return Done(url_for("exports.show", **filters.back(), _anchor="links"), t("done.link_ended"))


@read_bp.get("/exports/link/<token>.csv")
def read(token: str) -> Response:
    """Return the table of a link, as it is now, to whoever has its address."""
    with writing() as session:
        wanted = links.use(session, token)
    with TemporaryDirectory(prefix="loa-") as folder:
        data = links.table(wanted, Path(folder)).read_bytes()
    response = send_file(BytesIO(data), FORMATS["csv"], download_name="ket-qua.csv")
    response.headers["Cache-Control"] = "no-store"
    return response
