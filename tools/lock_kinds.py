"""Writes sync/kinds.lock.json after a kind was added or grew: `.venv/bin/python tools/lock_kinds.py`.

Refuses a change that breaks what phones in the field know of a kind: such a field is retired, and another one added.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from house import say, stop

from support.checks.promised_kinds import LOCK, breaks, snapshot  # needs the line above


def main() -> None:
    """Write the lock, or stop and name what is broken."""
    old, new = json.loads(LOCK.read_text("utf-8")), snapshot()
    broken = breaks(old, new)
    if broken:
        stop(
            f"Phones in the field know these otherwise (SPEC V-3): {', '.join(broken)}. Retire it and add a new one. "
            f"What was never released may change: first git checkout main -- sync/{LOCK.name}"
        )
    LOCK.write_text(json.dumps(new, indent=2) + "\n", "utf-8")
    added = sorted(new.keys() - old.keys())
    say(f"{LOCK.name} is written; new: {', '.join(added) or 'no kind'}.")


if __name__ == "__main__":
    main()
