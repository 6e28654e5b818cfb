"""Text that no database can hold, and text that no header can carry, on every route of the desk and of the API."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from inspect import isclass
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from server.desk.figures import table
from server.desk.inputs import Inputs
from server.desk.list_filter import ListAsked
from server.desk.review import decisions, queue, settling
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

DESK = Path(__file__).parents[2] / "server" / "desk"
NUL, CONTROL = "a\0b", "a\nb\r\x7f\x85c"
IN_JSON = json.dumps({"a\0b": ["c\0d"]})
JSON_INPUTS = {"basis", "draft", "draft.x", "shown", "o.note", "o.schedule"}
LEFT_OUT = {"entry.sign_out", "desk.static"}
"""What ends the session, and what reads no text."""


def names(view: Callable[..., object]) -> set[str]:
    """Of the inputs that a view's file reads: those of its declarations, and what it makes of a kind's form."""
    return names_in(Path(inspect.getfile(inspect.unwrap(view))))


@cache
def names_in(file: Path) -> set[str]:
    if DESK not in file.parents:
        return {"x"}
    source, module = (
        file.read_text("utf-8"),
        import_module(".".join(file.relative_to(DESK.parents[1]).with_suffix("").parts)),
    )
    declared = {each for each in vars(module).values() if isclass(each) and issubclass(each, Inputs)} - {Inputs}
    found = {name for each in declared for name in each.names("x")}
    found |= set(re.findall(r"""(?:args|form|values)\.get(?:list)?\(\s*"([a-z_]+)\"""", source))
    if "list_filter.read(" in source:
        found |= set(ListAsked.names("x"))
    if "forms.read(" in source:
        found |= {"f.note", "o.note", "f.schedule.from", "o.schedule", "unit", "campaign", "kind"}
    return found or {"x"}


def test_the_names_are_found() -> None:
    assert names(decisions.count) >= {"from", "basis", "reason", "verdict"}
    assert names(table.show) >= {"unit", "campaign"}
    assert names(queue.show) >= {"unit", "campaign", "page"}
    assert names(settling.settle) == {"draft", "side.x"}


