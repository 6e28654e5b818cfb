"""Conditions over many texts, passed as one parameter: `one_of(Unit.id, ids)`.

`in_` writes a parameter for each. Of hundreds, that costs more in Python than the statement does in the database; and a
statement takes at most 32,766 parameters on SQLite, 65,535 on PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Dialect, String, TypeDecorator, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine


class TextArray(TypeDecorator[list[str]]):
    """Many texts as one parameter: an array for PostgreSQL, JSON for SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array on PostgreSQL."""
        several = postgresql.ARRAY(String()) if dialect.name == "postgresql" else String()
        return dialect.type_descriptor(several)

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        """JSON on SQLite."""
        return value if dialect.name == "postgresql" else json.dumps(value)


class OneOf(FunctionElement[bool]):
    """A condition that `one_of` makes."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> OneOf:  # noqa: ARG002  # the library's signature
        """As it is, in its own brackets. SQLAlchemy would write `= 1` behind it, and SQLite then uses no index."""
        return self


@compiles(OneOf, "sqlite")
def _in_json(element: OneOf, compiler: SQLCompiler, **how: Any) -> str:
    what, texts = (compiler.process(each, **how) for each in element.clauses)
    return f"({what} IN (SELECT value FROM json_each({texts})))"  # noqa: S608  # what the compiler made


@compiles(OneOf, "postgresql")
def _any_of(element: OneOf, compiler: SQLCompiler, **how: Any) -> str:
    what, texts = (compiler.process(each, **how) for each in element.clauses)
    return f"({what} = ANY ({texts}))"


def one_of(what: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Condition: the column has one of these texts."""
    return OneOf(what, bindparam(None, list(values), type_=TextArray(), unique=True))


def one_of_parameter(what: Any, name: str) -> ColumnElement[bool]:
    """Condition as `one_of`, for a statement that is built once and run with a list as its parameter `name`."""
    return OneOf(what, bindparam(name, type_=TextArray()))
