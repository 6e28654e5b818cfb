"""From the required second factor to the verified log: what guards an account, and every act of it as a line."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from server.core.clock import now_ms, stopped_at
from server.services.audit.acts import Act
from support.checks.audit_log import OF_ACCOUNTS, faults, lines, tamper
from support.clients.authenticator import set_up
from support.clients.desk import MakeDesk
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

ASK = "/desk/second-factor"
NEW = "Bốn con voi uống trà đá 58"
MINUTE_MS = 60_000


def require(chief: Any, *roles: str) -> None:
    chief.get("/desk/people?factors=1")
    assert chief.post(chief.form("/people/second-factors"), role=list(roles)).status_code == 303


def signed_in(desk: MakeDesk, code: str) -> Any:
    one = desk()
    one.sign_in("huyen")
    assert one.location.startswith(ASK)
    one.get(ASK)
    one.post(one.form(ASK), code=code)
    return one


@pytest.mark.slow
def test_from_a_required_factor_to_the_verified_log(world: World, desk: MakeDesk) -> None:
    world.token("xa2")
    chief = desk("quantri")
    require(chief, "reviewer")
    with stopped_at(at := now_ms()):
        one = desk()
        one.sign_in("huyen")
        assert one.location == "/desk/account/second-factor"
        own, codes = set_up(one)
    with stopped_at(at + MINUTE_MS):
        assert signed_in(desk, "000000").status == 403
        two = signed_in(desk, own.code())
        assert two.status == 303
        signed_in(desk, codes[0])
    with stopped_at(at + 20 * MINUTE_MS):  # the proof is too old by now
        two.get("/desk/people")
        two.post(two.form(f"/desk/people/{world.officers['xa1']}/code"))
        assert two.status == 401
        assert two.post(two.form("/code"), proof=own.code()).status_code == 303
        two.get("/desk/people")
        two.post(next(form for form in two.forms() if form.action.endswith("/revoke")))
        two.get("/desk/account")
        changed = two.post(two.form("/account/password"), current=PASSWORD, password=NEW, again=NEW)
        assert changed.status_code == 303
        third = desk()
        third.sign_in("huyen", NEW)
        two.get("/desk/account")
        two.post(next(form for form in two.forms() if form.action.endswith("/sessions/end")))
        two.get(f"/desk/people/{world.officers['xa1']}/account")
        assert two.post(two.form("/hand-over"), username="nhanla").status_code == 303
        two.get("/desk/account")
        for said in ("Hoạt động của tôi", "Tự đổi mật khẩu", "Đăng nhập: đã nhập mã xác thực", "Dùng mã dự phòng"):
            assert said in two.text, said
        above = desk("tinh")
        above.get("/desk/people")
        assert above.post(above.form("/second-factor/reset")).status_code == 303
    require(chief)
    exported = chief.http.get("/desk/audit.csv", buffered=True).get_data(as_text=True)
    mine = [line for line in lines(world) if line.act in (Act.SECOND_FACTOR_SET, Act.SECOND_FACTOR_GIVEN)]
    assert {line.actor_id for line in mine} == {world.officers["huyen"]}
    acts = {line.act for line in lines(world)}
    assert acts >= OF_ACCOUNTS
    assert "Nhập sai mã xác thực" in exported
    assert "Bàn giao công việc" in exported
    assert "người nhận: " in exported
    secrets = {own.secret, NEW, *codes, *(code.replace("-", "") for code in codes)}
    assert not [secret for secret in secrets if secret in exported]
    assert faults(world) == []
    altered = text("UPDATE audit_line SET actor_id = 'nobody' WHERE number = 4")
    tamper(world, lambda connection: connection.execute(altered))
    assert [(number, last) for _, number, last in faults(world)] == [(4, 4)]


def test_nobody_sees_where_others_sat(world: World, desk: MakeDesk) -> None:
    """On the own page stand what others did to the account, and no address but of one's own acts."""
    chief = desk("tinh")
    chief.get("/desk/people")
    chief.http.environ_base["REMOTE_ADDR"] = "203.0.113.77"
    chief.post(chief.form(f"/desk/people/{world.officers['xa1']}/code"))
    one = desk("xa1")
    one.get("/desk/account")
    assert "Cấp mã đăng ký" in one.text
    assert "203.0.113.77" not in one.text
    assert re.search(r"Đăng nhập .*đồng chí", one.text)
