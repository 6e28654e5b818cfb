"""`/metrics` in Prometheus' text form: what the checks found, for a monitoring program on this machine alone."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort

from server.core import findings
from server.core.build import own_version
from server.core.clock import now_ms
from server.serving.every_request import is_of_this_machine
from server.serving.installation import installed

bp = Blueprint("metrics", __name__)
_UNSAFE = r"[^\w.+:/-]"


@bp.get("/metrics")
def show() -> Response:
    """Show them to a caller of this machine that no proxy passed on; to others the page is not there."""
    if not is_of_this_machine():
        abort(404)
    found = findings.read(installed().settings.data_dir, now_ms())
    lines = [
        "# HELP loa_check 0: good, 1: look at it, 2: something must be done now.",
        "# TYPE loa_check gauge",
        *(
            f"loa_check{{{_labels(check=one.check, what=str(one.values.get('what', '')))}}} {int(one.level)}"
            for one in found or []
        ),
        "# TYPE loa_checked gauge",
        f"loa_checked {int(found is not None)}",
        "# TYPE loa_build_info gauge",
        f"loa_build_info{{{_labels(version=own_version())}}} 1",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _labels(**labels: str) -> str:
    return ",".join(f'{name}="{re.sub(_UNSAFE, "_", value)}"' for name, value in labels.items())
