"""Backups: taken while the service runs, checked and brought back by `loa restore` (SPEC B-5).

README.md describes the format. The database is copied first, so every photo it calls verified exists when photos are
copied.
"""

from server.backups.layout import BadBackup, Manifest
from server.backups.noted import noted
from server.backups.restore import Brought, bring
from server.backups.take import Taken, take
from server.backups.trial import Tried, try_restore

__all__ = ["BadBackup", "Brought", "Manifest", "Taken", "Tried", "bring", "noted", "take", "try_restore"]
