"""The way into the annex: its officers only (rights.py), with a second factor of ten minutes ago and the key."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from server.desk import guard, page
from server.desk.annex.opened import need_open


def need_proof() -> Response | None:
    """Ask for the second factor in the page's place if it is older than ten minutes; lead to its page if there is none.

    Forms of the annex ask by themselves (again.py). Those with a passphrase do not: it would be in the page that asks.
    """
    found = guard.session_state()
    if found is None:
        raise Problem("unauthenticated")
    if page.is_demo():
        return None
    if not found.has_factor:
        return redirect(url_for("second_factor.show"), 303)
    if found.is_proven() or request.endpoint == "annex.enter":
        return None
    if request.method == "POST" and request.blueprint == "annex":
        return None
    if request.method == "POST":
        return redirect(url_for("annex.show"), 303)
    return make_response(render_template("desk/annex/door.html", target=target(request.full_path.rstrip("?"))))


def target(wanted: str) -> str:
    """Return a page of the annex or that of its key, never another address."""
    parts = urlsplit(wanted)
    home, key = url_for("annex.show"), url_for("case_key.show")
    mine = not (parts.scheme or parts.netloc) and (parts.path in (home, key) or parts.path.startswith(f"{home}/"))
    return f"{parts.path}?{parts.query}" if mine and parts.query else parts.path if mine else home


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
    bp.before_request(need_proof)
    if name == "annex":
        bp.before_request(_need_key)
    bp.after_request(no_store)
    return bp


def _need_key() -> Response | None:
    return None if request.endpoint == "annex.enter" else need_open()
