"""Units change on one page: merged, or split."""

from __future__ import annotations

from typing import Annotated

from werkzeug.wrappers import Response

from server.desk.administration import mergers, splits
from server.desk.guard import guarded
from server.desk.inputs import Inputs, among, whole_address

bp = guarded("unit_changes")


class UnitChangeAsked(Inputs):
    """Which change is asked for, and the units of a merger, as somebody typed them."""

    act: Annotated[str, among(("merge", "split"))] = "merge"
    old: str
    into: str


@bp.get("/units/change")
def show() -> Response:
    """Show the form; with units named, what the change would move, and why it is not possible."""
    asked = UnitChangeAsked.asked()
    if asked.act == "split":
        return splits.page(whole_address())
    return mergers.page(asked.old, asked.into, whole_address())
