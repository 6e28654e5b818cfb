"""Whether the release before can live beside the tables of a migration: it reads and writes them as it always did.

Expand first, contract later: a release adds tables and columns that may be left out, a later one takes away what no
release that may still serve knows. Whatever else a migration changes needs a stop of the service, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from server.migrate import BEGINNING
from support.installation.schema import Column, Index, Part, Schema, schema_of


def refused(config: Config) -> dict[str, list[str]]:
    """Run each migration behind the beginning on the database of this configuration, which is empty.

    Returns what the release before could not live beside, by revision: of those that do not say that they need a stop;
    also a stop without a reason.
    """
    script = ScriptDirectory.from_config(config)
    steps = [each for each in script.walk_revisions() if each.revision != BEGINNING]
    command.upgrade(config, BEGINNING)
    engine = create_engine(config.get_main_option("sqlalchemy.url") or "")
    found: dict[str, list[str]] = {}
    for step in reversed(steps):
        before = schema_of(engine)
        command.upgrade(config, step.revision)
        if why := list(_of_file(step.module, Path(step.path), before, schema_of(engine))):
            found[step.revision] = why
    engine.dispose()
    return found


def _of_file(module: Any, path: Path, before: Schema, after: Schema) -> Iterator[str]:
    if getattr(module, "NEEDS_STOP", False) is True:
        if not str(getattr(module, "STOP_REASON", "")).strip():
            yield "NEEDS_STOP without a STOP_REASON"
        return
    if "must_recount" in path.read_text("utf-8"):
        yield "figures are to be made anew, which needs a stop"
    yield from changes(before, after)


def changes(before: Schema, after: Schema) -> Iterator[str]:
    """What of these changes the release before cannot live beside."""
    for part in sorted(before.keys() | after):
        old, new = before.get(part), after.get(part)
        if old != new and (why := _why(part, old, new, before, after)):
            yield f"{part.kind} {part.name} of {part.table}: {why}" if part.table else f"{part.kind} {part.name}: {why}"


def _why(part: Part, old: Any, new: Any, before: Schema, after: Schema) -> str:
    table = Part("table", part.table, part.table)
    is_new, is_gone = part.table and table not in before, part.table and table not in after
    if part.kind in ("order", "sequence") or is_new or (is_gone and part != table):
        return ""  # a new table is nobody's yet; of one that is gone it is said once
    if part.kind == "column":
        return _of_column(old, new)
    if part.kind == "index" and not any(isinstance(each, Index) and each.unique for each in (old, new)):
        return ""
    if part.kind in ("foreign", "check") and new is None:
        return ""  # less is refused
    if part.kind == "foreign" and old is None and _only_new_columns(part, str(new), before):
        return ""
    return "is gone" if new is None else "is new, and may refuse what was taken" if old is None else "is otherwise"


def _of_column(old: Column | None, new: Column | None) -> str:
    if new is None:
        return "is gone"
    if old is None:
        return (
            "" if new.nullable or new.default is not None else "must be given, and the release before does not know it"
        )
    if old.type != new.type:
        return f"was {old.type}, is {new.type}"
    if old.nullable != new.nullable:
        return "may be empty, which the release before does not expect" if new.nullable else "may no longer be empty"
    return "another default"


def _only_new_columns(part: Part, says: str, before: Schema) -> bool:
    names = says.partition("(")[2].partition(")")[0].split(", ")
    return not any(Part("column", part.table, name.strip('"')) in before for name in names)
