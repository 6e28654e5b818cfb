"""Makes one document, as the worker does, and prints how long it took and the peak of memory.

python -m bench.report_child word|tables|excel|freeze CAMPAIGN UNIT OFFICER PHOTOS
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from server.application import create_app
from server.core.db import reading, writing
from server.processes import garbage
from server.services.reports.documents.asking import DocumentOrder, kind
from server.services.reports.snapshot import locking
from server.services.units.scope import Scope
from server.serving.installation import installed


def main(what: str, campaign: str, unit: str, officer: str, photos: str) -> None:
    """Make it once."""
    app = create_app()
    garbage.keep_for_documents()
    before = _peak()
    with app.app_context(), tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        if what == "freeze":
            with reading() as session:
                shown = locking.page(session, unit, campaign)
            with writing() as session:
                locking.lock(session, Scope(session, officer), unit, campaign, shown)
            size = 0
        else:
            blobs = installed(app).blobs
            chosen: dict[str, dict[str, Any]] = {"word": {"photos": int(photos)}, "tables": {"lists": False}}
            choices = chosen.get(what, {})
            told: list[int] = []
            order = DocumentOrder(
                campaign, unit, officer, choices, 1, Path(folder), blobs, lambda done, _: told.append(done)
            )
            size = kind("excel" if what == "tables" else what).make(order).path.stat().st_size
        seconds = time.monotonic() - begun
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor": time.process_time(),
                "megabytes": _peak(),
                "at_start": before,
                "bytes": size,
            }
        )
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
