"""A form that was sent after its session ended: what was typed goes through the sign-in page and is not lost.

It is carried in a hidden input, signed, so that only what a form of ours sent comes back; after the sign-in one click
sends it on. Files are not carried: a browser does not give them twice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException

from server.core.problem_details import Problem

MOST_CHARS = 48 * 1024
"""Of the signed text: the sign-in form that carries it is a stranger's, who may send 64 kB (body_limits.py)."""
WHO = "who"
"""In the cookie: the officer of the session, also once it ended."""
_NEVER = ("csrf_token", "password", "again")


@dataclass(frozen=True, slots=True)
class Held:
    """Where the form was sent, what it said, and who sat there (empty: not known)."""

    path: str
    fields: list[tuple[str, str]]
    who: str


def hold(csrf: CSRFProtect) -> str:
    """Return the form of this request as signed text; empty where there is none that may be carried."""
    if request.method != "POST":
        return ""
    try:
        if not _is_ours(csrf):
            return ""
        fields = [(name, text) for name, text in request.form.items(multi=True) if name not in _NEVER]
        files = bool(request.files)
    except (HTTPException, Problem):  # too large to be read
        return ""
    if files:
        return ""
    path = request.full_path.rstrip("?")
    text = str(_signer().dumps(asdict(Held(path, fields, session.get(WHO, "")))))
    return text if len(text) <= MOST_CHARS else ""


def read(text: str) -> Held | None:
    """Read what `hold` made; None for anything else."""
    try:
        found: dict[str, Any] = _signer().loads(text) if text else {}
    except BadSignature:
        return None
    return Held(found["path"], [(name, value) for name, value in found["fields"]], found["who"]) if found else None


def _is_ours(csrf: CSRFProtect) -> bool:
    """No form of another site is carried. The token dies with the cookie; then the browser's own word counts."""
    try:
        csrf.protect()
    except CSRFError:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return True


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="desk.held")
