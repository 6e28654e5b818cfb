"""The same photo in two records is found, shown side by side, and forgotten with a purge."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps
from sqlalchemy import func, insert, select, update

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Hint, LikenessPending, PhotoMatch, PhotoRef, PhotoWindows, Record, Unit
from server.models.installation import lock_catalog
from server.services.likeness import asking, comparing
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.serving.installation import installed
from support.clients.client import Client, Shot
from support.clients.desk import MakeDesk
from support.clients.uploading import announce, blob, bring
from support.jobs import inline
from support.likeness.honest import honest
from support.likeness.reuse import REUSE
from support.likeness.scenes import COPIES, scene
from support.likeness.shots import shot
from support.world.world import World

ROOT = Path(__file__).parents[2]


def brought(world: World, username: str, photo: Shot, unit: str = "12286") -> str:
    """A record of this officer with the photo, which has come."""
    phone = Client(world.app.test_client(), world.token(username))
    record = announce(world, phone, photo, unit)
    bring(phone, photo)
    return record


def compared(world: World, *part: str) -> None:
    """`part`: a province's unit, whose job leaves what is more than a turn."""
    for kind, ids in (("likeness.compare", part), ("hints.refresh", ())):
        done = inline.done(world, kind, *ids)
        assert (done.state, done.code) == ("done", None)


def hits(world: World, record: str) -> dict[str, list[str]]:
    """The other records that each hint on a photo names."""
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(Hint).where(Hint.record_id == record, Hint.rule.startswith("photo_")))
        return {row.rule: row.detail["others"] for row in rows if "others" in row.detail}


def count(world: World, table: Any) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def waits_since(world: World) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalars(select(LikenessPending.at)).one()


@pytest.mark.slow
def test_a_photo_handed_in_again_stands_beside_the_first(world: World, desk: MakeDesk) -> None:
    first = brought(world, "xa1", shot(scene(1)))
    compared(world)
    assert hits(world, first) == {}
    again = brought(world, "nhanla", shot(COPIES["stamped, cropped, quality 60"](scene(1))), "12289")
    other = brought(world, "nhanla", shot(scene(2)), "12289")
    compared(world)
    assert hits(world, again) == {"photo_same": [first]}
    assert hits(world, first) == {"photo_same": [again]}, "also the record that was there before"
    assert hits(world, other) == {}, "another street with the same banner"
    page = desk("huyen")
    page.get(f"/desk/records/{again}")
    assert "Ảnh trùng hoặc gần trùng với ảnh của 1 bản ghi khác" in page.text
    assert f"/desk/records/{again}/alike/{first}" in page.html
    page.get(f"/desk/records/{again}/alike/{first}")
    assert page.status == 200
    assert all(f"/desk/records/{id_}/photos/" in page.html for id_ in (first, again))
    page.get(f"/desk/records/{again}/alike/{other}")
    assert page.status == 404


@pytest.mark.slow
def test_who_may_not_see_the_other_record_learns_only_that_there_is_one(world: World, desk: MakeDesk) -> None:
    first = brought(world, "xa1", shot(scene(1)))
    far = brought(world, "dinhcao", shot(COPIES["mirrored"](scene(1))), "12397")
    compared(world)
    page = desk("phucu")
    page.get(f"/desk/records/{far}")
    assert "1 bản ghi khác không nêu tên ở đây" in page.text
    assert first not in page.html
    page.get(f"/desk/records/{far}/alike/{first}")
    assert page.status == 404


@pytest.mark.slow
def test_the_same_bytes_in_another_unit_are_told_though_they_were_compared_before(world: World) -> None:
    photo = shot(scene(3))
    first = brought(world, "xa1", photo)
    compared(world)
    assert count(world, LikenessPending) == 0
    again = brought(world, "nhanla", photo, "12289")
    assert count(world, LikenessPending) == 1, "verified anew, asked anew"
    asked_at = waits_since(world)
    brought(world, "dinhcao", photo, "12397")
    assert waits_since(world) > asked_at, "a job that began before does not end this one"
    compared(world)
    assert again in hits(world, first)["photo_same"]


@pytest.mark.slow
def test_a_purge_takes_the_windows_and_the_likeness_with_it(world: World) -> None:
    first = brought(world, "xa1", shot(scene(1)))
    again = brought(world, "nhanla", shot(COPIES["turned 90"](scene(1))), "12289")
    compared(world)
    assert (count(world, PhotoWindows), count(world, PhotoMatch)) == (2, 1)
    with world.app.app_context(), writing() as session:
        order = Order(world.officers["quantri"], "thử", now_ms())
        purges.purge(session, [first], order, installed(world.app).blobs)
    assert (count(world, PhotoWindows), count(world, PhotoMatch)) == (1, 0)
    compared(world)
    assert hits(world, again) == {}
    back = brought(world, "xa2", shot(scene(1)))
    compared(world)
    assert hits(world, again) == {"photo_same": [back]}, "verified anew after it was gone"


def likeness(one: Image.Image, two: Image.Image) -> float:
    """Correlation of two pictures in grey."""
    greys = [np.asarray(each.convert("L").resize((96, 72)), dtype=np.float64).ravel() for each in (one, two)]
    return float(np.corrcoef(greys[0], greys[1])[0, 1])


