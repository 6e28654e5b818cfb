"""The confidential annex: who gets in, what is stored, how it is consolidated, and that it shows nowhere else."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import docx
import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from server.core.clock import now_ms, stopped_at
from server.core.db import db, reading, writing
from server.core.keyring import Keyring, Secret
from server.models import AuditLine, Campaign, SealedAnnex, SealedTotals
from server.services.confidential import document, feeds, resealing, sealed
from server.services.confidential.annexes import opened
from server.services.confidential.feeds import FEEDS
from server.services.confidential.totals import VictimTotals
from server.services.recovery import key_use
from support.jobs.inline import done
from support.world.changes import merge, status
from support.world.confidential import PEOPLE, appoint, authenticator, proven
from support.world.locking import lock
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
TOTALS, FREEZE = "/desk/annex/totals", "/desk/annex/freeze"
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _officers(world: World) -> None:
    appoint(world)


def page(one: Any, world: World, unit: str) -> Any:
    one.get(f"/desk/annex?unit={world.units[unit]}&campaign={world.campaign}")
    return one


def enter(one: Any, world: World, unit: str, **counts: Any) -> Any:
    return one.post(page(one, world, unit).form(TOTALS), **counts)


def freeze(one: Any, world: World, unit: str) -> str:
    answer = one.post(page(one, world, unit).form(FREEZE), yes="1")
    assert answer.status_code == 303, one.text
    return str(one.location.rpartition("/")[2])


def word(one: Any, annex: str) -> Any:
    answer = one.http.get(f"/desk/annex/{annex}/word")
    assert answer.status_code == 200
    return docx.Document(io.BytesIO(answer.data))


def cells(made: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for table in made.tables for row in table.rows]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.costly
def test_from_the_commune_to_the_province_each_sees_what_those_below_froze(world: World, desk: MakeDesk) -> None:
    commune, other = proven(world, desk(), "mat_xa"), proven(world, desk(), "mat_nhanla")
    district, province = proven(world, desk(), "mat_huyen"), proven(world, desk(), "mat_tinh")
    assert enter(commune, world, "12286", received="3", supported="2", **{"r.medical": "2", "r.initial": "1"})
    assert commune.status == 303
    page(district, world, "331")
    assert "Xã Chính Nghĩa – – chưa chốt" in district.text, "entered and not frozen"
    first = freeze(commune, world, "12286")
    enter(other, world, "12289", nil="1")
    freeze(other, world, "12289")
    page(district, world, "331")
    assert "Số liệu của 2/2 đơn vị." in district.text
    assert "Tổng cộng 3 2" in district.text
    assert "Xã Nhân La KPS KPS" in district.text
    second = freeze(district, world, "331")
    page(province, world, "33")
    assert "Số liệu của 1/2 đơn vị." in province.text
    third = freeze(province, world, "33")
    made = word(province, third)
    assert ["", "Tổng cộng", "3", "2"] in cells(made)
    assert ["2", "Huyện Phù Cừ", "–", "–"] in cells(made)
    assert ["", "Hỗ trợ y tế", "người", "2"] in cells(made)
    assert "LƯU HÀNH NỘI BỘ" in " ".join(cells(made)[1])
    footer = made.sections[0].first_page_footer.paragraphs[0].text
    assert "Lưu hành nội bộ" in footer
    assert re.search(r"Mã [0-9A-Z-]{19}, mã kiểm tra [0-9a-f]{16}", footer)
    said = "\n".join(each.text for each in made.paragraphs)
    assert "Tiếp nhận: 03 người." in said
    assert "Số liệu của 01/02 đơn vị; đơn vị chưa báo cáo không tính trong số trên." in said
    assert word(province, first).paragraphs, "a province reads a commune's"
    assert province.http.get(f"/desk/annex/{third}/word").data == province.http.get(f"/desk/annex/{third}/word").data
    for one, annex in ((commune, second), (commune, third), (district, third), (other, first)):
        assert one.http.get(f"/desk/annex/{annex}").status_code == 404
        assert one.http.get(f"/desk/annex/{annex}/word").status_code == 404
    province.get(f"/desk/annex/{third}")
    assert "Đúng số liệu đã khóa" in province.text


def routes(world: World) -> list[tuple[str, str]]:
    """Every address of the annex, from the application itself."""
    found = []
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint.startswith("annex."):
            path = re.sub(r"<id:\w+>", "a" * 16, rule.rule)
            found += [(method, path) for method in sorted(rule.methods or ()) if method in ("GET", "POST")]
    return found


@pytest.mark.parametrize("username", ["xa1", "huyen", "tinh", "quantri"])
@pytest.mark.slow
def test_for_every_other_role_no_page_is_there(world: World, desk: MakeDesk, username: str) -> None:
    found = routes(world)
    assert len(found) > 7
    real = freeze_of(world, proven(world, desk(), "mat_xa"))
    one = desk(username)
    one.get("/desk/figures")
    assert "Phụ lục nội bộ" not in one.text, "no menu entry"
    csrf = one.form("/desk/language").values["csrf_token"][0]
    for method, path in found:
        absent = one.http.open(
            f"{path}x" if "a" * 16 in path else f"{path}/none", method=method, data={"csrf_token": csrf}
        )
        for address in (path, path.replace("a" * 16, real)):
            answer = one.http.open(address, method=method, data={"csrf_token": csrf})
            assert answer.status_code == 404, (method, address)
            assert "Không tìm thấy nội dung này" in answer.get_data(as_text=True)
        assert absent.status_code in (404, 405), path
    for address in (f"/desk/locked?id={real}", f"/desk/locked/{real}", f"/desk/locked/{real}/word"):
        here, none = (one.http.get(each).get_data(as_text=True) for each in (address, address.replace(real, "0" * 16)))
        plain = [re.sub(r"csrf_token\" value=\"[^\"]*\"", "", each) for each in (here, none)]
        assert plain[0].replace(real, "0" * 16) == plain[1], "what is refused looks like what is not there"


def freeze_of(world: World, one: Any, unit: str = "12286") -> str:
    enter(one, world, unit, received="7", supported="5")
    return freeze(one, world, unit)


def test_the_officer_of_another_branch_gets_the_answer_of_nothing(world: World, desk: MakeDesk) -> None:
    real = freeze_of(world, proven(world, desk(), "mat_xa"))
    far = proven(world, desk(), "mat_phucu")
    assert page(far, world, "12286").status == 404
    far.get(f"/desk/annex/find?id={real}")
    assert "Không có phụ lục mang mã" in far.text
    own = proven(world, desk(), "mat_xa")
    spoken = "-".join(real[at : at + 4] for at in range(0, 16, 4)).lower()
    assert own.http.get(f"/desk/annex/find?id={spoken}").status_code == 303
    form = page(own, world, "12286").form(TOTALS)
    form.values["unit"] = [world.units["331"]]
    assert own.post(form, received="1", supported="1").status_code == 404
    above = page(proven(world, desk(), "mat_huyen"), world, "12286")
    assert not above.has_form(TOTALS), "only the unit's own enter"
    form.values["unit"] = [world.units["12286"]]
    form.values["csrf_token"] = above.form("/desk/language").values["csrf_token"]
    assert above.post(form, received="1", supported="1").status_code == 404


def test_the_second_factor_is_asked_for_whatever_the_setting(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(
            text("UPDATE second_factor SET ended_at = 1 WHERE officer_id = :id"), {"id": world.officers["mat_xa"]}
        )
    one = desk()
    one.sign_in("mat_xa", PASSWORD)
    one.get("/desk/queue")
    assert one.location
    assert one.status == 303, "no further than the set-up"
    assert page(one, world, "12286").status == 303
    chief = desk("quantri")
    chief.get("/desk/people/second-factors")
    assert re.search(r'value="confidential" checked disabled', chief.html)
    chief.post(chief.form("/desk/people/second-factors"), role=["confidential", "coordinator"])
    chief.get("/desk/people/second-factors")
    chief.post(chief.form("/desk/people/second-factors"), role=None)
    assert page(one, world, "12286").status == 303


def test_a_proof_of_eleven_minutes_ago_is_asked_for_again(world: World, desk: MakeDesk) -> None:
    at = now_ms()
    one = proven(world, desk(), "mat_xa", age_ms=11 * MINUTE)
    assert page(one, world, "12286").status == 303
    one.get(one.http.get(f"/desk/annex?unit={world.units['12286']}").headers["Location"])
    assert "Xác nhận lại trước khi mở" in one.text
    assert one.post(one.form("/desk/annex/door")).status_code == 401
    assert one.post(one.form("/desk/annex/door"), proof="000000").status_code == 403
    with stopped_at(at + MINUTE):
        one.post(one.form("/desk/annex/door"), proof=authenticator(world, "mat_xa").code())
        assert one.location.startswith("/desk/annex?unit=")
        one.follow()
        assert one.has_form(TOTALS)
    with stopped_at(at + 20 * MINUTE):
        assert enter_kept(one) == 401, "a form asks by itself"


def enter_kept(one: Any) -> int:
    return int(one.post(one.form(TOTALS), received="1", supported="1").status_code)


def test_the_door_leads_to_the_annex_alone(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    for wanted in ("//evil.example/desk/annex", "https://evil.example", "/desk/people", "/desk/annexe", "javascript:x"):
        one.get("/desk/annex/door")
        one.post(one.form("/desk/annex/door"), next=wanted)
        assert one.location == "/desk/annex", wanted


@pytest.mark.parametrize(
    "counts",
    [
        {}, {"received": "0", "supported": "0"}, {"received": "1", "nil": "1"}, {"received": "-1", "supported": "1"},
        {"received": "1,5"}, {"received": "1.5"}, {"supported": "2", "r.medical": "3"}, {"received": "100001"},
        {"received": "một"},
    ],
)  # fmt: skip
@pytest.mark.sqlite_first
def test_what_cannot_be_is_refused_and_nothing_is_stored(world: World, desk: MakeDesk, counts: dict[str, str]) -> None:
    one = proven(world, desk(), "mat_xa")
    assert enter(one, world, "12286", **counts).status_code == 422
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(SealedTotals.id)) is None


def test_a_regime_that_is_not_listed_is_not_taken(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    enter(one, world, "12286", received="1", supported="1", **{"r.Nguyễn Văn A": "1", "r.medical": "1"})
    with world.app.app_context(), reading() as session:
        found = feeds.entered(session, world.keyring, world.campaign, world.units["12286"])
    assert found is not None
    assert found.totals == VictimTotals(1, 1, {"medical": 1})


@pytest.mark.both_databases
@pytest.mark.costly
def test_two_at_once_and_an_archived_campaign(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    form = page(one, world, "12286").form(TOTALS)
    assert one.post(form, received="1", supported="1").status_code == 303
    assert one.post(form, received="9", supported="9").status_code == 409
    again = page(one, world, "12286").form(FREEZE)
    assert one.post(again).status_code == 303, "without a yes nothing happens"
    assert one.post(again, yes="1").status_code == 303
    assert one.post(again, yes="1").status_code == 409
    late = page(one, world, "12286").form(TOTALS)
    status(world, "archived")
    assert one.post(late, received="2", supported="2").status_code == 422
    assert not page(one, world, "12286").has_form(TOTALS)


@pytest.mark.both_databases
def test_a_stolen_database_tells_nothing(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    enter(one, world, "12286", received="84217", supported="61393", **{"r.medical": "50971"})
    freeze(one, world, "12286")
    with world.app.app_context(), db.engine.connect() as connection:
        for table in inspect(db.engine).get_table_names():
            stored = str(connection.execute(text(f'SELECT * FROM "{table}"')).all())
            assert not re.search(r"84217|61393|50971", stored), table
        small = enter(one, world, "12286", received="1", supported="1", **{"r.medical": ""})
        assert small.status_code == 303
        lengths = set(connection.execute(text("SELECT length(sealed) FROM sealed_totals")).scalars())
    assert len(lengths) == 1, "3 and 300 are of one length"
    with world.app.app_context(), reading() as session:
        row, annex = session.scalars(select(SealedTotals)).first(), session.scalars(select(SealedAnnex)).one()
        assert row is not None
        other = Keyring((Secret("0", b"x" * 32),))
        for ring, place in ((other, f"sealed_totals:{row.id}:sealed"), (world.keyring, "sealed_totals:other:sealed")):
            with pytest.raises(sealed.Unreadable):
                sealed.opened(ring, place, row.key_id, row.sealed)
        content = opened(world.keyring, annex).content
        guess = json.loads(json.dumps({**content, "salt": "A" * 32}))
    assert guess["total"]["received"] == 84217
    assert len(content["salt"]) == 32, "the hash in the log cannot be tried out number by number"


@pytest.mark.both_databases
def test_no_statement_alters_what_was_entered(world: World, desk: MakeDesk) -> None:
    freeze_of(world, proven(world, desk(), "mat_xa"))
    for statement in (
        "UPDATE sealed_totals SET number = 5", "DELETE FROM sealed_totals", "UPDATE sealed_annex SET sha256 = 'x'",
        "DELETE FROM sealed_annex", "UPDATE sealed_annex SET at = 1",
    ):  # fmt: skip
        with world.app.app_context(), pytest.raises(DBAPIError), writing() as session:
            session.execute(text(statement))


@pytest.mark.slow
def test_acts_and_views_are_logged_without_a_value(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    enter(one, world, "12286", received="84217", supported="61393")
    id_ = freeze(one, world, "12286")
    one.get(f"/desk/annex/{id_}")
    one.http.get(f"/desk/annex/{id_}/word")
    with world.app.app_context(), reading() as session:
        lines = session.execute(
            select(AuditLine.act, AuditLine.actor_id, AuditLine.unit_id, AuditLine.old, AuditLine.new).where(
                AuditLine.act.startswith("annex_", autoescape=True)
            )
        ).all()
    assert {line.act for line in lines} == {"annex_entered", "annex_frozen", "annex_read", "annex_exported"}
    assert {(line.actor_id, line.unit_id) for line in lines} == {(world.officers["mat_xa"], world.units["12286"])}
    assert not any(re.search(r"84217|61393", line.old + line.new) for line in lines)
    assert sum(line.act == "annex_read" for line in lines) == 3


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["12286", "331", "33"])
@pytest.mark.costly
def test_the_campaign_s_report_says_the_same_with_and_without(world: World, desk: MakeDesk, unit: str) -> None:
    def report() -> str:
        data = reader.http.get(f"/desk/report/word?unit={world.units[unit]}&campaign={world.campaign}").data
        made = docx.Document(io.BytesIO(data))
        said = "\n".join(each.text for each in made.paragraphs) + str(cells(made))
        return re.sub(r"\d\d giờ \d\d phút", "", said)

    reader = desk("quantri")
    before = report()
    assert "Có báo cáo riêng." in before
    commune, district = proven(world, desk(), "mat_xa"), proven(world, desk(), "mat_huyen")
    freeze_of(world, commune)
    freeze(district, world, "331")
    assert report() == before
    frozen = lock(world)
    reader.get(f"/desk/locked/{frozen}")
    assert reader.status == 200
    for path in ("/desk/figures", "/desk/report", "/desk/queue", "/desk/audit"):
        one = desk("tinh")
        one.get(path)
        assert "annex/" not in one.html
        assert (path == "/desk/audit") == ("phụ lục nội bộ" in one.text.lower()), "only that something was done"


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.costly
def test_cases_take_over_what_was_entered_and_nothing_counts_twice(world: World, desk: MakeDesk) -> None:
    """The seam for a capability that keeps cases: it says what a unit has, and what was typed counts no more."""
    one, above = proven(world, desk(), "mat_xa"), proven(world, desk(), "mat_huyen")
    enter(one, world, "12286", received="7", supported="5")
    here = world.units["12286"]
    FEEDS.add("cases", lambda _s, _r, _c, unit: VictimTotals(2, 1, {"medical": 1}) if unit == here else None)
    try:
        page(one, world, "12286")
        assert "Số liệu lấy từ hồ sơ vụ việc" in one.text
        assert not one.has_form(TOTALS)
        id_ = freeze(one, world, "12286")
        assert ["", "Tổng cộng", "2", "1"] not in cells(word(one, id_))
        assert "Tiếp nhận: 02 người." in "\n".join(each.text for each in word(one, id_).paragraphs)
        page(above, world, "331")
        assert "Tổng cộng 2 1" in above.text
        enter_other = proven(world, desk(), "mat_nhanla")
        enter(enter_other, world, "12289", received="4", supported="4")
        freeze(enter_other, world, "12289")
        page(above, world, "331")
        assert "Tổng cộng 6 5" in above.text
    finally:
        FEEDS._parts.clear()  # noqa: SLF001  # a process keeps the parts of all its applications
    page(one, world, "12286")
    assert one.form(TOTALS).values["received"] == ["7"], "it is on record"


@pytest.mark.both_databases
def test_a_merged_unit_s_totals_are_its_successor_s(world: World, desk: MakeDesk) -> None:
    old, new = proven(world, desk(), "mat_nhanla"), proven(world, desk(), "mat_xa")
    enter(old, world, "12289", received="4", supported="4"), enter(new, world, "12286", received="1", supported="1")
    merge(world, "12289", into="12286")
    assert not page(old, world, "12289").has_form(TOTALS)
    page(new, world, "12286")
    assert "Của xã Nhân La trước khi sáp nhập" in new.text
    id_ = freeze(new, world, "12286")
    with world.app.app_context(), reading() as session:
        total = opened(world.keyring, session.get_one(SealedAnnex, id_)).total
    assert total == VictimTotals(5, 5, {})


@pytest.mark.slow
@pytest.mark.both_databases
def test_under_a_new_key_all_is_sealed_anew_and_reads_as_before(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    id_ = freeze_of(world, one)
    old = world.keyring
    ring = Keyring((*old.secrets, Secret("next", b"k" * 32, now_ms())))
    with world.app.app_context(), writing() as session:
        before = document.document(opened(old, session.get_one(SealedAnnex, id_)))
        assert key_use.of(session, ring, old.secrets[-1].id).totals == 2
        assert resealing.anew(session, ring) == (2, 0)
        assert resealing.anew(session, ring) == (0, 0)
        assert key_use.of(session, ring, old.secrets[-1].id).totals == 0
    with world.app.app_context(), reading() as session:
        row = session.get_one(SealedAnnex, id_)
        assert row.key_id == "next"
        found = opened(ring, row)
        assert found.is_right
        assert document.document(found) == before
    assert done(world, resealing.KIND).state == "done", "with the application's ring they cannot be read: it says so"


def test_regimes_are_those_of_the_law_in_force(world: World, desk: MakeDesk) -> None:
    one = page(proven(world, desk(), "mat_xa"), world, "12286")
    assert "r.essential" in one.form(TOTALS).values
    assert "r.interpreter" not in one.form(TOTALS).values
    with world.app.app_context(), writing() as session:
        campaign = session.get_one(Campaign, world.campaign)
        campaign.ends_on = campaign.ends_on.replace(year=2025)
    page(one, world, "12286")
    assert len([name for name in one.form(TOTALS).values if name.startswith("r.")]) == 10
    assert set(PEOPLE) == {"mat_xa", "mat_nhanla", "mat_huyen", "mat_phucu", "mat_tinh"}
