"""The confidential annex is there for its officers alone, behind a fresh second factor."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from server.core.clock import now_ms, stopped_at
from server.core.db import writing
from support.clients.desk import MakeDesk
from support.world.annexes import TOTALS, freeze_of, page
from support.world.confidential import appoint, authenticator, proven
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

MINUTE = 60_000


@pytest.fixture(autouse=True)
def _officers(world: World) -> None:
    appoint(world)


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
    assert len(found) > 4
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
    for address in (f"/desk/locked?id={real}", f"/desk/locked/{real}", f"/desk/report/word?freeze={real}"):
        here, none = (one.http.get(each).get_data(as_text=True) for each in (address, address.replace(real, "0" * 16)))
        plain = [re.sub(r"csrf_token\" value=\"[^\"]*\"|Mã yêu cầu: \w+", "", each) for each in (here, none)]
        assert plain[0].replace(real, "0" * 16) == plain[1], "what is refused looks like what is not there"


def test_the_officer_of_another_branch_gets_the_answer_of_nothing(world: World, desk: MakeDesk) -> None:
    real = freeze_of(world, proven(world, desk(), "mat_xa"))
    far = proven(world, desk(), "mat_phucu")
    assert page(far, world, "12286").status == 404
    far.get(f"/desk/annex?id={real}")
    assert "Không có phụ lục mang mã" in far.text
    own = proven(world, desk(), "mat_xa")
    spoken = "-".join(real[at : at + 4] for at in range(0, 16, 4)).lower()
    assert own.http.get(f"/desk/annex?id={spoken}").status_code == 303
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
    chief.get("/desk/people?factors=1")
    assert re.search(r'value="confidential" checked disabled', chief.html)
    chief.post(chief.form("/desk/people/second-factors"), role=["confidential", "coordinator"])
    chief.get("/desk/people?factors=1")
    chief.post(chief.form("/desk/people/second-factors"), role=None)
    assert page(one, world, "12286").status == 303


def test_a_proof_of_eleven_minutes_ago_is_asked_for_again(world: World, desk: MakeDesk) -> None:
    at = now_ms()
    one = proven(world, desk(), "mat_xa", age_ms=11 * MINUTE)
    assert not page(one, world, "12286").has_form(TOTALS)
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
        one.get("/desk/annex")
        one.post(replace(one.form(TOTALS), action="/desk/annex/door"), next=wanted)
        assert one.location == "/desk/annex", wanted
