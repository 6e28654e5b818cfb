"""An old database file is put back and nobody says so: the phones bring back what came after it (SPEC B-1 to B-4)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from server.db import db, reading
from server.models import MissingWrite, Record
from support.kept import keyed, rows
from support.officer import Officer
from support.province import Province

pytestmark = pytest.mark.browser
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
PHOTOS = 4  # two banners, each with its thumbnail


def file_of(province: Province) -> Path:
    return Path(str(province.world.app.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///"))


def stop(province: Province) -> Path:
    """The server, and this process's own connections: the file is nobody's then, and whole."""
    province.server.stop()
    with province.world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    return file_of(province)


def put_back(province: Province, old: Path) -> None:
    file = stop(province)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(old, file)
    province.server.start()


def held(province: Province) -> set[str]:
    with province.world.app.app_context(), reading() as session:
        return set(session.scalars(select(Record.id)))


def test_phones_bring_back_what_they_keep_and_name_what_they_saw(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    one, two = officer("xa1"), officer("xa2")
    one.banner(SLOGAN)
    one.expect_status("1 đã xác nhận")
    old = tmp_path / "old.sqlite"
    shutil.copyfile(stop(province), old)
    province.server.start()

    one.banner(SLOGAN)
    one.edit("BR-1", Số_lượng="4")
    one.expect_status("2 đã xác nhận")
    two.broadcast("Tin của người khác", "2021-07-21", "2021-07-30", 2, 15)
    two.save()
    two.expect_status("1 đã xác nhận")
    one.send()
    all_of_them = held(province)
    two.offline()
    lost = rows(two.page, "writes")[0]["id"]
    put_back(province, old)
    assert len(held(province)) == 1

    one.send()
    one.expect_status("2 đã xác nhận")
    assert held(province) == all_of_them - {lost}
    assert [row["state"] for row in rows(one.page, "uploads")] == ["verified"] * PHOTOS
    assert {row["state"] for row in rows(one.page, "writes")} == {"landed"}
    one.open_record("BR-1")
    assert "4" in one.page.get_by_role("article").inner_text()
    kept = keyed(one.page, "meta")
    assert kept["restored"] > 0
    assert "noted" not in kept
    with province.world.app.app_context(), reading() as session:
        assert list(session.scalars(select(MissingWrite.id))) == [lost]

    two.offline(on=False)
    two.send()
    two.expect_status("1 đã xác nhận")
    one.send()
    assert held(province) == all_of_them
    with province.world.app.app_context(), reading() as session:
        assert list(session.scalars(select(MissingWrite.id))) == []
    for each in (one, two):
        assert {row["record"] for row in rows(each.page, "records")} == all_of_them
        assert all(row["view"]["marks"] == [] for row in rows(each.page, "records"))
