"""What a letter asks to be done: kinds of activity, figures, and the sentences that say so.

The words are in phrases.vi.json, by kind (sync/kinds/) and by figure. A new kind works without any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from server.services.letters.plain import flat
from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Found, at, known
from server.services.letters.recognition.head import end_of_head
from server.services.letters.recognition.patterns import ASKS, BODY, compiled

TASK_CHARS: Final = 1000
_FILE: Final = Path(__file__).parents[1] / "phrases.vi.json"
_BEGINS: Final = compiled(
    rf"{BODY}[^\n.;:]{{0,200}}? {ASKS}(?![^\W\d_])|như +sau *:"
    r"|(?:nội +dung|công +việc|nhiệm +vụ)(?: +[^\W\d_]+){0,4} *: *(?=\n)"
)
_FOOT: Final = compiled(r"nơi +nhận *:?|\./\.")
_SENTENCE: Final = re.compile(
    r"(?:[^.;!?\n]|[.;!?](?!\s|$)|\n(?!\s*\n|\s*(?:[-–+*]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ]\))\s))+[.;!?]?"
)
_MARK: Final = re.compile(r"\s*(?:[-–+*]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ]\)|[IVX]{1,4}\.)\s+")
_FULL_STOP: Final = re.compile(r"(?<!\bTP)(?<!\bTX)\.$|[;!?]$")


@cache
def phrases() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    """Return phrases.vi.json: for each kind, figure and other task, one pattern of all its words."""
    raw: dict[str, dict[str, list[str]]] = json.loads(_FILE.read_text("utf-8"))
    return {group: {name: _any_of(words) for name, words in entries.items()} for group, entries in raw.items()}


def _any_of(words: list[str]) -> re.Pattern[str]:
    either = "|".join(re.escape(word).replace(r"\ ", r"[ -]+") for word in words)
    return re.compile(rf"(?<![^\W\d_])(?:{either})(?![^\W\d_])", re.IGNORECASE)


def asks(text: str, after: int = 0) -> list[Found]:
    """Return kinds and figures where the body first names them, and the sentences that ask for something.

    `after`: where the bases end.
    """
    start, end = _body(text, after)
    line = flat(text)
    found: list[Found | None] = []
    for field, group in ((f.KIND, "kinds"), (f.FIGURE, "figures")):
        for name, pattern in phrases()[group].items():
            match = pattern.search(line, start, end)
            found.append(at(field, text, *match.span(), name) if match else None)
    return known([*found, *_tasks(text, line, start, end)])


def _body(text: str, after: int) -> tuple[int, int]:
    """Return where the body begins, after who asks whom, and where the foot begins."""
    head = max(after, end_of_head(text))
    begins = _BEGINS.search(text, head)
    start = begins.start() if begins else head
    foot = [match.start() for match in _FOOT.finditer(text, start)]
    return start, foot[0] if foot else len(text)


def _tasks(text: str, line: str, start: int, end: int) -> Iterator[Found | None]:
    every = [pattern for group in phrases().values() for pattern in group.values()]
    for sentence in _SENTENCE.finditer(text, start, end):
        first, last = sentence.span()
        mark = _MARK.match(text, first, last)
        first = mark.end() if mark else first
        while last > first and text[last - 1] in " \n\t;.":
            last -= 1
        if not 10 <= last - first <= TASK_CHARS or text[last - 1] == ":":
            continue
        if any(pattern.search(line, first, last) for pattern in every):
            yield at(f.TASK, text, first, last)
