"""The line between the shipped phone and the application: what becomes of each request, and who hears of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace

from flask.testing import FlaskClient

from support.clients.shipped import PageAsks, PageHears
from support.clients.write_only import Json

Trouble = tuple[str, float]
"""What becomes of a request of the exchange, and how much of it; of `blocks`, so many come behind the head."""
WELL: Trouble = ("well", 1)
MOST_BLOCKS = 200
PAGE = {"Content-Type": "text/html"}, b"<html><h1>Bad Gateway</h1></html>"
UNSERVED: dict[str, PageHears] = {
    "unreached": PageHears(),
    "proxy": PageHears(502, *PAGE),
    "busy": PageHears(503, {"Content-Type": "application/problem+json", "Retry-After": "1"}, b'{"code":"busy"}'),
}
"""What never comes to the application, and what is heard then."""


@dataclass
class Wire:
    """`troubles`: of the requests of the exchange that come next; from then on all is well.

    `most`: a proxy on the way takes no body with more writes (413). `read_only`: the database takes none at all (500).
    `client` is asked for one anew each time: another application may stand at the address by then.
    `heard` is told whatever the application answered, also where it is lost on the way; `whole` its whole text.
    """

    client: Callable[[], FlaskClient]
    heard: Callable[[Json, Json], None] = lambda *_: None
    whole: Callable[[str], None] = lambda _: None
    troubles: list[Trouble] = field(default_factory=list)
    most: int | None = None
    read_only: bool = False

    def __call__(self, asked: PageAsks) -> PageHears:
        if not asked.is_exchange:
            return self._ask(asked)
        what, part = self.troubles.pop(0) if self.troubles else WELL
        if what in UNSERVED:
            return UNSERVED[what]
        writes = len(asked.said.get("writes", []))
        if self.read_only and writes:
            return PageHears(500, *PAGE)
        if self.most is not None and writes > self.most:
            return PageHears(413, *PAGE)
        answer = self._exchange(asked)
        if what == "twice":
            answer = self._exchange(asked)
        return PageHears() if what == "lost" else _part(answer, what, part)

    def _exchange(self, asked: PageAsks) -> PageHears:
        answer = self._ask(asked)
        if answer.status == 200:
            self.heard(asked.said, json.loads(answer.body.partition(b"\n")[0]))
            self.whole(answer.body.decode())
        return answer

    def _ask(self, asked: PageAsks) -> PageHears:
        with closing(
            self.client().open(asked.path, method=asked.method, data=asked.body, headers=asked.headers)
        ) as answer:
            parts = list(itertools.islice(answer.iter_encoded(), MOST_BLOCKS + 1))
        assert len(parts) <= MOST_BLOCKS, "an answer without an end"
        return PageHears(answer.status_code, dict(answer.headers), b"".join(parts))


def _part(answer: PageHears, what: str, part: float) -> PageHears:
    """What arrives of it; `blocks`: whole ones."""
    if what == "blocks":
        return replace(answer, body=_blocks(answer.body, int(part)))
    if what in ("cut", "broken"):
        return replace(answer, body=answer.body[: int(len(answer.body) * part)], broken=what == "broken")
    return answer


def _blocks(body: bytes, most: int) -> bytes:
    lines = body.splitlines(keepends=True)
    ends = [nth for nth, line in enumerate(lines) if nth > 0 and "cursors" in json.loads(line)]
    return b"".join(lines[: ends[most - 1] + 1 if most else 1])
