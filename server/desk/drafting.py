"""The write a form will make, fixed when the form is drawn: its id, its time, and what the page showed (SPEC W-6).

So a double click, a reload of the answer, or the same page in two tabs makes one write and not two (X-3).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.services.records.journal import accept
from server.services.records.stored import Author, Result
from server.services.units.scope import Scope
from sync.record import State
from sync.text import is_id
from sync.values import Value

Basis = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form's hidden fields: `basis`: the surviving writes' ids by field; `also`: ids of its earlier attempts."""

    id: str
    at: int
    basis: Basis
    also: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the draft as the text of one hidden field."""
        return json.dumps({"id": self.id, "at": self.at, "basis": self.basis, "also": self.also})

    def seen(self, names: Iterable[str]) -> list[str]:
        """Return the `seen` of a write that sets these fields."""
        return sorted({id_ for name in names for id_ in self.basis.get(name, [])} | set(self.also))

    def again(self) -> Draft:
        """Return the draft for a form shown again after a refusal: a new write that has seen the refused one (W-4)."""
        return Draft(new_id(), now_ms(), self.basis, (*self.also, self.id))


def new_form(state: State | None = None) -> Draft:
    """Return a draft for a form drawn now."""
    return Draft(new_id(), now_ms(), state.ids if state else {})


def read_draft(text: str) -> Draft:
    """Return the draft that a form sent back. Raises Problem if the server did not make it."""
    try:
        raw: Any = json.loads(text)
        basis = {str(name): [str(id_) for id_ in ids] for name, ids in raw["basis"].items()}
        draft = Draft(str(raw["id"]), int(raw["at"]), basis, tuple(str(id_) for id_ in raw["also"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise Problem("bad_request", "draft") from error
    if not is_id(draft.id):
        raise Problem("bad_request", "draft")
    return draft


def write(session: Session, scope: Scope, draft: Draft, record: str, values: Mapping[str, Value]) -> Result:
    """Store a form's write on a record."""
    seen = draft.seen(draft.basis if values.get("deleted") else values)  # a delete has seen every field
    raw = {"id": draft.id, "at": draft.at, "record": record, "set": dict(values), "seen": seen}
    return accept(session, Author(scope), [raw])[0]


def create(
    session: Session, scope: Scope, draft: Draft, head: Mapping[str, str], values: Mapping[str, Value]
) -> Result:
    """Create a record; `head` is its kind, unit and campaign."""
    raw = {"id": draft.id, "at": draft.at, "record": draft.id, "set": dict(values), **head}
    return accept(session, Author(scope), [raw])[0]
