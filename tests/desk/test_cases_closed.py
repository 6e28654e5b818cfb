"""Confidential cases under attack: no place for an identity, no way in for others, nothing in what was stolen."""

from __future__ import annotations

import json
import logging
import re
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from server.core import clock
from server.core.clock import now_ms, stopped_at
from server.core.db import db, reading, writing
from server.models import CaseFile
from server.services.cases import case_log, store
from server.serving.installation import installed
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.installation.machine import Machine
from support.world.cases import act, entered, entitle, line, made
from support.world.confidential import proven, vault
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

IDENTITIES = ("Nguyễn Thị Lan", "033185001234", "123456789", "0912 345 678")


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def said(world: World, act_name: str) -> list[dict[str, Any]]:
    """What the log of cases says of an act, once the minute is over."""
    with world.app.app_context():
        with stopped_at(now_ms() + 2 * clock.MINUTE_MS):
            case_log.settle(vault(world))
        with reading() as session:
            lines = case_log.read(session, vault(world)).rows
    return [each.said for each in lines if each.said and each.said["act"] == act_name]


def machine(world: World) -> Machine:
    return Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), installed(world.app).settings.data_dir)


def routes(world: World) -> list[tuple[str, str]]:
    """Every address of cases, from the application itself."""
    return [
        (method, re.sub(r"<id:\w+>", "{id}", rule.rule))
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith(("cases.", "case."))
        for method in sorted(rule.methods or ())
        if method in ("GET", "POST")
    ]


def plain(html: str) -> str:
    """A page without its token, its request and its own address, which the choice of the language leads back to."""
    return re.sub(r'(csrf_token" value|nonce)="[^"]*"|value="/desk[^"]*"|Mã yêu cầu: \w+', "", html)


@pytest.mark.slow
@pytest.mark.parametrize("username", ["xa1", "huyen", "tinh", "quantri", "mat_phucu"])
@pytest.mark.costly
def test_every_other_role_is_refused_everywhere_and_that_is_logged(world: World, desk: MakeDesk, username: str) -> None:
    found = routes(world)
    assert len(found) > 22
    one = proven(world, desk(), username) if username.startswith("mat_") else desk(username)
    one.get("/desk/annex" if username.startswith("mat_") else "/desk/figures")
    assert '"/desk/cases"' not in one.html, "no menu entry"
    csrf = one.form("/desk/language").values["csrf_token"][0]

    def answers(id_: str) -> list[tuple[int, str]]:
        each = [
            one.http.open(path.replace("{id}", id_), method=method, data={"csrf_token": csrf}, buffered=True)
            for method, path in found
        ]
        return [(answer.status_code, plain(answer.get_data(as_text=True))) for answer in each]

    before = answers("a" * 16)
    assert {status for status, _ in before} == {404}
    assert len({body for _, body in before}) == 1, "each says the same"
    refused = said(world, "refused")
    assert {each["by"] for each in refused} == {world.officers[username]}
    assert sum(each["times"] for each in refused) == len(found)
    assert len(refused) <= 2, "one line a minute, however many tries"
    holder = entered(world, desk(), "mat_xa")
    case, _ = made(holder)
    assert answers(case) == before, "with a case or without one"
    holder.get("/desk/cases/log")
    assert "bị từ chối" not in holder.text, "a commune sees its own lines"
    above = entered(world, desk(), "mat_tinh")
    above.get("/desk/cases/log")
    assert "bị từ chối" in above.text
    assert "lần trong một phút" in above.text


@pytest.mark.slow
def test_other_holders_do_not_get_at_a_case(world: World, desk: MakeDesk) -> None:
    case, code = made(entered(world, desk(), "mat_xa"))
    for username in ("mat_nhanla", "mat_tinh"):
        one = entered(world, desk(), username)
        assert "Chưa có hồ sơ nào" in one.text, "a level above sees counts only"
        none = one.http.get(f"/desk/cases/{'a' * 16}")
        there = one.http.get(f"/desk/cases/{case}")
        assert (none.status_code, plain(none.text)) == (there.status_code, plain(there.text))
        assert there.status_code == 404
        one.get("/desk/cases")
        assert one.post(one.form("/desk/cases/find"), code=code).status_code == 422
    assert {each["by"] for each in said(world, "not_found")} == {
        world.officers[name] for name in ("mat_nhanla", "mat_tinh")
    }


