"""What the page of a record says of each of its photos, by what the server holds (SPEC P-4, P-6, P-15)."""

from __future__ import annotations

import pytest

from support.clients.client import Client, Shot, shot
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

WANTED = "Ảnh còn trên điện thoại"
SMALL = "Đang xem ảnh nhỏ"
REFUSED = "Không dùng được ảnh này: Tệp này không phải ảnh đọc được."


@pytest.mark.slow
def test_each_photo_is_wanted_then_small_then_whole_or_refused(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    client = Client(world.app.test_client(), world.token("xa1"))
    good, bad = shot(1), Shot(b"no photo at all", shot(2).thumb)
    record = officer.create(**good.register, **bad.register)
    officer.sync()

    def said() -> list[int]:
        reviewer.get(f"/desk/records/{record}")
        return [reviewer.text.count(words) for words in (WANTED, SMALL, REFUSED)]

    assert said() == [2, 0, 0]
    client.create_upload(good.thumb_sha256, len(good.thumb), good.thumb)
    assert said() == [1, 1, 0]
    client.create_upload(good.sha256, len(good.data), good.data)
    assert said() == [1, 0, 0]
    assert f"/records/{record}/photos/{good.sha256[:16]}/full" in reviewer.html
    client.create_upload(bad.sha256, len(bad.data), bad.data)
    assert said() == [0, 0, 1]
    assert f"/records/{record}/photos/{bad.sha256[:16]}/" not in reviewer.html
