"""Forms and addresses are declared and read in one place; what a declaration says is how an input is read."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Annotated

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict

from server import desk
from server.core.problem_details import Problem
from server.desk.inputs import Bare, FileForm, Inputs, Line, Lines, Page, among, count, cut, flag, named, only

DESK = Path(desk.__file__).parent
BEFORE_A_VIEW = {"guard.py", "held.py", "typed_days.py", "where.py", "access/again.py"}
"""What keeps, mends or sends on a whole form, before a view reads it."""


class Every(Inputs):
    """One input of each way."""

    text: str
    line: Line
    lines: Lines
    short: Annotated[str, cut(3)]
    kind: Annotated[str, among(("a", "b"))] = "b"
    digits: Annotated[str, only(str.isdecimal)]
    maybe: str | None
    yes: bool
    there: Bare
    deep: Annotated[bool, flag("every", "reach")]
    several: list[str]
    day: date | None
    page: Page
    before: Annotated[int, count(digits=3)]
    from_: str
    why: Annotated[dict[str, str], named("why.")]
    ticks: Annotated[dict[str, list[str]], named("tick.", several=True)]


class Numbered(Every):
    """With a number that the page made."""

    number: int


def test_each_input_is_read_as_it_is_declared() -> None:
    given = [("text", " a "), ("line", " a "), ("lines", "a\r\nb"), ("short", "abcd"), ("kind", "a"), ("digits", "12")]
    given += [("maybe", ""), ("yes", "1"), ("there", ""), ("reach", "every"), ("several", "1"), ("several", "2")]
    given += [("day", "2021-07-05"), ("page", "3"), ("before", "99"), ("from", "x"), ("why.a", "1"), ("why.b", "2")]
    given += [("tick.a", "1"), ("tick.a", "2"), ("unknown", "x")]
    read = Every.read(MultiDict(given))
    assert read.values() == {
        "text": " a ",
        "line": "a",
        "lines": "a\nb",
        "short": "abc",
        "kind": "a",
        "digits": "12",
        "maybe": "",
        "yes": True,
        "there": True,
        "deep": True,
        "several": ["1", "2"],
        "day": date(2021, 7, 5),
        "page": 3,
        "before": 99,
        "from_": "x",
        "why": {"a": "1", "b": "2"},
        "ticks": {"a": ["1", "2"]},
    }


def test_what_is_not_there_is_empty_and_what_is_odd_is_as_usual() -> None:
    nothing = Every.read({})
    assert (nothing.text, nothing.kind, nothing.maybe, nothing.yes, nothing.there) == ("", "b", None, False, False)
    assert (nothing.several, nothing.day, nothing.page, nothing.before, nothing.why) == ([], None, 1, 0, {})
    odd = Every.read(
        {"kind": "c", "digits": "x", "yes": "0", "reach": "all", "day": "5/7", "page": "²", "before": "9999"}
    )
    assert odd == nothing


def test_an_address_says_what_is_not_as_usual() -> None:
    read = Every.read({"kind": "a", "reach": "every", "yes": "1", "day": "2021-07-05", "page": "2"})
    assert read.args() == {"kind": "a", "reach": "every", "yes": 1, "day": "2021-07-05", "page": 2}
    assert read.args(kind="b", deep=False, day=None, page=1, from_="x") == {"yes": 1, "from": "x"}
    assert Every.read({name: str(value) for name, value in read.args().items()}) == read
    assert read.but(page=1).args() == read.args(page=1)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "²", "1234567890"])
def test_a_number_that_no_page_made_is_refused(text: str) -> None:
    assert Numbered.read({"number": "12"}).number == 12
    for given in ({"number": text}, {}):
        with pytest.raises(Problem) as refused:
            Numbered.read(given)
        assert (refused.value.code, refused.value.field) == ("bad_request", "number")


def test_what_is_understood_is_known_by_name() -> None:
    known = Every.understood()
    assert known["reach"]("every")
    assert not known["reach"]("all")
    assert known["kind"]("a")
    assert not known["kind"]("c")
    assert known["from"]("anything")
    assert "deep" not in known


def test_a_file_is_kept_while_it_is_read() -> None:
    app = Flask(__name__)
    sent = {"file": (io.BytesIO(b"abc"), "a.xlsx")}
    with app.test_request_context("/", method="POST", data=sent):
        form = FileForm.sent()
        assert form.file_name == "a.xlsx"
        with form.kept() as path:
            assert path.read_bytes() == b"abc"
        assert not path.exists()
    with app.test_request_context("/", method="POST", data={"file": FileStorage(io.BytesIO(b""), "")}):
        assert FileForm.sent().file is None
        with FileForm.sent().kept() as path:
            assert not path.exists()
        with FileForm.sent().kept(empty=True) as path:
            assert path.read_bytes() == b""


def test_no_view_reads_a_form_or_an_address_by_hand() -> None:
    by_hand = {
        str(file.relative_to(DESK))
        for file in DESK.rglob("*.py")
        if re.search(r"\brequest\.(form|args|files|values)\b", file.read_text("utf-8"))
    }
    assert by_hand == BEFORE_A_VIEW | {"inputs.py"}
