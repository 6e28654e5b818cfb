"""The desk, `/desk/`: server-rendered pages for reviewers, and the start page `/` that leads to both front ends.

Plain forms that work without JavaScript, which only copies a text, opens the browser's printing and suggests units. An
accepted form redirects to a page; a refused one shows its page again with the reason and the typed values. README.md
has the rules and lists the routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, Flask

if TYPE_CHECKING:
    from server.desk.menu import MenuEntry, Page

base = Blueprint("desk", __name__, template_folder="templates", static_folder="static", url_prefix="/desk")


def init_app(app: Flask, pages: Sequence[Page], entries: Sequence[MenuEntry]) -> None:
    """Register the blueprints, the menu, the templates' functions, and the check against forged forms."""
    from server.desk import formats, guard, page  # noqa: PLC0415  # `loa doctor` reads the texts alone
    from server.desk.menu import Menu  # noqa: PLC0415

    guard.init_app(app)
    page.init_app(app, Menu(entries, {each.blueprint.name: each.under for each in pages if each.under}))
    formats.init_app(app)
    app.register_blueprint(base)
    for each in pages:
        app.register_blueprint(each.blueprint, url_prefix=each.prefix)
        app.after_request_funcs[each.blueprint.name] += (guard.spare_newer_cookie, guard.tell_there)
