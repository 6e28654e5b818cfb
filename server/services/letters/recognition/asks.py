"""What a letter asks to be done: kinds of activity, figures, and the sentences that say so.

The words are in phrases.vi.json, by kind (sync/kinds/) and by figure. A new kind works without any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from server.services.letters.plain import flat
from server.services.letters.recognition import found as f
from server.services.letters.recognition.found import Finding, at, known
from server.services.letters.recognition.head import end_of_head
from server.services.letters.recognition.patterns import ASKS, BODY, CAPITAL, compiled

TASK_CHARS: Final = 1000
_FILE: Final = Path(__file__).parents[1] / "phrases.vi.json"
_BEGINS: Final = compiled(
    rf"{BODY}[^\n.;:]{{0,200}}? +{ASKS}(?![^\W\d_])|như +sau *:"
    r"|(?:nội +dung|công +việc|nhiệm +vụ)(?: +[^\W\d_]+){0,4} *: *(?=\n)"
)
_FOOT: Final = compiled(r"nơi +nhận *:?|\./\.")
_SENTENCE: Final = re.compile(
    r"(?:[^.;!?\n]|[.;!?](?!\s|$)|\n(?!\s*\n|\s*(?:[-–+*]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ]\)|[IVX]{1,4}\.)\s|\d{1,2}[\n\t]))+[.;!?]?"
)
_MARK: Final = re.compile(r"\s*(?:[-–+*]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ]\)|[IVX]{1,4}\.)\s+")
_DASH: Final = re.compile(r"\s*[-–+*]\s")
_ROW: Final = re.compile(r"\s*\d{1,2}[\n\t]\s*([^\n\t]+)")
"""A row of a table: its number, and what is to be done."""
_BLANKS: Final = re.compile(r"[\s,]*")
_HEADING: Final = re.compile(rf"[{CAPITAL}][{CAPITAL} ,–-]{{4,100}}\n\s*")
"""A heading in capitals above the sentence."""
_IS_TITLE: Final = re.compile(r"\s*\n\s*[-–+]\s")
"""A line that ends without a sign, above a list."""
TITLE_CHARS: Final = 90
_NO_TASK: Final = compiled(
    r"trân +trọng|quá +(?:thời +)?hạn|"
    r"(?:về +)?(?:công +tác|chế +độ|việc)? *[^\W\d_]+(?: +[^\W\d_]+){0,4}$|về +[^.;\n]{0,60}$"
)
_NOT: Final = compiled(
    r"(?<![^\W\d_])không +(?:(?:được|cần|phải) +)?(?:in|treo|phát|dán|lập|mở|làm|dùng|sử +dụng|tổ +chức)"
    r"(?: +(?:thêm|mới|các|các +loại))? +$"
)
_OF_LOUDSPEAKERS: Final = compiled(
    r"(?=[^.;:\n]{0,60}?(?:loa|truyền +thanh|phát +thanh)(?![^\W\d_]))"
    r"(?![^.;:\n]{0,60}?(?:báo|cổng|trang|mạng|truyền +hình|fanpage|facebook|zalo)(?![^\W\d_]))"
)
"""Behind "tin, bài": they are read out on the loudspeakers, and are no articles."""
_CARRIED: Final = compiled(r" +(?:kéo|tay|cầm +tay|xách +tay|lưu +động|di +động)(?![^\W\d_])")
"""Behind "loa": it is carried about."""


@cache
def phrases() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    """Return phrases.vi.json: for each kind, figure and other task, one pattern of all its words."""
    raw: dict[str, dict[str, list[str]]] = json.loads(_FILE.read_text("utf-8"))
    return {group: {name: _any_of(words) for name, words in entries.items()} for group, entries in raw.items()}


def _any_of(words: list[str]) -> re.Pattern[str]:
    either = "|".join(re.escape(word).replace(r"\ ", r"[ -]+") for word in words)
    return re.compile(rf"(?<![^\W\d_])(?:{either})(?![^\W\d_])", re.IGNORECASE)


def asks(text: str, after: int = 0, slogans: Sequence[Finding] = ()) -> list[Finding]:
    """Return kinds and figures where the body first names them, and the sentences that ask for something.

    `after`: where the bases end. `slogans`: what these say is not asked for.
    """
    start, end = _body(text, after)
    line = flat(text)
    found: list[Finding | None] = []
    for field, group in ((f.KIND, "kinds"), (f.FIGURE, "figures"), (f.UNPLACED, "unplaced")):
        for name, pattern in phrases()[group].items():
            named = (each for each in pattern.finditer(line, start, end) if not _denied(line, each.start()))
            match = next((each for each in named if not _is_in(each, slogans) and _is_meant(line, name, each)), None)
            found.append(at(field, text, *match.span(), None if field == f.UNPLACED else name) if match else None)
    return known([*found, *_tasks(text, line, start, end, slogans)])


def _denied(line: str, at_: int) -> bool:
    """True if the letter says that this is not to be done: "không in tờ rơi"."""
    return _NOT.search(line, max(0, at_ - 40), at_) is not None


def _is_meant(line: str, name: str, match: re.Match[str]) -> bool:
    """True unless the words behind say that another kind is meant."""
    if name in ("media", "articles") and "bài" in match[0].lower():
        return _OF_LOUDSPEAKERS.match(line, match.end()) is None
    return not (match[0].lower().endswith("loa") and _CARRIED.match(line, match.end()))


def _is_in(match: re.Match[str], slogans: Sequence[Finding]) -> bool:
    """True for a word of a slogan, which asks for nothing."""
    return any(each.start <= match.start() and match.end() <= each.end for each in slogans)


def _body(text: str, after: int) -> tuple[int, int]:
    """Return where the body begins, after who asks whom, and where the foot begins."""
    head = max(after, end_of_head(text))
    begins = _BEGINS.search(text, head)
    start = begins.start() if begins else head
    foot = [match.start() for match in _FOOT.finditer(text, start)]
    return start, foot[0] if foot else len(text)


def _is_short_task(text: str, line: str, sentence: re.Match[str], first: int, last: int) -> bool:
    """True for an item of a list in a few words that names a kind of activity: "- Treo băng rôn;"."""
    is_item = text[last : last + 1] in (";", ".") or _DASH.match(text, sentence.start())
    return bool(is_item) and any(kind.search(line, first, last) for kind in phrases()["kinds"].values())


def _tasks(text: str, line: str, start: int, end: int, slogans: Sequence[Finding]) -> Iterator[Finding | None]:
    every = [pattern for group in phrases().values() for pattern in group.values()]
    kinds = phrases()["kinds"].values()
    for sentence in _SENTENCE.finditer(text, start, end):
        row = _ROW.match(text, *sentence.span())
        first, last = row.span(1) if row else sentence.span()
        for before in (_BLANKS, _MARK, _HEADING):
            mark = before.match(text, first, last)
            first = mark.end() if mark else first
        while last > first and text[last - 1] in " \n\t;.:":
            last -= 1
        if not 10 <= last - first <= TASK_CHARS:
            continue
        if _NO_TASK.match(text, first, last) and not _is_short_task(text, line, sentence, first, last):
            continue
        if text[last : last + 1] == ":" and not any(kind.search(line, first, last) for kind in kinds):
            continue  # who asks whom, above the list of what is asked
        if _IS_TITLE.match(text, last) and last - first < TITLE_CHARS:
            continue
        if any(each.start <= first + 2 and last <= each.end + 2 for each in slogans):
            continue
        if any(not _is_in(word, slogans) for each in every for word in each.finditer(line, first, last)):
            yield at(f.TASK, text, first, last)
