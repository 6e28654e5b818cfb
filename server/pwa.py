"""Serve the built phone app at `/app/`: hashed files are cached for ever, the shell and the worker are revalidated.

Where the build made precompressed copies (`.br`, `.gz`), those are sent: a phone on 2G pays for every byte.
"""

from __future__ import annotations

import base64
import hashlib
import re

from flask import Blueprint, Flask, redirect, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from server.core import paths
from server.core.problem_details import Problem
from server.serving.every_request import POLICY
from server.serving.installation import installed

bp = Blueprint("phone_app", __name__)
DIST = paths.phone_app()
FOREVER = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Serve the app."""
    app.register_blueprint(bp)


@bp.get("/app")
def slashless() -> Response:
    """Redirect to the slash with which the worker's scope ends."""
    return redirect("/app/")


@bp.get("/app/")
@bp.get("/app/<path:name>")
def file(name: str = "index.html") -> Response:
    """Return a file of the build; if the build is being withdrawn, a worker that unregisters itself."""
    settings = installed().settings
    if name == "sw.js" and settings.retire_worker:
        name = "sw-retire.js"
    try:
        response = _best(name)
    except NotFound as error:
        raise Problem("not_found") from error
    if name == "index.html":
        response.headers["Content-Security-Policy"] = _policy((DIST / name).read_bytes())
    hashed = name.startswith("assets/")
    response.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable" if hashed else "no-cache"
    return response


def _policy(page: bytes) -> str:
    """Return the usual policy plus the hash of the sheet that stands in the page (pwa/build/in-page.ts)."""
    texts = re.findall(rb"<style>(.*?)</style>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in texts]
    return f"{POLICY}; style-src 'self'" + "".join(f" 'sha256-{each}'" for each in hashes)


def _best(name: str) -> Response:
    plain = send_from_directory(DIST, name)
    for coding, ending in (("br", ".br"), ("gzip", ".gz")):
        if request.accept_encodings[coding] and (DIST / (name + ending)).is_file():
            packed = send_from_directory(DIST, name + ending, mimetype=plain.mimetype)
            packed.headers["Content-Encoding"] = coding
            packed.headers["Vary"] = "Accept-Encoding"
            plain.close()
            return packed
    return plain
