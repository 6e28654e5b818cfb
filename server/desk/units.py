"""The unit field of a list: a select for few units, a text field with suggestions for many.

Without JavaScript the text is sent with the form: a text that names one unit selects it, an ambiguous one leads to a
page to choose from. `static/units.js` only asks the route below for suggestions while somebody types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from flask import jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Bare, Inputs, cut
from server.services.units import unit_search
from server.services.units.scope import MANAGERS, ROLES, Scope
from server.services.units.unit_search import UnitOption

NAME = "unit_name"
LONGEST = 200
bp = guarded("units")


@dataclass(frozen=True, slots=True)
class UnitField:
    """How a page asks for a unit. With `typed`, `options` is empty and `text` is the field's content."""

    options: Sequence[UnitOption]
    typed: bool
    chosen: str = ""
    text: str = ""
    suggest: str = ""
    """URL that suggests units while somebody types."""


class _HasId(Protocol):
    """A unit, whole or what a page read of it."""

    @property
    def id(self) -> str: ...


class UnitLinks:
    """Addresses of one page for many units: a table has thousands of them, so all but the unit is put together once.

    `records = UnitLinks("queue.show", campaign=campaign.id)`, then `records(unit, state="waiting")`.
    """

    def __init__(self, endpoint: str, **always: Any) -> None:
        self._endpoint, self._always = endpoint, always
        self._made: dict[tuple[tuple[str, Any], ...], tuple[str, str]] = {}

    def __call__(self, of: _HasId, **asked: Any) -> str:
        """Return the page of this unit, with these arguments beside those of all."""
        key = tuple(asked.items())
        if key not in self._made:
            before, unit, after = url_for(self._endpoint, **{**self._always, **asked, "unit": "-"}).partition("unit=-")
            self._made[key] = before + unit[:-1], after
        before, after = self._made[key]
        return f"{before}{of.id}{after}"


class TypedUnit(Inputs):
    """A unit as somebody typed it."""

    unit_name: str | None


class SuggestAsked(Inputs):
    """What somebody typed, and of which units it may be a name."""

    q: Annotated[str, cut(LONGEST)]
    managed: Bare
    standing: Bare


@bp.get("/units")
def suggest() -> Response:
    """Suggest a few matching units that the officer sees; with `managed`, manages; with `standing`, no merged ones."""
    asked = SuggestAsked.asked()
    managed, merged = asked.managed, not asked.standing
    with reading() as session:
        scope = Scope(session, officer_id())
        tops = scope.highest(MANAGERS if managed else ROLES)
        found = unit_search.suggested(session, scope, tops, asked.q, merged=merged)
    return jsonify([each.label for each in found])


def unit_field(
    session: Session, scope: Scope, chosen: str, roles: Iterable[str] = ROLES, *, merged: bool = True
) -> UnitField:
    """Return the field for units at which, or above which, the officer holds one of the roles.

    `merged`: also offer merged units, which still have records, but no people and no report.
    """
    tops = scope.highest(roles)
    found = unit_search.options(session, tops, merged=merged)
    if found is not None:
        return UnitField(found, typed=False, chosen=chosen)
    text = unit_search.named(session, scope, tops, [chosen])[0].label if chosen else ""
    return UnitField((), typed=True, text=text, suggest=_suggest(roles, merged=merged))


def _suggest(roles: Iterable[str], *, merged: bool) -> str:
    return url_for("units.suggest", managed=1 if roles == MANAGERS else None, standing=None if merged else 1)


def typed_unit(
    session: Session, scope: Scope, kept: Mapping[str, Any], roles: Iterable[str] = ROLES, *, merged: bool = True
) -> Response | str | None:
    """Answer a typed unit: redirect to its list, or show a page to choose from; None if nothing was typed.

    `kept`: the list's other arguments. `merged`: as in `unit_field`.
    """
    text = TypedUnit.asked().unit_name
    if text is None:
        return None
    endpoint, text = str(request.endpoint), text[:LONGEST].strip()
    if not text:
        return redirect(url_for(endpoint, **kept), 303)
    tops = scope.highest(roles)
    found = unit_search.meant(session, scope, tops, text, merged=merged)
    if len(found) == 1:
        return redirect(url_for(endpoint, **kept, unit=found[0].id), 303)
    return render_template(
        "desk/choose_unit.html",
        found=found[: unit_search.CANDIDATES],
        more=len(found) > unit_search.CANDIDATES,
        field=UnitField((), typed=True, text=text, suggest=_suggest(roles, merged=merged)),
        kept=kept,
        link=lambda unit: url_for(endpoint, **kept, unit=unit),
        action=url_for(endpoint),
    )
