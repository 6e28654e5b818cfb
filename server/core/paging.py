"""A page of a long list that a statement selects, by its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.orm import Session

T = TypeVar("T")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """`number`: of this page, which is the last if the one that was asked for is past it; `pages`: one at least."""

    rows: Sequence[T]
    number: int
    pages: int

    def of(self, shown: Callable[[T], Other]) -> ListPage[Other]:
        """Return the page with each row as it is shown."""
        return ListPage([shown(row) for row in self.rows], self.number, self.pages)


def page_of(
    session: Session, ordered: Select[*tuple[Any, ...]], number: int, size: int
) -> ListPage[Row[*tuple[Any, ...]]]:
    """Return a page of what is selected. The order must leave no two rows alike, or a row may be on two pages."""
    every = ordered.order_by(None).with_only_columns(literal(1), maintain_column_froms=True)
    total = session.scalar(select(func.count()).select_from(every.subquery())) or 0
    pages = max(1, ceil(total / size))
    number = min(max(1, number), pages)
    return ListPage(session.execute(ordered.offset((number - 1) * size).limit(size)).all(), number, pages)
