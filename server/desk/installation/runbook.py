"""The runbook of who operates the server, at the desk: docs/vi/van-hanh.md, in English docs/operate.md.

It reads the few forms of Markdown that those two have. A link to another paper is its words alone: the desk has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final

from flask import abort, render_template

from server.core import paths
from server.desk.guard import guarded
from server.serving.every_request import language

Marked = list[tuple[str, str]]
"""A line in pieces, each with the tag that it stands in; none for most."""
PAPERS: Final = {"vi": "vi/van-hanh.md", "en": "operate.md"}
bp = guarded("runbook")


@dataclass(frozen=True, slots=True)
class PaperPart:
    """A part of the page. `form`: heading, text, code, steps, points or table; of a table each line is its cells."""

    form: str
    lines: list[Marked]
    cells: list[list[Marked]]


@bp.get("/runbook")
def show() -> str:
    """Show it to administrators and coordinators of the top unit."""
    path = paths.document(PAPERS[language()])
    if path is None:
        abort(404)
    title, *parts = parts_of(path.read_text("utf-8"))
    return render_template("desk/installation/runbook.html", title=title.lines[0], parts=parts)


@cache
def parts_of(text: str) -> list[PaperPart]:
    """Return the parts of a paper, the title first."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[PaperPart]:
    for nth, block in enumerate(re.split(r"^```.*\n?", text, flags=re.MULTILINE)):
        if nth % 2:
            yield PaperPart("code", [[("", block.rstrip())]], [])
            continue
        for form, lines in groupby((line for line in block.splitlines()), key=_form):
            if form:
                said = list(lines)
                rows = [line.strip("| ").split(" | ") for line in said if not re.match(r"\| -", line)]
                plain = [re.sub(r"^(#+|\d+\.|-) ", "", line) for line in said]
                if form == "text":
                    plain = [" ".join(plain)]
                cells = [[_marked(cell) for cell in row] for row in rows] if form == "table" else []
                yield PaperPart(form, [_marked(line) for line in plain], cells)


def _form(line: str) -> str:
    """Return what a line is part of; nothing for an empty one."""
    for form, begin in (("heading", r"#+ "), ("table", r"\|"), ("steps", r"\d+\. "), ("points", r"- ")):
        if re.match(begin, line):
            return form
    return "text" if line.strip() else ""


def _marked(text: str) -> Marked:
    """Return the line in pieces."""
    said = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    found = re.finditer(r"`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>[^*]+)\*|(?P<plain>[^`*]+|.)", said)
    return [
        ("" if each.lastgroup == "plain" else str(each.lastgroup), str(each[str(each.lastgroup)])) for each in found
    ]
