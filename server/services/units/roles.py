"""The words of roles, without the tables: TAB and lists of `loa` need them and nothing of who may do what."""

from __future__ import annotations

OFFICER, REVIEWER, COORDINATOR, ADMIN = "officer", "reviewer", "coordinator", "admin"
DEPUTY = "deputy"
"""No role that is given: a reviewer is away, and this colleague decides meanwhile (deputies.py)."""
CONFIDENTIAL = "confidential"
"""Enters and reads the confidential annex; nobody else does, whatever their other roles."""
ROLES = (OFFICER, CONFIDENTIAL, REVIEWER, COORDINATOR, ADMIN)
WRITERS = (OFFICER, REVIEWER, COORDINATOR)
"""Make records for the unit at which they hold the role."""
MANAGERS = (REVIEWER, COORDINATOR, ADMIN)
RUNNERS = (COORDINATOR, ADMIN)
JUDGES = (REVIEWER, COORDINATOR)
