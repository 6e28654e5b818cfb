"""The desk through Flask's client: a browser that remembers its last page, read by an HTML parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from server.core.db import writing
from server.services.access import desk_sessions
from support.world.world import PASSWORD, World


def words(element: Any) -> str:
    """The text of an element and of all within, blanks collapsed; what two elements say stands apart."""
    return " ".join(" ".join(_texts(element)).split())


def _texts(element: Any) -> Iterator[str]:
    for part in element.iter():
        if isinstance(part.tag, str):  # a comment has a function for a tag
            yield part.text or ""
        if part is not element:
            yield part.tail or ""


@dataclass
class Form:
    """One form of a page: its action, and its inputs as a browser would send them unchanged."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)


class Page:
    """What a browser makes of an answer."""

    def __init__(self, text: str) -> None:
        self._root = html.document_fromstring(text) if text.strip() else html.Element("html")

    def all(self, path: str) -> list[Any]:
        """The elements of an XPath, like `//table[@id='x']//td`, or the values of an attribute."""
        return list(self._root.xpath(path))

    def texts(self, path: str) -> list[str]:
        """What each element of an XPath says."""
        return [words(each) for each in self.all(path)]

    @cached_property
    def text(self) -> str:
        """The visible text."""
        return " ".join(words(each) for each in self._root.iterchildren() if each.tag != "head")

    @cached_property
    def forms(self) -> list[Form]:
        """All forms but the search in the header of every page."""
        return [self._form(each) for each in self.all("//form[not(@role='search')]")]

    def _form(self, element: Any) -> Form:
        form = Form(str(element.get("action", "")).partition("#")[0])  # browsers keep what is behind #
        named = element.get("id")
        elsewhere = f" | //*[self::input or self::select or self::textarea][@form='{named}']" if named else ""
        inside = ".//*[self::input or self::select or self::textarea]"
        for each in element.xpath(inside + elsewhere):
            name, kind = each.get("name"), each.get("type", "text")
            if name is None or (kind in ("radio", "checkbox") and each.get("checked") is None):
                continue
            if each.tag == "input":
                form.values.setdefault(name, []).append(each.get("value", ""))
            elif each.tag == "textarea":
                form.values[name] = [(each.text or "").removeprefix("\n")]
            else:
                chosen = each.xpath(".//option[@selected]/@value")
                form.values[name] = [chosen[0] if chosen else ""]
        return form


@dataclass
class Desk:
    """A browser at the desk that remembers the last page."""

    http: FlaskClient
    html: str = ""
    status: int = 0
    location: str = ""
    _page: Page | None = None

    def get(self, path: str) -> str:
        return self._take(self.http.get(path, buffered=True))

    def post(self, form: Form, **values: Any) -> TestResponse:
        """Send a form with some inputs filled in; names with dots as `**{"f.quantity": "5"}`; None removes one.

        Who approves on the page of a record that is not ready says why, unless the test does: most records of tests
        have neither photos nor hints.
        """
        if form.values.get("despite") == [""] and values.get("verdict") == "counted":
            values.setdefault("despite", "Đã xem ảnh in tại xã.")
        sent = form.values | {name: value if isinstance(value, list) else [value] for name, value in values.items()}
        data = {name: value for name, value in sent.items() if value != [None]}
        answer = self.http.post(form.action, data=data, buffered=True)
        self._take(answer)
        if answer.status_code == 303:
            self.location = answer.headers["Location"]
        return answer

    def follow(self) -> str:
        return self.get(self.location)

    def cookie(self, name: str) -> str:
        """The value of a cookie that the browser has."""
        found = self.http.get_cookie(name)
        assert found is not None, name
        return found.value

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        self.get("/desk/sign-in")
        return self.post(self.form("/desk/sign-in"), username=username, password=password)

    @property
    def page(self) -> Page:
        """The last page, parsed once somebody asks."""
        if self._page is None:
            self._page = Page(self.html)
        return self._page

    @property
    def text(self) -> str:
        """The visible text, blanks collapsed."""
        return self.page.text

    def figures(self) -> dict[str, dict[str, str]]:
        """The table of figures: each unit's cells by their heading, and its progress under `standing`."""
        said = "./node()[not(self::small) and not(preceding-sibling::small)]/descendant-or-self::text()"
        _, heads, *rows = [
            [" ".join(" ".join(cell.xpath(said)).split()) for cell in row.xpath("./th | ./td")]
            for row in self.page.all("//tr")
        ]
        return {row[0]: dict(zip(("standing", *heads), row[1:], strict=True)) for row in rows}

    def forms(self) -> list[Form]:
        """All forms but the search in the header of every page."""
        return self.page.forms

    def form(self, action: str) -> Form:
        """The form whose action ends like this."""
        return next(form for form in self.forms() if form.action.endswith(action))

    def has_form(self, action: str) -> bool:
        return any(form.action.endswith(action) for form in self.forms())

    def _take(self, answer: TestResponse) -> str:
        self.status, self.html = answer.status_code, answer.get_data(as_text=True)
        self._page = None
        return self.html


MakeDesk = Callable[..., Desk]
"""`desk("huyen")`: signed in; `desk()`: a browser that is not."""


def token_of(world: World, made: Desk, username: str) -> None:
    """Open a session without the 0.2 s that a password takes."""
    with world.app.app_context(), writing() as session:
        token = desk_sessions.open_session(session, world.officers[username])
    with made.http.session_transaction() as cookie:
        cookie["desk"] = token
