"""Run form_child.py: what a form does to memory and time ends with that process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from server.core.problem_details import RETRY_AFTER_S, Problem
from server.services.documents.faults import FormFault
from server.services.documents.placeholders import FormValues

SECONDS: Final = 120
AT_ONCE: Final = 2
_CHILD: Final = "server.services.documents.form_child"
_CANNOT: Final = 3
_turns = threading.BoundedSemaphore(AT_ONCE)


def check(kind: str, form: Path) -> None:
    """Raise FormFault for a form that cannot be filled."""
    _run("check", kind, form)


def fill(kind: str, form: Path, found: FormValues, folder: Path) -> Path:
    """Return the filled form, in the folder. Raises FormFault."""
    values, result = folder / "values.json", folder / f"filled.{kind}"
    said = {"rows": [dict(row) for row in found.rows], "head": dict(found.head)}
    values.write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    _run("fill", kind, form, values, result)
    return result


def _run(*arguments: str | Path) -> None:
    if not _turns.acquire(timeout=SECONDS):
        raise Problem("unavailable", retry_after_s=RETRY_AFTER_S)
    try:
        command = [sys.executable, "-I", "-m", _CHILD, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  # our own module
    except subprocess.TimeoutExpired as error:
        raise FormFault("form_too_complex") from error
    finally:
        _turns.release()
    if done.returncode == 0:
        return
    if done.returncode == _CANNOT:
        said = json.loads(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2])
        raise FormFault(said["code"], said["place"])
    raise FormFault("form_too_complex")  # killed by a limit, it says nothing
