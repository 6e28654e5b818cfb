"""Column types that every table shares."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import BigInteger, ForeignKey, String
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
