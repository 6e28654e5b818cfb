"""Column types that every table shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import mapped_column

Id = Annotated[str, mapped_column(String(16))]
"""96 random bits as text (SPEC ID-1)."""
IdKey = Annotated[str, mapped_column(String(16), primary_key=True)]
Millis = Annotated[int, mapped_column(BigInteger)]
"""Milliseconds since 1970 UTC, by the server's clock unless the name says otherwise."""
Hash = Annotated[str, mapped_column(String(64))]
"""SHA-256 as hex."""
UnitId = Annotated[str, mapped_column(String(16), ForeignKey("unit.id"), index=True)]
OfficerId = Annotated[str, mapped_column(String(16), ForeignKey("officer.id"), index=True)]
RecordId = Annotated[str, mapped_column(String(16), ForeignKey("record.id"), index=True)]
StreamId = Annotated[str, mapped_column(String(16), ForeignKey("stream.id"))]
ByBytes = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text compared byte by byte, whatever the database's collation."""


def filled_from(make: Callable[..., str], *columns: str) -> Callable[[DefaultExecutionContext], str]:
    """Make a column default: the value is computed from other columns of the inserted row."""

    def value(context: DefaultExecutionContext) -> str:
        row: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]  # the library's own
        return make(*(row[name] for name in columns))

    return value
