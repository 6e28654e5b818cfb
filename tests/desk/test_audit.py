"""The log at the desk: who reads it and in which words, filters, pages, the file, an altered line."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import update

from server.core.db import db, writing
from server.models import Officer
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import staff
from server.serving.installation import installed
from support.checks.audit_log import heads_file, lines, tamper
from support.clients.desk import MakeDesk
from support.installation.machine import Machine
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_the_page_says_it_in_words(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        staff.give_role(session, world.officers["xa1"], world.units["331"], "reviewer")
    one = desk("quantri")
    one.get("/desk/people")
    assert 'href="/desk/audit"' in one.html
    one.get("/desk/audit")
    assert one.status == 200
    last = lines(world)[-1]
    for said in (
        "Giao vai trò Cán bộ: Cán bộ 1 xã Chính Nghĩa (xa1)",
        "vai trò: Người duyệt; đơn vị: Huyện Kim Động",
        "Xem danh sách cán bộ",
        f"Dòng cuối: {last.number}, ngày",
        f"mã {last.mac[:12]}.",
    ):
        assert said in one.text, said
    assert "(quantri) (Cán bộ)" not in one.text, "once is enough"
    assert "Đăng nhập Cán bộ: Quản trị" not in one.text, "who signed in stands below"
    one.post(one.form("/desk/language"), language="en")
    one.get("/desk/audit")
    assert "Role given Officer: Cán bộ 1 xã Chính Nghĩa (xa1)" in one.text


def test_it_is_for_administrators_and_coordinators_of_the_top_unit(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        staff.give_role(session, world.officers["xa2"], world.units["331"], "admin")
    for username, status in (("quantri", 200), ("tinh", 200), ("xa1", 403), ("xa2", 403), ("huyen", 403)):
        one = desk(username)
        for path in ("/desk/audit", "/desk/audit.csv"):
            one.get(path)
            assert one.status == status, (username, path)
        one.get("/desk/people")
        assert ("/desk/audit" in one.html) == (status == 200)
    assert desk().get("/desk/audit") is not None


def test_filters_and_pages(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        for _ in range(60):
            log.append(session, Act.ROLE_GIVEN, ("officer", world.officers["xa1"]), new={"unit": world.units["12286"]})
        log.append(session, Act.ROLE_ENDED, ("officer", world.officers["dinhcao"]), old={"unit": world.units["12397"]})
    one = desk("quantri")
    one.get("/desk/audit")
    assert one.html.count("<li>") == 50
    assert "Đăng nhập" in one.text
    link = re.search(r'rel="next" href="([^"]+)"', one.html)
    assert link is not None
    older = one.get(link[1].replace("&amp;", "&"))
    assert older.count("<li>") == 13
    assert 'rel="next"' not in older
    for query, has, lacks in (
        ("act=role_ended", "Kết thúc vai trò", "Giao vai trò Cán bộ"),
        ("q=dinhcao", "Kết thúc vai trò", "Giao vai trò Cán bộ"),
        (f"unit={world.units['333']}", "Kết thúc vai trò Cán bộ", "Giao vai trò Cán bộ"),
        (f"unit={world.units['331']}", "Giao vai trò Cán bộ", "Kết thúc vai trò Cán bộ"),
        ("from=2021-01-01&to=2021-01-02", "Không có dòng nào như vậy.", "Giao vai trò Cán bộ"),
        ("from=x&to=9&before=x&act=x", "Kết thúc vai trò Cán bộ", "Không có dòng nào"),
    ):
        one.get(f"/desk/audit?{query}")
        shown = one.html.rpartition("/desk/audit.csv")[2]
        said = " ".join(re.sub(r"<[^>]+>", " ", shown).split())
        assert has in said, query
        assert lacks not in said, query


def test_the_file_has_a_mark_for_excel_and_no_formula(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(Officer).where(Officer.username == "xa1").values(name="=cmd|' /C calc'!A0"))
        log.append(session, Act.ACCOUNT_DISABLED, ("officer", world.officers["xa1"]))
    one = desk("quantri")
    answer = one.http.get("/desk/audit.csv?csv=comma&act=account_disabled", buffered=True)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[:4] == ["Dòng", "Thời điểm", "Người thực hiện", "Loại"]
    assert row[head.index("Đối tượng")].startswith("Cán bộ: =cmd"), "behind a word it is no formula"
    with world.app.app_context(), writing() as session:
        staff.give_role(session, world.officers["xa1"], world.units["33"], "admin")
    desk("xa1")
    rows = list(
        csv.reader(io.StringIO(one.http.get("/desk/audit.csv?csv=comma", buffered=True).data.decode("utf-8-sig")))
    )
    assert any(each[head.index("Người thực hiện")].startswith("'=cmd") for each in rows)
    assert not any(value.startswith(("=", "+", "-", "@")) for each in rows for value in each)
    assert [line.act for line in lines(world)][-1] == "log_read"


@pytest.mark.slow
def test_an_altered_line_is_named_by_the_command(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    one.get("/desk/audit.csv?csv=comma")
    settings = installed(world.app).settings
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), settings.data_dir)
    assert "The audit log is whole." in machine.done("audit", "verify")
    tamper(world, lambda c: c.exec_driver_sql("UPDATE audit_line SET actor_id = 'somebody else' WHERE number = 2"))
    result = machine.loa("audit", "verify")
    assert result.exit_code == 1
    assert "Line 2: changed: not as they were written." in result.output
    assert f"mac: {lines(world)[1].mac}" in machine.done("audit", "show", 2)
    assert machine.refused("audit", "show", 99) == "Error: There is no line 99."
    one.get("/desk/audit")
    assert one.status == 200, "the page shows what is there"


def test_a_page_that_cannot_be_logged_is_not_shown(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    file = heads_file(world)
    file.unlink()
    file.symlink_to("/dev/full")
    for path in ("people", "figures.csv"):
        one.get(f"/desk/{path}")
        assert one.status == 503
        assert "Chính Nghĩa" not in one.text.replace("Cán bộ", "") or (path == "people" and "xa1" not in one.text)
    file.unlink()
    one.get("/desk/people")
    assert one.status == 200
    with world.app.app_context():
        db.session.remove()


def test_the_last_day_of_all_is_no_filter(desk: MakeDesk) -> None:
    one = desk("quantri")
    for path in ("/desk/audit?to=9999-12-31", "/desk/audit.csv?csv=comma&to=9999-12-31", "/desk/audit?from=0001-01-01"):
        assert one.http.get(path, buffered=True).status_code == 200
