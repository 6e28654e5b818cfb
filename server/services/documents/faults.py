"""A fault of a form: a code of sync/errors.json, and the cell or tag at fault."""

from __future__ import annotations

from server.core.problem_details import Problem


class FormFault(Problem):
    """A form that cannot be used. `place`: the cell ("Biểu 1!C7") or the tag ("{{ don_vj }}"), as people see it."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(code, "form")
        self.place = place
