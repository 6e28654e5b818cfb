"""Check or fill a form in a process of its own, under limits of memory and processor time (form_running.py).

    python -I -m server.services.documents.form_child check|fill xlsx|docx FORM [VALUES RESULT]

Ends with 3 and `{"code", "place"}` on stderr for a form that cannot be used.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Final

from server.services.documents.faults import FormFault
from server.services.documents.form_archive import EXCEL
from server.services.documents.placeholders import FormValues

MEMORY: Final = 1536 * 1024**2
CPU_S: Final = {"check": 15, "fill": 90}
"""By act: somebody waits for a check."""
CANNOT: Final = 3


def main(act: str, kind: str, form: Path, *rest: str) -> None:
    """Do it."""
    one = _of(kind)
    if act == "check":
        one.check(form)
        return
    values, result = map(Path, rest)
    said = json.loads(values.read_text("utf-8"))
    found = FormValues(tuple(said["rows"]), said["head"])
    one.fill(form, result, found)
    if kind == EXCEL:
        from server.services.documents import form_calculated  # noqa: PLC0415  # see `_of`

        plain = result.with_suffix(".plain")
        result.rename(plain)
        form_calculated.add(plain, result)


def _of(kind: str) -> ModuleType:
    """Import what reads this kind, after the limits are set, and not what reads the other."""
    if kind == EXCEL:
        from server.services.documents import form_excel as excel  # noqa: PLC0415

        return excel
    from server.services.documents import form_word as word  # noqa: PLC0415

    return word


if __name__ == "__main__":
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would import it, for cells that no file has
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S[sys.argv[1]], CPU_S[sys.argv[1]]))
    warnings.simplefilter("ignore")
    try:
        main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:])
    except FormFault as fault:
        print(json.dumps({"code": fault.code, "place": fault.place}), file=sys.stderr)  # noqa: T201  # a script
        sys.exit(CANNOT)
