"""Writes the digests of all triggers of a migrated database: `tools/list_triggers.py URL`; run it for each database.

The database must be empty: it is migrated first. A test says when to run it (tests/unit/test_migrations.py).
"""

from __future__ import annotations

import json
import sys

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from server.migrate import upgrade
from server.services.audit import outside


def main(url: str) -> None:
    """Migrate the database and note its triggers."""
    upgrade(url)
    engine = create_engine(url)
    with Session(engine) as session:
        found = outside.present(session)
    said = json.loads(outside.FILE.read_text("utf-8")) if outside.FILE.exists() else {}
    said[engine.dialect.name] = dict(sorted(found.items()))
    outside.FILE.write_text(json.dumps(dict(sorted(said.items())), indent=2) + "\n", "utf-8")
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
