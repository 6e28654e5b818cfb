"""Backups: taken while the service runs, checked and brought back by `loa restore` (SPEC B-5).

README.md has the form of a backup. The database comes first, so that every photo it calls verified is there to be
copied after it.
"""

from server.backups.layout import BadBackup, Manifest
from server.backups.restore import Brought, bring
from server.backups.take import Taken, take

__all__ = ["BadBackup", "Brought", "Manifest", "Taken", "bring", "take"]
