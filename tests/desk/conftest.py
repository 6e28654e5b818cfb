"""The desk through Flask's client, on both databases, with phones beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.core import passwords
from server.core.db import writing
from server.services.access import desk_sessions
from support.clients.client import Client
from support.clients.phone import Phone
from support.world.lost import Lost
from support.world.world import PASSWORD, World
from support.world.world import world as make_world


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least work: argon2 is slow on purpose, and most tests sign in."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A small province."""
    with make_world(database_url, tmp_path / "data") as made:
        yield made


@dataclass
class Form:
    """One form of a page: its action, and its inputs as a browser would send them unchanged."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Desk:
    """A browser at the desk that remembers the last page."""

    http: FlaskClient
    html: str = ""
    status: int = 0
    location: str = ""

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

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        self.get("/desk/sign-in")
        return self.post(self.form("/desk/sign-in"), username=username, password=password)

    @property
    def text(self) -> str:
        """The visible text, blanks collapsed."""
        body = re.sub(r"<head>.*?</head>", "", self.html, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def figures(self) -> dict[str, dict[str, str]]:
        """The table of figures: each unit's cells by their heading, and its progress under `standing`."""
        _, heads, *rows = [
            [
                " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())
                for cell in re.findall(r"<t[hd][^>]*>(.*?)(?:<small>.*?)?</t[hd]>", row, re.DOTALL)
            ]
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", self.html, re.DOTALL)
        ]
        return {row[0]: dict(zip(("standing", *heads), row[1:], strict=True)) for row in rows}

    def forms(self) -> list[Form]:
        """All forms but the search in the header of every page."""
        found = []
        for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", self.html, re.DOTALL):
            if 'role="search"' in attributes:
                continue
            body = inside + self._apart(attributes, inside)
            action = re.search(r'action="([^"]*)"', attributes)
            form = Form(unescape(action[1]).partition("#")[0] if action else "")  # browsers keep what is behind #
            for tag in re.findall(r"<input[^>]*>", body):
                marks = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
                kind = marks.get("type", "text")
                if kind in ("radio", "checkbox") and " checked" not in tag:
                    continue
                if "name" in marks:
                    form.values.setdefault(unescape(marks["name"]), []).append(unescape(marks.get("value", "")))
            for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body, re.DOTALL):
                chosen = re.search(r'<option value="([^"]*)" selected', options)
                form.values[unescape(name)] = [unescape(chosen[1]) if chosen else ""]
            for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
                form.values[unescape(name)] = [unescape(text)]
            found.append(form)
        return found

    def _apart(self, attributes: str, inside: str) -> str:
        """The fields that stand elsewhere on the page and name this form."""
        named = re.search(r'id="([^"]*)"', attributes)
        if named is None:
            return ""
        mine, rest = rf'form="{named[1]}"[^>]*>', self.html.replace(inside, "")
        tags = [rf"<input[^>]*{mine}", *(rf"<{tag}[^>]*{mine}.*?</{tag}>" for tag in ("select", "textarea"))]
        return "".join(found for tag in tags for found in re.findall(tag, rest, re.DOTALL))

    def form(self, action: str) -> Form:
        """The form whose action ends like this."""
        return next(form for form in self.forms() if form.action.endswith(action))

    def has_form(self, action: str) -> bool:
        return any(form.action.endswith(action) for form in self.forms())

    def _take(self, answer: TestResponse) -> str:
        self.status, self.html = answer.status_code, answer.get_data(as_text=True)
        return self.html


@pytest.fixture
def desk(world: World) -> Callable[..., Desk]:
    """`desk("huyen")`: signed in; `desk()`: a browser that is not."""

    def make(username: str = "") -> Desk:
        made = Desk(world.app.test_client())
        if username:
            token_of(world, made, username)
        return made

    return make


def token_of(world: World, made: Desk, username: str) -> None:
    """Open a session without the 0.2 s that a password takes."""
    with world.app.app_context(), writing() as session:
        token = desk_sessions.open_session(session, world.officers[username])
    with made.http.session_transaction() as cookie:
        cookie["desk"] = token


@pytest.fixture
def phone(world: World) -> Callable[..., Phone]:
    """`phone("xa1")`: a new phone of that officer."""

    def make(username: str, unit: str = "12286") -> Phone:
        calling = Client(world.app.test_client(), world.token(username))

        def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            answer = calling.post("/sync", json=body)
            return answer.status_code, answer.get_json()

        return Phone(send, world.units[unit], world.campaign)

    return make


@pytest.fixture
def lost(world: World) -> Callable[[str], Lost]:
    """An officer's phone that has enrolled and cannot send."""
    return lambda username: Lost(world, username)
