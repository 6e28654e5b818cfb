"""Ready reasons of a reviewer: polite sentences that mark their own fields, each with the reviewer's own wording.

They are data (return_templates.json). A reason goes to a commune's phone, so its text is Vietnamese only; the label
is for the desk. Once a reviewer has changed a text, the changed one is offered to that reviewer from then on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import required
from server.models import ReviewerText
from sync.registry import Kind

PHOTOS: Final = "photos"
"""The mark for a record's photos, beside the names of fields (SPEC D-4)."""
_ABSENT: Final = "no_photo"
"""The template that asks for a photo where there is none."""
_FILE: Final = Path(__file__).with_name("return_templates.json")


@dataclass(frozen=True, slots=True)
class ReturnTemplate:
    """A ready reason. `fields`: those it marks, of whichever kind has them; `label`: {"vi": ..., "en": ...}."""

    id: str
    verdict: str
    label: Mapping[str, str]
    text: str
    fields: tuple[str, ...]


@cache
def templates() -> Mapping[str, ReturnTemplate]:
    """Return all templates by id, in their order."""
    read = json.loads(_FILE.read_text("utf-8"))
    made = (ReturnTemplate(**{**each, "fields": tuple(each["fields"])}) for each in read)
    return {template.id: template for template in made}


def of_kind(kind: Kind | None, verdict: str, *, photos: bool) -> list[ReturnTemplate]:
    """Return the templates of a verdict that fit a record of a kind: they mark nothing, or a field that it has.

    Those about photos alone fit where the kind needs photos. Where it does not, like a broadcast, they fit a record
    that has some (`photos`), behind all others: so each number stays the same key for every record of a kind.
    """
    fitting = [
        each for each in templates().values() if each.verdict == verdict and (not each.fields or marks(kind, each))
    ]
    if kind is None or kind.source["photos"]["required"]:
        return fitting
    others = [each for each in fitting if each.fields != (PHOTOS,)]
    of_photos = [each for each in fitting if each.fields == (PHOTOS,) and each.id != _ABSENT]
    return [*others, *of_photos] if photos else others


def marks(kind: Kind | None, template: ReturnTemplate) -> list[str]:
    """Return the fields that the template marks on a record of this kind."""
    takes_photos = kind is None or kind.source["photos"]["max"] > 0
    has = {field.name for field in kind.fields if not field.retired} if kind else set()
    return [name for name in template.fields if name in has or (name == PHOTOS and takes_photos)]


def template(id_: str) -> ReturnTemplate:
    """Return a template. Raises Problem `bad_request` for an unknown id."""
    return required(templates().get(id_), "bad_request", "template")


def texts(session: Session, officer_id: str) -> dict[str, str]:
    """Return the text of every template as this reviewer words it."""
    own = select(ReviewerText.template, ReviewerText.text).where(ReviewerText.officer_id == officer_id)
    return {each.id: each.text for each in templates().values()} | {name: text for name, text in session.execute(own)}  # noqa: C416  # rows are no plain pairs for mypy


def remember(session: Session, officer_id: str, id_: str, text: str) -> None:
    """Keep the reviewer's own wording of a template, if it is another than the one offered."""
    if text == texts(session, officer_id)[id_]:
        return
    row = session.get(ReviewerText, (officer_id, id_)) or ReviewerText(officer_id=officer_id, template=id_)
    row.text, row.at = text, now_ms()
    session.add(row)
