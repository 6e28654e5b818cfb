"""A form sent after its session ended: the sign-in page carries the typed values, so that nothing is lost.

They travel in a signed hidden input, so that only values from our own forms come back. After the sign-in one click
sends the form on. Files are not carried, because a browser sends them only once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import request, session
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException

from server.core.keyring import Purpose
from server.core.problem_details import Problem
from server.desk.where import sent_to
from server.serving.app_keyring import app_keyring

MOST_CHARS = 48 * 1024
"""Of the signed text, which is packed: the longest letter (60,000 characters) gives 37 kB, 30 kB if it is a real one.

The sign-in form carries it before the sign-in, when a body may have 64 kB (body_limits.py).
"""
WHO = "who"
"""Cookie key of the session's officer, kept after the session ended."""
PROOF = "proof"
"""Input of a code or password that an act asks for (again.py)."""
_NEVER = ("csrf_token", "password", "again", "current", "code", PROOF)


@dataclass(frozen=True, slots=True)
class Held:
    """A form's path and fields, and the officer who sent it (empty: not known)."""

    path: str
    fields: list[tuple[str, str]]
    who: str


def hold(csrf: CSRFProtect) -> str:
    """Return this request's form as signed text; empty if there is none, or it must not be carried."""
    if request.method != "POST":
        return ""
    try:
        if not _is_ours(csrf):
            return ""
        fields = [(name, text) for name, text in request.form.items(multi=True) if name not in _NEVER]
        files = any(file.filename for _, file in request.files.items(multi=True))  # an unused input sends one, too
    except (HTTPException, Problem):  # too large to be read
        return ""
    if files:
        return ""
    text = str(_signer().dumps(asdict(Held(sent_to(), fields, session.get(WHO, "")))))
    return text if len(text) <= MOST_CHARS else ""


def read(text: str) -> Held | None:
    """Return what `hold` made; None for anything else."""
    try:
        found: dict[str, Any] = _signer().loads(text) if text else {}
    except BadSignature:
        return None
    return Held(found["path"], [(name, value) for name, value in found["fields"]], found["who"]) if found else None


def _is_ours(csrf: CSRFProtect) -> bool:
    """Return True unless another site sent it. The CSRF token ends with the cookie; then Sec-Fetch-Site decides."""
    try:
        csrf.protect()
    except CSRFError:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return True


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(app_keyring().signing(Purpose.HELD), salt="desk.held")