def filled(rule: Rule, ids: dict[str, str], odd: str) -> Iterator[str]:
    """Its address with real ids first, then with one of them odd in turn."""
    real = {name: ids.get(name, "x") for name in rule.arguments}
    for one in [None, *sorted(rule.arguments)]:
        path = rule.rule
        for name, value in real.items():
            path = re.sub(rf"<(\w+:)?{name}>", quote(odd if name == one else value, safe=""), path)
        yield path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database_url", "odd"),
    [
        pytest.param("sqlite", NUL, id="sqlite-nul", marks=pytest.mark.costly(soak=True)),
        pytest.param("postgresql", NUL, id="postgresql-nul"),  # which holds none
        pytest.param("sqlite", CONTROL, id="sqlite-control"),
        pytest.param("postgresql", CONTROL, id="postgresql-control", marks=pytest.mark.costly(soak=True)),
        pytest.param("sqlite", IN_JSON, id="sqlite-json", marks=pytest.mark.costly(soak=True)),
        pytest.param("postgresql", IN_JSON, id="postgresql-json"),  # nor in JSON
    ],
    indirect=["database_url"],
)
@pytest.mark.costly
def test_no_route_of_the_desk_fails_on_it(world: World, desk: MakeDesk, phone: MakePhone, odd: str) -> None:
    """An unhandled error is raised here, and fails the test."""
    officer = phone("xa1")
    record = officer.create("broadcast", note="x")
    officer.sync()
    one = desk("tinh")
    one.get("/desk/queue")
    token = one.forms()[0].values["csrf_token"][0]
    ids = {"record": record, "officer": world.officers["xa1"], "campaign": world.campaign, "unit": world.units["12286"]}
    real = {**ids, "from": "state=all", "draft": json.dumps({"id": "x" * 16, "at": 1, "basis": {}, "also": []})}
    asked = 0
    for rule in world.app.url_map.iter_rules():
        if rule.rule.startswith("/api/") or rule.endpoint in LEFT_OUT:
            continue
        read = names(world.app.view_functions[rule.endpoint])
        inputs = sorted(read & JSON_INPUTS if odd == IN_JSON else read)
        for nth, path in enumerate(filled(rule, ids, odd)):
            for method in (rule.methods or set()) & {"GET", "POST"}:
                for name in inputs[:1] if nth else inputs:  # one odd address is as odd whatever comes with it
                    values = MultiDict({**real, name: odd, "csrf_token": token})
                    values.update({f"basis.{odd}": '{"note": ["x"]}'})
                    sent = {"query_string": {name: odd}} if method == "GET" else {"data": values}
                    answer = one.http.open(path, method=method, buffered=True, **sent)
                    asked += 1
                    assert answer.status_code < 500, (method, path, name)
                    assert answer.status_code != 401
                    location = answer.headers.get("Location", "")
                    assert location.isascii(), (method, path, name, location)
                    assert location.isprintable() or not location, (method, path, name, location)
    assert asked > 30


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database_url", "odd"),
    [
        pytest.param("sqlite", NUL, id="sqlite-nul", marks=pytest.mark.costly(soak=True)),
        pytest.param("postgresql", NUL, id="postgresql-nul"),
        pytest.param("sqlite", CONTROL, id="sqlite-control"),
        pytest.param("postgresql", CONTROL, id="postgresql-control", marks=pytest.mark.costly(soak=True)),
    ],
    indirect=["database_url"],
)
@pytest.mark.costly
def test_no_route_of_the_api_fails_on_it(world: World, odd: str) -> None:
    one = Client(world.app.test_client(), world.token("xa1"))
    record = dict.fromkeys(("unit", "campaign", "record"), "x" * 16)
    bodies = [
        {"cursors": [{"unit": odd, "campaign": odd, "position": 1, "tag": odd, "floor": 0}]},
        {"writes": [{"id": "y" * 16, "at": 1, "kind": odd, "unit": odd, "campaign": odd, "set": {odd: odd}}]},
        {"writes": [{"id": "y" * 16, "at": 1, "record": odd, "set": {"note": odd}, "seen": [odd]}]},
        {"photos": [odd]},
        {"push": odd},
        {"ask": odd},
        {"known": [{**record, "number": odd, "writes": [odd]}]},
        {"known": [{**record, "unit": odd, "number": "1", "writes": []}]},
        {"code": odd, "label": odd, "nonce": odd},
        {"code": "12345678", "label": "x", "nonce": odd},
        {odd: odd},
    ]
    for rule in world.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/"):
            continue
        for path in filled(rule, {"sha256": "0" * 64, "key": "0" * 16, "size": "thumb", "record": "x" * 16}, odd):
            for method in (rule.methods or set()) & {"GET", "HEAD", "POST", "PATCH", "DELETE"}:
                for body in bodies:
                    answer = one.http.open(
                        path,
                        method=method,
                        json=body,
                        query_string={odd: odd},
                        headers={"Authorization": f"Bearer {one.token}", "Tus-Resumable": "1.0.0"},
                        buffered=True,
                    )
                    assert answer.status_code < 500, (method, path, body)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "path",
    [
        "/desk/queue?unit=%00",
        "/desk/queue?campaign=a%00b",
        "/desk/figures?unit=%00",
        "/desk/figures?campaign=%00",
        "/desk/sign-in?next=%00",
        "/api/v1/health?x=%00",
    ],
)
def test_nul_in_a_query_is_a_bad_request(desk: MakeDesk, path: str) -> None:
    assert desk("huyen").http.get(path).status_code == 400


@pytest.mark.databases("sqlite")
def test_nul_in_a_path_is_no_page(desk: MakeDesk) -> None:
    for path in ("/desk/records/%00", "/app/%00", "/api/v1/files/%00", "/desk/welcome/%00"):
        assert desk("huyen").http.get(path).status_code == 404, path


@pytest.mark.databases("sqlite")
def test_the_list_one_came_from_is_known_before_anything_is_counted(desk: MakeDesk, phone: MakePhone) -> None:
    """A line break in it was an error behind the commit: 500, and all was counted."""
    officer = phone("xa1")
    record = officer.create(slogan="s1")
    officer.sync()
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    basis = one.form("/decide").values["basis"][0]
    token = one.form("/decide").values["csrf_token"][0]
    sent = {"csrf_token": token, f"basis.{record}": basis, "from": "state=todo\nb&kind=banner"}
    answer = one.http.post("/desk/queue/count", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/queue?kind=banner")
    one.get("/desk/queue?state=all")
    assert "Đã duyệt" in one.text
