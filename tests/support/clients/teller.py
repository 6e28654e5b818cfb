"""A client that only hands back what it was told, for stories of what a server makes of that (SPEC C-2, B-1, B-31)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from server.core.clock import new_id
from support.clients.client import Client
from support.clients.write_only import Json

SAID_BACK = ("restored", "mark")
"""Of a head, beside the cursors."""


@dataclass
class Teller:
    """`said`: what goes back with the next request; a test may change it."""

    client: Callable[[], Client]
    said: Json = field(default_factory=lambda: {"cursors": []})
    held: set[str] = field(default_factory=set)
    """Records that it was told of since its cursors were last of none."""

    def ask(self, *writes: Json, **more: Any) -> Json:
        """One request, and its answer taken; `more` is said beside."""
        answer = self.send(*writes, **more)
        self.said |= {name: answer[name] for name in SAID_BACK if name in answer}
        self.said["cursors"] = [
            {name: value for name, value in cursor.items() if name not in ("reset", "sealed", "closed")}
            for cursor in answer["cursors"]
        ]
        self.held |= {change["record"] for change in answer["changes"]}
        return answer

    def send(self, *writes: Json, **more: Any) -> Json:
        """One request; its answer is lost on the way to what goes back."""
        answer = self.client().post("/sync", json={"app": 3, "photos": [], **self.said, "writes": list(writes), **more})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: Json = answer.get_json()
        return found

    def sync(self) -> Self:
        """Until there is no more."""
        while self.ask()["more"]:
            pass
        return self

    def cursor(self, unit: str, campaign: str) -> Json:
        """That of a stream, to be changed."""
        found: Json = next(c for c in self.said["cursors"] if (c["unit"], c["campaign"]) == (unit, campaign))
        return found


def banner(unit: str, campaign: str, **fields: Any) -> Json:
    """A write that makes one."""
    id_ = new_id()
    place = {"kind": "banner", "unit": unit, "campaign": campaign}
    return {"id": id_, "at": 1_627_000_000_000, **place, "set": {"submitted": True} | fields}