@pytest.mark.slow
@pytest.mark.parametrize("sort", ["letterboxed", "chat, dark", "mirrored in a chat", "turned by 270"])
def test_the_copy_is_shown_as_its_original_lies(world: World, desk: MakeDesk, sort: str) -> None:
    original = honest(1)
    first = brought(world, "xa1", shot(original))
    again = brought(world, "nhanla", shot(REUSE[sort](original, np.random.default_rng(4))), "12289")
    compared(world)
    page = desk("huyen")
    for record, other in ((again, first), (first, again)):
        page.get(f"/desk/records/{record}/alike/{other}")
        assert "Đã xoay, lật, cắt cho khớp với ảnh kia." in page.text
        assert f"/desk/records/{record}/alike/{other}/photo" in page.html
        laid = page.http.get(f"/desk/records/{record}/alike/{other}/photo")
        assert (laid.status_code, laid.mimetype) == (200, "image/jpeg")
        with Image.open(io.BytesIO(laid.data)) as shown:
            assert shown.size == original.size
            assert likeness(shown, original) > 0.9
            assert likeness(ImageOps.mirror(shown), original) < 0.9
    far = desk("phucu").http.get(f"/desk/records/{again}/alike/{first}/photo")
    assert far.status_code == 404, "out of reach"


@pytest.mark.slow
def test_a_photo_that_is_damaged_in_the_store_is_not_laid(world: World, desk: MakeDesk) -> None:
    copy = shot(REUSE["turned by 270"](honest(1), np.random.default_rng(4)))
    first, again = brought(world, "xa1", shot(honest(1))), brought(world, "nhanla", copy, "12289")
    compared(world)
    one, address = desk("huyen"), f"/desk/records/{again}/alike/{first}/photo"
    assert one.http.get(address).status_code == 200
    kept = blob(world, copy.sha256)
    kept.unlink()
    kept.write_bytes(b"no photo" * 100)
    assert one.http.get(address).status_code == 404


@pytest.mark.slow
def test_photos_that_lie_alike_are_shown_as_they_are(world: World, desk: MakeDesk) -> None:
    first = brought(world, "xa1", shot(scene(1)))
    again = brought(world, "nhanla", shot(COPIES["quality 40"](scene(1))), "12289")
    compared(world)
    page = desk("huyen")
    page.get(f"/desk/records/{again}/alike/{first}")
    assert page.status == 200
    assert f"/alike/{first}/photo" not in page.html
    page.get(f"/desk/records/{again}/alike/{first}/photo")
    assert page.status == 404


def anew(world: World, hashes: list[str]) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(insert(LikenessPending), [{"sha256": each, "at": asking.ANEW} for each in hashes])


def waiting_records(world: World) -> list[str]:
    with world.app.app_context(), reading() as session:
        return list(session.scalars(select(Record.id).where(asking.waits())))


@pytest.mark.slow
def test_photos_made_anew_come_last_and_nobody_waits_for_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade: what was compared by an older release is compared again, in turns with other jobs."""
    monkeypatch.setattr(comparing, "AT_ONCE", 1)
    monkeypatch.setattr(comparing, "TURN", 2)
    first = brought(world, "xa1", shot(honest(1)))
    second = brought(world, "xa1", shot(honest(2)))
    compared(world)
    with world.app.app_context(), writing() as session:
        hashes = list(session.scalars(select(PhotoRef.sha256).where(PhotoRef.role == "original").distinct()))
        session.execute(update(PhotoWindows).values(parts=b""))
    anew(world, hashes)
    assert waiting_records(world) == []
    again = brought(world, "nhanla", shot(REUSE["chat, light"](honest(1), np.random.default_rng(4))), "12289")
    assert waiting_records(world) == [again]
    compared(world, world.units["33"])
    assert hits(world, again) == {"photo_same": [first]}, "the new one is compared first"
    assert count(world, LikenessPending) == 1, "one was made anew in this turn"
    compared(world, world.units["33"])
    assert count(world, LikenessPending) == 0
    assert hits(world, second) == {}
    with world.app.app_context(), reading() as session:
        assert all(session.scalars(select(PhotoWindows.parts != b"")))


@pytest.mark.slow
def test_each_province_has_a_job_of_its_own_and_what_no_record_has_waits_for_nobody(world: World) -> None:
    first, again = brought(world, "xa1", shot(honest(1))), brought(world, "dinhcao", shot(scene(2)), "12397")
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, world.units["33"]).level = "country"
        session.get_one(Unit, world.units["331"]).level = "province"
        assert asking.parts(session) == {world.units["331"], world.units["33"]}, "the province, or who stands highest"
    inline.done(world, asking.KIND, world.units["33"])
    assert waiting_records(world) == [first], "who stands above leaves its own to a province"
    anew(world, [shot(scene(2)).sha256])
    inline.done(world, asking.KIND, world.units["331"])
    assert waiting_records(world) == []
    with world.app.app_context(), writing() as session:
        assert asking.parts(session) == {world.units["33"]}
    with world.app.app_context(), writing() as session:
        session.execute(update(PhotoRef).where(PhotoRef.record_id == again).values(held=False))
        assert asking.parts(session) == {asking.NOWHERE}
    inline.done(world, asking.KIND, world.units["331"])
    assert count(world, LikenessPending) == 1
    inline.done(world, asking.KIND, asking.NOWHERE)
    assert count(world, LikenessPending) == 0


@pytest.mark.slow
@pytest.mark.costly
def test_the_server_does_not_know_numpy() -> None:
    """Only the job's function imports it; neither the application nor a worker that waits has it."""
    code = (
        "import sys, server.processes.gunicorn_app, server.processes.job_worker\n"
        "from server.registration import collect\n"
        "assert any(page.blueprint.name == 'alike' for page in collect().desk)\n"
        "assert 'numpy' not in sys.modules, 'imported'\n"
        "import server.services.likeness.comparing\n"
        "assert 'numpy' in sys.modules\n"
    )
    env = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