@pytest.mark.slow
def test_no_address_has_a_code_and_no_browser_keeps_a_page(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, code = made(one)
    bare = code.replace("-", "")
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/find"), code=code)
    assert one.location.endswith(case)
    pages = [path.replace("{id}", case) for method, path in routes(world) if method == "GET"]
    pages.append(f"/desk/cases/{case}?sheet=1")
    assert len(pages) > 4
    for path in pages:
        answer = one.http.get(path)
        is_file = path.startswith("/desk/cases/left/")  # of a merged unit, which this is not (test_cases_merged.py)
        assert answer.status_code == (404 if is_file else 200), path
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["Referrer-Policy"] == "strict-origin", "else what it loads names the case in a log"
        for address in re.findall(r'(?:href|action|src)="([^"]+)"', answer.text):
            assert bare not in address.replace("-", "").upper(), address
    refused = one.http.get("/desk/cases/" + "a" * 16)
    assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.databases("both")
@pytest.mark.parametrize("username", ["xa1", "mat_nhanla"])
def test_neither_time_nor_length_tells_whether_there_is_a_case(world: World, desk: MakeDesk, username: str) -> None:
    """The database is asked the same, and the answer is of one length: what differs is noise."""
    case, _ = made(entered(world, desk(), "mat_xa"))
    one = entered(world, desk(), username) if username.startswith("mat_") else desk(username)
    with world.app.app_context():
        engine = db.engine

    def cost(id_: str) -> tuple[int, int, int]:
        with counted(engine) as counts:
            answer = one.http.get(f"/desk/cases/{id_}", buffered=True)
        return answer.status_code, counts.statements, len(plain(answer.text))

    one.http.get(f"/desk/cases/{'a' * 16}")
    assert cost(case) == cost("a" * 16)


@pytest.mark.slow
@pytest.mark.costly
def test_no_input_takes_a_name_or_a_number(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")
    line(one, case, "medical", "needed", "2025-08-21")
    pages = ("", "/new", "/figures", f"/{case}", "/log", "/door")
    tried, values = 0, cycle(IDENTITIES)
    for page in pages:
        one.get(f"/desk/cases{page}")
        assert "<textarea" not in one.html
        texts = set(re.findall(r'<input(?![^>]*type=)(?![^>]*class="day")[^>]*name="([^"]+)"', one.html))
        assert texts <= {"code", "paper_number"}, "no field to type into but that of a code, and five digits"
        numbers = re.findall(r'<input[^>]*name="paper_number"[^>]*>', one.html)
        assert all('maxlength="5"' in each and 'pattern="[0-9]*"' in each for each in numbers)
        for form in one.forms():
            if "/cases" not in form.action or form.action.endswith("/figures"):
                continue  # the last one chooses what to look at
            for name in set(form.values) - {"csrf_token"}:
                for _ in range(2):
                    answer = one.http.post(form.action, data=form.values | {name: [next(values)]})
                    assert answer.status_code in (303, 400, 401, 404, 409, 422), (form.action, name)
                    tried += 1
            if form.action.endswith(("/leave", "/enter")):
                entered(world, one, "mat_xa")
                one.get(f"/desk/cases/{case}")
                one.post(one.form(f"/{case}/reason"), why="record")
    assert tried > 60
    stored = everything(world)
    for identity in IDENTITIES:
        assert identity not in stored
        assert identity.replace(" ", "") not in stored.replace(" ", "")


def everything(world: World) -> str:
    """All tables as text, with the cases and their log opened."""
    rows = json.dumps(machine(world).rows(), ensure_ascii=False)
    with world.app.app_context(), reading() as session:
        opened = [store.opened(vault(world), row).data.plain for row in session.scalars(select(CaseFile))]
        first = case_log.read(session, vault(world))
        lines = list(first.rows)
        for page in range(2, first.pages + 1):
            lines += case_log.read(session, vault(world), page).rows
    assert opened
    return rows + json.dumps([opened, [each.said for each in lines]], ensure_ascii=False)


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_a_stolen_database_a_backup_and_the_logs_tell_nothing(
    world: World, desk: MakeDesk, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    one = entered(world, desk(), "mat_xa")
    case, code = made(one, received="2025-09-13", category="minor_identified_abroad", source="abroad")
    line(one, case, "interpreter", "provided", "2025-09-17")
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/find"), code=code)
    _, twin = made(one, received="2025-09-13")
    act(one, case, "link", code=twin)
    act(one, case, "hand-over", to=world.units["12289"])
    here, copy = machine(world), tmp_path / "backup"
    here.done("backup", copy)
    bare = code.replace("-", "")
    secrets = (code, bare, twin, twin.replace("-", ""), "2025-09-13", "2025-09-17", "minor_identified_abroad")
    places = [path for folder in (here.data_dir, copy) for path in folder.rglob("*") if path.is_file()]
    whole = b"".join(path.read_bytes() for path in places) + json.dumps(here.rows()).encode()
    if here.url.startswith("sqlite"):
        whole += b"".join(path.read_bytes() for path in Path(here.url.removeprefix("sqlite:///")).parent.glob("*.*"))
    assert case.encode() in whole, "the search finds what is there"
    for secret in secrets:
        assert secret.encode() not in whole, secret
        assert secret not in caplog.text, secret
    with world.app.app_context():
        engine = create_engine(here.url)
        with engine.connect() as connection:
            audit = str([tuple(row) for row in connection.execute(text("SELECT * FROM audit_line"))])
            tables = {
                name: str([tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))])  # our own names
                for name in ("case_file", "case_count", "case_log_line")
            }
        engine.dispose()
    assert case not in audit, "administrators read that log"
    assert world.units["12286"] not in "".join(tables.values()), "not even whose cases they are"
    assert world.officers["mat_xa"] not in "".join(tables.values())
    lengths = {len(row) for row in re.findall(r"'([A-Za-z0-9+/=]{2000,})'", tables["case_file"])}
    assert len(lengths) == 1, "a long case and a short one are of one length"


def unguard(world: World, *statements: str) -> None:
    """Change the log as an administrator of the database may."""
    with world.app.app_context(), writing() as session:
        connection = session.connection()
        postgresql = connection.dialect.name == "postgresql"
        if postgresql:
            connection.exec_driver_sql("ALTER TABLE case_log_line DISABLE TRIGGER USER")
        else:
            for name in ("case_log_line_no_update", "case_log_line_no_delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.databases("both")
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE case_log_line SET sealed = (SELECT sealed FROM case_log_line WHERE number = 5) WHERE number = 4",
         "Line 4 of the cases' log: not as it was written."),
        ("UPDATE case_log_line SET digest = '0' WHERE number = 4", "Line 4 of the cases' log: not as it was written."),
        ("DELETE FROM case_log_line WHERE number = 4", "Lines 4 to 4 of the cases' log: missing."),
        ("DELETE FROM case_log_line WHERE number > 4", "of the cases' log: cut off"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_the_command_finds_what_was_done_to_the_log(world: World, desk: MakeDesk, statement: str, found: str) -> None:
    made(entered(world, desk(), "mat_xa"))
    here = machine(world)
    assert "The audit log is whole." in here.done("audit", "verify")
    unguard(world, statement)
    result = here.loa("audit", "verify")
    assert result.exit_code == 1
    assert found in result.output


@pytest.mark.databases("both")
@pytest.mark.slow
def test_the_log_is_not_altered_while_its_triggers_stand(world: World, desk: MakeDesk) -> None:
    made(entered(world, desk(), "mat_xa"))
    for statement in ("UPDATE case_log_line SET prev = '' WHERE number = 2", "DELETE FROM case_log_line"):
        with (
            world.app.app_context(),
            pytest.raises(Exception, match="log of cases is not altered"),
            writing() as session,
        ):
            session.execute(text(statement))


@pytest.mark.slow
def test_the_commands(world: World, desk: MakeDesk) -> None:
    here = machine(world)
    assert "somebody has the right already" in here.refused("cases", "first", "mat_xa", "--unit", "12286")
    made(entered(world, desk(), "mat_xa"))
    assert "0 rows are under the newest key." in here.done("cases", "rotate")
    assert "0 cases would be reduced to counts." in here.done("cases", "reduce", "--months", 60)
    assert here.loa("cases", "reduce", "--months", 3).exit_code == 2
