"""The triggers that keep logs, freezes and papers as they were written: which there must be, and which are not.

`triggers.json` holds for each database a digest of every trigger by its name, as the migrations make it.
`tools/list_triggers.py` writes it; a test compares it with migrated databases.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

FILE: Final = Path(__file__).with_name("triggers.json")
_SQLITE: Final = text("SELECT name, tbl_name || ' ' || sql FROM sqlite_master WHERE type = 'trigger'")
_POSTGRESQL: Final = text(
    "SELECT tgname, tgenabled::text || ' ' || replace(pg_get_triggerdef(t.oid, true), current_schema() || '.', '')"
    " || ' ' || prosrc"
    " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT tgisinternal AND n.nspname = current_schema()"
)
_RULES: Final = text("SELECT rulename FROM pg_rules WHERE schemaname = current_schema()")


def present(session: Session) -> dict[str, str]:
    """Return the digest of each trigger of this database by its name."""
    query = _POSTGRESQL if session.get_bind().dialect.name == "postgresql" else _SQLITE
    return {name: hashlib.sha256(said.encode()).hexdigest()[:16] for name, said in session.execute(query)}


def wrong(session: Session) -> list[str]:
    """Return the names of triggers that are missing, off or altered; of triggers and rules that no migration made."""
    found, expected = present(session), _expected(session)
    rules = session.scalars(_RULES).all() if session.get_bind().dialect.name == "postgresql" else ()
    return sorted({*rules, *(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))})


def _expected(session: Session) -> dict[str, str]:
    return _known()[session.get_bind().dialect.name]


@cache
def _known() -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = json.loads(FILE.read_text("utf-8"))
    return said
