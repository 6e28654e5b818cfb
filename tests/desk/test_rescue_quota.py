"""Files of one device that may be handed in within a day: beyond them the desk says so, and takes nothing."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from server.services.access import devices
from support.clients.desk import Desk
from support.world.lost import Lost, hand_in, stored
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_files_of_one_device_a_day(
    world: World, desk: Callable[..., Desk], lost: Callable[[str], Lost], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "RESCUE_FILES_A_DAY", 2)
    one, phone, other = desk("huyen"), lost("xa1"), lost("xa2")
    for _ in range(2):
        phone.banner()
        assert hand_in(one, phone.file()) == 303
    late = phone.banner()
    one.get("/desk/rescue")
    answer = one.post(one.form("/desk/rescue"), file=(io.BytesIO(phone.file()), "cuu-ho.loa"))
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Hôm nay đã nộp quá nhiều tệp của máy này" in one.text
    assert late not in stored(world)
    other.banner()
    assert hand_in(one, other.file()) == 303
