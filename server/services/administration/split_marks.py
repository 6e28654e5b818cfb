"""The marks of what the page of splits showed (seen_marks.py): of a preview, and of a split that was made."""

from __future__ import annotations

from server.services.administration.seen_marks import Marks, listed
from server.services.administration.split_view import MadeSplit, SplitView


def of_view(view: SplitView) -> Marks:
    """Return the marks of a preview.

    What is chosen in its form is no part of it, and neither is how many records the units below have: these go with
    their unit, however many, and in a campaign new ones come every minute.
    """
    return {
        **{name: str(getattr(view.stays, name)) for name in ("records", "planned", "seals", "totals")},
        "areas": listed([[part.code, part.name, part.short_name] for part in (view.plan.old, *view.plan.parts)]),
        "people": listed([[each.officer.id, each.roles, each.devices] for each in view.people]),
        "units": listed([[each.unit.id, each.unit.name, each.unit.parent_id] for each in view.below]),
        "confirmed": listed(view.confirmed),
        "locked": listed(view.locked),
    }


def of_made(made: MadeSplit) -> Marks:
    """Return the marks of a row: who and which units would come back."""
    roles, units = [list(role) for role in made.back.roles], made.back.units
    return {"back_people": listed(roles, made.back.people), "back_units": listed(units)}
