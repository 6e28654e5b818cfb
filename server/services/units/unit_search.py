"""Units below some tops: as a list in order, limited to what a page needs, and searched by typed text.

The database sorts and searches by keys of the names (server/models/units.py): of eleven thousand units only those shown
are read. A typed text matches a unit's name, or its name and the names above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import CTE, and_, case, func, select, true
from sqlalchemy.orm import Session, aliased

from server.models import Unit
from server.services.units.scope import Scope
from server.services.units.tree import never_were
from sync.text import fold

FEW = 200
"""Up to this many units are offered as a list of options; beyond, the user types."""
SUGGESTED = 10
CANDIDATES = 50
_WORDS = 8


class UnitOption(NamedTuple):
    """A unit to choose from a list in the tree's order."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class LabelledUnit:
    """A unit with its label: its name and those above it, `Xã An Bình, Huyện Nam Sách, Tỉnh Hải Dương`."""

    id: str
    label: str


def walk(tops: Iterable[str]) -> CTE:
    """(id, path, line) of the tops and all below: `path` sorts each after its parent, then in Vietnamese order.

    `line` is the folded name with the folded names above it. No top may be below another.
    """
    down = (
        select(Unit.id, (Unit.sort_key + Unit.id).label("path"), (Unit.search_key + "").label("line"))
        .where(Unit.id.in_(list(tops)))
        .cte(recursive=True)
    )
    child = aliased(Unit)
    step = select(child.id, down.c.path + child.sort_key + child.id, child.search_key + " " + down.c.line)
    return down.union_all(step.join(down, child.parent_id == down.c.id))


def ordered(session: Session, tops: Iterable[str]) -> list[str]:
    """Ids of the tops and all below, in list order."""
    below = walk(tops)
    return list(session.scalars(select(below.c.id).order_by(below.c.path)))


def options(session: Session, tops: Sequence[str], *, merged: bool = True) -> list[UnitOption] | None:
    """The tops and all below to choose from; None if they are more than FEW. `merged`: include merged units.

    A unit of a split that was taken back is no choice, nor is it in `suggested`: it never was.
    """
    below = walk(tops)
    some = select(Unit.id, Unit.name, below.c.path).join(below, below.c.id == Unit.id).limit(FEW + 1)
    some = some.where(Unit.id.not_in(never_were(session)))
    if not merged:
        some = some.where(Unit.merged_at.is_(None))
    each = some.subquery()  # put in order when they are few: of a country, all would be
    found = [UnitOption(*row) for row in session.execute(select(each.c.id, each.c.name).order_by(each.c.path))]
    return found if len(found) <= FEW else None


def suggested(
    session: Session, scope: Scope, tops: Sequence[str], text: str, most: int = SUGGESTED, *, merged: bool = True
) -> list[LabelledUnit]:
    """Units whose line has all words of the text: those of that exact name first, then those that begin with it.

    `merged`: include merged units.
    """
    folded = fold(text.replace(",", " "))
    words = folded.split()[:_WORDS]
    if not words:
        return []
    below = walk(tops)
    names = [Unit.search_key, func.substr(Unit.search_key, 1, len(folded))]
    rank = case((names[0] == folded, 0), (names[1] == folded, 1), else_=2)
    query = (
        select(Unit.id)
        .join(below, below.c.id == Unit.id)
        .where(and_(*(below.c.line.contains(word, autoescape=True) for word in words)))
        .where(true() if merged else Unit.merged_at.is_(None), Unit.id.not_in(never_were(session)))
        .order_by(rank, below.c.path)
        .limit(most)
    )
    return named(session, scope, tops, list(session.scalars(query)))


def meant(session: Session, scope: Scope, tops: Sequence[str], text: str, *, merged: bool = True) -> list[LabelledUnit]:
    """The one unit that the text names, or all candidates, at most `CANDIDATES` + 1; an empty list if there is none.

    A whole label names one unit; so does a name that no other unit has.
    """
    found = suggested(session, scope, tops, text, CANDIDATES + 1, merged=merged)
    folded = fold(text)
    whole = [each for each in found if fold(each.label) == folded]
    same = whole or [each for each in found if fold(each.label.partition(",")[0]) == folded]
    return same if len(same) == 1 else found


def named(session: Session, scope: Scope, tops: Iterable[str], unit_ids: Sequence[str]) -> list[LabelledUnit]:
    """These units, in this order, with their labels. A single top above all of them is left out."""
    scope.read_chains(unit_ids)
    highest = set(tops)
    chains = {id_: scope.chain(id_) for id_ in unit_ids}
    query = select(Unit.id, Unit.name).where(Unit.id.in_({above for chain in chains.values() for above in chain}))
    names = {row.id: row.name for row in session.execute(query)}
    return [
        LabelledUnit(id_, ", ".join(names[each] for each in _shown(chain, highest))) for id_, chain in chains.items()
    ]


def _shown(chain: Sequence[str], tops: set[str]) -> list[str]:
    """The names up to the top; a single top is left out."""
    shown = [chain[0]]
    for above in chain[1:]:
        if shown[-1] in tops or {above} == tops:
            break
        shown.append(above)
    return shown
