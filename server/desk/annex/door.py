"""The way into the confidential annex: its officers only (rights.py), with a second factor of the last ten minutes."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from server.desk import guard, page


def need_proof() -> Response | None:
    """Redirect to the second factor if it is missing or older than ten minutes. Forms ask by themselves (again.py)."""
    found = guard.standing()
    if found is None:
        raise Problem("unauthenticated")
    if page.is_demo():
        return None
    if not found.has_factor:
        return redirect(url_for("second_factor.show"), 303)
    if found.is_proven() or request.method == "POST" or request.endpoint == "annex.door":
        return None
    return redirect(url_for("annex.door", next=request.full_path.rstrip("?")), 303)


def no_store(response: Response) -> Response:
    """Keep the page out of every cache, the browser's too, and its address out of the log of what it loads.

    Else each style sheet that a case's page loads names the case as its referrer. Forms need the origin (flask-wtf).
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def closed(name: str) -> Blueprint:
    """Return a blueprint whose pages have these checks, after those that every page has."""
    bp = guard.guarded(name)
    bp.before_request(page.before)
    bp.before_request(need_proof)
    bp.after_request(no_store)
    return bp
