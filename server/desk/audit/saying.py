"""A line of the log in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.core.acting import ActorKind
from server.desk.formats import moment
from server.desk.words import actor, catalogue, filter_state, label, t, word
from server.services.audit.listing import LogLine
from server.services.review.queue import FILTERS
from server.services.units.scope import ROLES
from server.serving.every_request import language
from sync.figures import every_figure
from sync.record import VERDICTS, WITHDRAWN
from sync.registry import KINDS


def act(name: str) -> str:
    """Return an act in words; its bare name if only another version has it."""
    return _said(f"audit.act.{name}", name)


def kind(name: str) -> str:
    """Return what acted or what it was done to, in words."""
    return _said(f"audit.kind.{name}", name)


def who(line: LogLine) -> str:
    """Return who acted: a name, the words of a command, or that nobody was signed in."""
    row = line.row
    if row.actor_kind == "command":
        return f"loa {row.actor_id}"
    if row.actor_kind == "job":
        return str(catalogue(language()).get(f"job_kind.{row.actor_id.replace('.', '_')}", row.actor_id))
    return actor(line.who) or row.actor_id or kind(row.actor_kind)


def by(line: LogLine) -> str:
    """Return who acted. The kind is added except for people and for acts without a sign-in."""
    row = line.row
    if row.actor_kind in (ActorKind.OFFICER, ActorKind.NOBODY):
        return who(line)
    return f"{who(line)} ({kind(row.actor_kind)})"


def to_whom(line: LogLine) -> str:
    """Return the subject of the act; empty if it is the actor."""
    row = line.row
    return "" if (row.about_kind, row.about_id) == (row.actor_kind, row.actor_id) else what(line)


def what(line: LogLine) -> str:
    """Return what it was done to, after its kind."""
    row = line.row
    if not row.about_kind:
        return ""
    named = line.what or row.about_id
    if row.about_kind == "restore" and row.about_id.isdecimal():
        named = moment(row.about_id)
    return f"{kind(row.about_kind)}: {named}"


def values(given: Mapping[str, Any], act: str = "") -> str:
    """Return the named columns with their values, without empty ones; an act may have its own word for a column."""
    said = ((name, value) for name, value in given.items() if value != "")
    return "; ".join(f"{_column(name, act)}: {_value(name, value)}" for name, value in said)


def _column(name: str, act: str) -> str:
    return _said(f"audit.value.{act}.{name}", _said(f"audit.value.{name}", name))


def _value(name: str, value: Any) -> str:
    if name == "role" and value in ROLES:
        return t(f"role.{value}")
    if name == "verdict" and value in (*VERDICTS, WITHDRAWN):
        return word("verdicts", str(value))
    if name == "figure":
        return next((label(each.label) for each in every_figure() if each.code == value), str(value))
    if name in ("state", "kind"):
        return _filtered(name, str(value))
    if name in ("status", "table", "source"):
        return _said(f"{'totals.source_' if name == 'source' else f'audit.{name}.'}{value}", str(value))
    said = "–" if value is None else str(value)
    return said.replace(".", ",") if name == "amount" and language() == "vi" else said


def _filtered(name: str, value: str) -> str:
    """Return what a list was narrowed to; the bare value if only another version has it."""
    if name == "state" and value in ("photos", "checking"):
        return t(f"readiness.{value}")
    if name == "state":
        return filter_state(value) if value in FILTERS else value
    return label(KINDS[value].label) if value in KINDS else value


def _said(key: str, otherwise: str) -> str:
    return str(catalogue(language()).get(key, otherwise))
