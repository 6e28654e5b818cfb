"""Formats of single values, as marshmallow validators: checked and documented at once."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import ValidationError, validate

from sync.text import is_well_formed

# In Python a plain `$` also matches before a final line break; OpenAPI patterns have no `\Z`.
HASH: Final = validate.Regexp(r"^[0-9a-f]{64}$(?!\n)")
ID: Final = validate.Regexp(r"^[A-Za-z0-9_-]{16}$(?!\n)")


def is_text(text: str) -> None:
    """Raise ValidationError for text that no database can store."""
    if not is_well_formed(text):
        raise ValidationError("text")


def in_path(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """Return a path parameter; a value of another form is answered 404."""
    return {"in": "path", "name": name, "required": True, "description": description, "schema": schema}


ID_FORM: Final = {"type": "string", "pattern": "^[A-Za-z0-9_-]{16}$"}
HASH_FORM: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def is_boolean(value: object) -> None:
    """Raise ValidationError for anything but true and false; `fields.Boolean` takes 1 for true."""
    if not isinstance(value, bool):
        raise ValidationError("boolean")
