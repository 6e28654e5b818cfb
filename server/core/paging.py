"""A page of a long list, by its number: of what a statement selects, or of rows that are there."""

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
    """`number`: of this page, which is the last if the one that was asked for is past it; `pages`: one at least.

    `total`: of rows on all pages.
    """

    rows: Sequence[T]
    number: int
    pages: int
    total: int

    def map(self, shown: Callable[[T], Other]) -> ListPage[Other]:
        """Return the page with each row as it is shown."""
        return self.showing([shown(row) for row in self.rows])

    def showing(self, rows: Sequence[Other]) -> ListPage[Other]:
        """Return the page with these rows in place of its own, where all of them are read at once."""
        return ListPage(rows, self.number, self.pages, self.total)


def page_of(
    session: Session, ordered: Select[*tuple[Any, ...]], number: int, size: int
) -> ListPage[Row[*tuple[Any, ...]]]:
    """Return a page of what is selected. The order must leave no two rows alike, or a row may be on two pages."""
    every = ordered.order_by(None).with_only_columns(literal(1), maintain_column_froms=True)
    total = session.scalar(select(func.count()).select_from(every.subquery())) or 0
    number, pages = _within(total, number, size)
    return ListPage(session.execute(ordered.offset((number - 1) * size).limit(size)).all(), number, pages, total)


def slice_of(rows: Sequence[T], number: int, size: int) -> ListPage[T]:
    """Return a page of rows that are there."""
    total = len(rows)
    number, pages = _within(total, number, size)
    return ListPage(rows[(number - 1) * size : number * size], number, pages, total)


def _within(total: int, number: int, size: int) -> tuple[int, int]:
    """The number of the page that is shown, and of all pages."""
    pages = max(1, ceil(total / size))
    return min(max(1, number), pages), pages
