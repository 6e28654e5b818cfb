"""Which errors mean "the server cannot read or write now": decided here for all drivers, answered 503 (errors.py).

Drivers sort the same fault differently. A PostgreSQL that became read-only by a failover raises InternalError. One that
is shutting down, and SQLite on a read-only disk, raise OperationalError; a full disk under a photo, OSError. So the
database's and the system's error codes decide, and the classes only where there is no code.
"""

from __future__ import annotations

import sqlite3
from errno import EDQUOT, EIO, ENOSPC, EROFS
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_SQLSTATES: Final = (
    "08",  # connection lost, or none to be had
    "25006",  # read only: the standby after a failover
    "40",  # rolled back: deadlock, serialization
    "53",  # no space, no memory, too many connections
    "55P03",  # lock_timeout
    "57014",  # cancelled, by a timeout of the server or by hand
    "57P01",  # being shut down
    "57P02",  # another process of the server crashed
    "57P03",  # starting up
    "57P05",  # idle session timeout
    "58",  # the system below the database: disk errors
)
"""https://www.postgresql.org/docs/current/errcodes-appendix.html; a prefix stands for its class."""
_SQLITE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
"""Primary result codes: https://www.sqlite.org/rescode.html"""
_ERRNOS: Final = (ENOSPC, EDQUOT, EIO, EROFS)


def is_unavailable(error: BaseException) -> bool:
    """True when nothing was stored for a cause that may pass without a change of the request.

    Earlier errors in the chain count too: on a full disk SQLite rolls everything back, and the error raised last is a
    missing savepoint.
    """
    if isinstance(error, PoolTimeout | PendingRollbackError):
        return True
    if isinstance(error, OSError):
        return error.errno in _ERRNOS
    if isinstance(error, DBAPIError):
        ours = isinstance(error.orig, psycopg.Error | sqlite3.Error)
        known = error.connection_invalidated or (
            _of_driver(error.orig) if ours and error.orig is not None else isinstance(error, OperationalError)
        )
    else:
        known = _of_driver(error)
    before = error.__context__ if isinstance(error, SQLAlchemyError) else None
    return known or (before is not None and is_unavailable(before))


def _of_driver(error: BaseException) -> bool:
    if isinstance(error, psycopg.Error):
        # Without a state the error comes from the driver itself: it got no connection, or lost it.
        return error.sqlstate.startswith(_SQLSTATES) if error.sqlstate else isinstance(error, psycopg.OperationalError)
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # the driver's own error, without an SQLite code
            return isinstance(error, sqlite3.OperationalError)
        return code & 0xFF in _SQLITE  # the low byte is the primary code
    return False
