"""Run-length encoding of a push's results: equal or consecutive ones share one run (SPEC X-17).

>>> place = {"result": "stored", "unit": "u", "campaign": "c"}
>>> rows = [place | {"position": 7 + nth, "number": f"BR-{4 + nth}"} for nth in range(3)]
>>> pack(rows)
[{'count': 3, 'result': 'stored', 'unit': 'u', 'campaign': 'c', 'position': 7, 'number': 'BR-4', 'step': 1}]
>>> unpack(pack(rows)) == rows
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Row = dict[str, Any]
"""A result without its id: its place in the order identifies the write."""
_PLACE = ("unit", "campaign")


def pack(results: Sequence[Row]) -> list[Row]:
    """Encode the results as runs."""
    runs: list[Row] = []
    for result in results:
        if not runs or not _joins(runs[-1], result):
            runs.append({"count": 1, **result})
    place: dict[str, str] = {}
    for run in runs:
        if run["result"] == "stored":
            here = {key: run[key] for key in _PLACE}
            if here == place:
                for key in _PLACE:
                    del run[key]
            place = here
    return runs


def unpack(runs: Iterable[Row]) -> list[Row]:
    """Decode runs to results, in their order."""
    results: list[Row] = []
    place: Row = {}
    for run in runs:
        if run["result"] != "stored":
            results += [{key: value for key, value in run.items() if key != "count"} for _ in range(run["count"])]
            continue
        place = {key: run.get(key, place.get(key)) for key in _PLACE}
        alike = {"result": "stored", **place, **({"received": run["received"]} if "received" in run else {})}
        results += [alike | _nth(run, nth) for nth in range(run["count"])]
    return results


def _joins(run: Row, result: Row) -> bool:
    """True when this result continues the run; then the run is extended."""
    count = run["count"]
    if result["result"] != "stored" or run["result"] != "stored":
        if {**run, "count": 0} != {**result, "count": 0}:
            return False
    else:
        if any(run.get(key) != result.get(key) for key in (*_PLACE, "received")):
            return False
        if "position" not in run or result.get("position") != run["position"] + count:
            return False
        steps = (0, 1) if count == 1 else (run.get("step", 0),)
        step = next((step for step in steps if _later(run["number"], count * step) == result["number"]), None)
        if step is None:
            return False
        if step:
            run["step"] = step
    run["count"] = count + 1
    return True


def _nth(run: Row, nth: int) -> Row:
    """Position and number of a result in its run; confirmed figures have neither (X-62)."""
    if "position" not in run:
        return {}
    return {"position": run["position"] + nth, "number": _later(run["number"], nth * run.get("step", 0))}


def _later(number: str, by: int) -> str:
    """Add to the counter in a number: `BR-17` and 2 make `BR-19`."""
    prefix, _, digits = number.rpartition("-")
    return f"{prefix}-{int(digits) + by}"
