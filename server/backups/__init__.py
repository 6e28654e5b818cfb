"""Backups: taken while the service runs, checked and brought back by `loa restore` (SPEC B-5).

README.md describes the format. The database is copied first, so every photo it calls verified exists when photos are
copied.

A name imports its module when it is first asked for: what only looks at the files of backups needs no database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from server.backups.layout import BadBackup, Manifest
    from server.backups.noting import noted
    from server.backups.restore import Brought, bring
    from server.backups.taking import Taken, take
    from server.backups.trial import Tried, try_restore

__all__ = ["BadBackup", "Brought", "Manifest", "Taken", "Tried", "bring", "noted", "take", "try_restore"]
_MODULES: Final = {
    "layout": ("BadBackup", "Manifest"),
    "noting": ("noted",),
    "restore": ("Brought", "bring"),
    "taking": ("Taken", "take"),
    "trial": ("Tried", "try_restore"),
}


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
