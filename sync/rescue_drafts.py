"""Drafts in a rescue file: forms that nobody saved, photos and documents that wait for one (SPEC R-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.errors import Refused
from sync.protocol import DOCUMENT_PREFIX, INTEGER_MAX, PHOTO_KEY_LENGTH, PHOTO_PREFIX
from sync.text import is_id
from sync.values import Value, check_any, check_name
from sync.write import check_room

_KEY = "draft"


@dataclass(frozen=True, slots=True)
class RescueDraft:
    """One draft. `at`: ms of the phone's clock. `record`: the stored record it edits, or "".

    `kind`, `unit` and `campaign` are "" for a photo or document of which nobody said yet what it is of.
    """

    id: str
    at: int
    record: str
    kind: str
    unit: str
    campaign: str
    values: Mapping[str, Value]

    @property
    def fields(self) -> dict[str, Value]:
        """What was entered, without the photos and documents."""
        files = (PHOTO_PREFIX, DOCUMENT_PREFIX)
        return {name: value for name, value in self.values.items() if not name.startswith(files)}

    @property
    def is_loose(self) -> bool:
        """True for photos and documents of which nobody said what they are of: nothing else is said."""
        return not (self.record or self.kind or self.unit or self.campaign or self.fields)

    @property
    def photos(self) -> dict[str, Mapping[str, Any]]:
        """The photos by their keys (P-7)."""
        return self._named(PHOTO_PREFIX)

    @property
    def documents(self) -> dict[str, Mapping[str, Any]]:
        """The PDF files by their keys (P-19)."""
        return self._named(DOCUMENT_PREFIX)

    @property
    def hashes(self) -> set[str]:
        """The hashes of its photos, their thumbnails and its documents."""
        both, files = ("sha256", "thumb_sha256"), (*self.photos.values(), *self.documents.values())
        return {hash_ for value in files for key in both if isinstance(hash_ := value.get(key), str)}

    def _named(self, prefix: str) -> dict[str, Mapping[str, Any]]:
        named = ((name, value) for name, value in self.values.items() if name.startswith(prefix))
        return {str(value.get("sha256"))[:PHOTO_KEY_LENGTH]: value for _, value in named if isinstance(value, dict)}


def is_draft(raw: object) -> bool:
    """True for an entry of a `W` block that is no write but a draft."""
    return isinstance(raw, dict) and _KEY in raw and "id" not in raw


def is_reply(raw: object) -> bool:
    """True for an entry of a `W` block that is no write but an answer to a return (X-47)."""
    return _is_body(raw, "reply")


def is_message(raw: object) -> bool:
    """True for an entry of a `W` block that is no write but a message (X-47)."""
    return _is_body(raw, "message")


def _is_body(raw: object, name: str) -> bool:
    return isinstance(raw, dict) and isinstance(raw.get(name), dict) and "id" not in raw


def read_draft(raw: object) -> RescueDraft | None:
    """Read an entry for which `is_draft` holds; None if it says nothing that can be shown."""
    body = raw.get(_KEY) if isinstance(raw, dict) else None
    if not isinstance(body, dict):
        return None
    at, fields = body.get("at"), body.get("set")
    if isinstance(at, bool) or not isinstance(at, int) or abs(at) > INTEGER_MAX or not is_id(body.get("id")):
        return None
    if not isinstance(fields, dict) or not fields:
        return None
    try:
        check_room(fields)
        entered = {check_name(name): check_any(name, value) for name, value in fields.items()}
    except Refused:
        return None
    record, unit, campaign = (str(body[key]) if is_id(body.get(key)) else "" for key in ("record", "unit", "campaign"))
    kind = body.get("kind")
    return RescueDraft(str(body["id"]), at, record, kind if isinstance(kind, str) else "", unit, campaign, entered)
