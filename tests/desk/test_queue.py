"""What needs me first, counts that add up, filters in the URL, and nobody else's records."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.core.db import reading, writing
from server.models import Campaign
from server.services.hints import grades
from server.services.hints.rules import LOOK, RULES
from server.services.review import figure_amounts, queue
from server.services.review.queue import QueueFilter
from server.services.units.scope import Scope
from support.checks import truth
from support.clients.client import Client, Shot, shot
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.jobs import inline
from support.quick import on_both
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def numbers(desk: Any) -> list[str]:
    """The records of the page, in order."""
    return [" ".join(found.split()) for found in re.findall(r'class="first-line"><strong>([^<]*)<', desk.html)]


def counts(desk: Any) -> dict[str, int]:
    """The count of each state by its name in the link."""
    found = {}
    for link, count in re.findall(
        r'<a href="(/desk/queue[^"]*)"[^>]*>(?:(?!</a>).)*class="count">([^<]*)<', desk.html, re.DOTALL
    ):
        state = re.search(r"state=(\w+)", link)
        found[state[1] if state else "todo"] = int(count)
    return found


@pytest.fixture
def filled(desk: MakeDesk, phone: MakePhone) -> dict[str, str]:
    """Records of two communes and the district in several states, by name."""
    one, nhanla = phone("xa1"), phone("nhanla", "12289")
    made = {name: one.create(slogan="s1", quantity=2) for name in ("waiting", "counted", "returned", "amended")}
    made["draft"] = one.create(slogan="s1", submitted=None)
    made["deleted"] = one.create(slogan="s1", quantity=1)
    one.delete(made["deleted"])
    made["far"] = nhanla.create("broadcast", script="Bài 1", minutes=5)
    made["own"] = phone("huyen", "331").create(slogan="s2")
    one.sync(), nhanla.sync()
    reviewer = desk("huyen")
    for name, verdict in (("counted", "counted"), ("returned", "returned"), ("amended", "counted")):
        reviewer.get(f"/desk/records/{made[name]}")
        reviewer.post(reviewer.form("/decide"), verdict=verdict, reason="Ghi thêm địa điểm.")
    one.sync()
    one.edit(made["amended"], quantity=9)
    one.sync()
    return made


@pytest.mark.databases("both")
@pytest.mark.usefixtures("filled")
@pytest.mark.slow
def test_what_needs_me_comes_first(desk: MakeDesk) -> None:
    reviewer, officer = desk("huyen"), desk("xa1")
    reviewer.get("/desk/queue")
    assert numbers(reviewer) == ["Chính Nghĩa BR-4", "Chính Nghĩa BR-1", "Nhân La PT-1"]
    officer.get("/desk/queue")
    assert numbers(officer) == ["Chính Nghĩa BR-3"]  # what was returned to the commune


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_counts_add_up(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/queue")
    found = counts(one)
    assert found == {
        "todo": 3, "unready": 3, "waiting": 2, "amended": 1, "returned": 1, "counted": 1, "draft": 1, "deleted": 1,
        "all": 7, "after_due": 6,
    }  # fmt: skip
    for state, count in found.items():
        one.get(f"/desk/queue?state={state}")
        assert len(numbers(one)) == count, state


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.parametrize(("database_url", "username"), on_both(("xa1", "huyen", "tinh")), indirect=["database_url"])
def test_counts_are_those_of_the_lists(world: World, filled: dict[str, str], username: str, desk: MakeDesk) -> None:
    """They are kept beside the records, and must be what the records say, whoever asks and however it is cut."""
    editor = desk("huyen")  # what one wrote to is not for oneself to decide
    editor.get(f"/desk/records/{filled['waiting']}/edit")
    editor.post(editor.form("/edit"), quantity="7")
    inline.done(world, "hints.refresh")
    with world.app.app_context(), writing() as session:
        graded = dict(RULES) | {"place_none": LOOK}
        grades.save(session, Scope(session, world.officers["tinh"]), world.campaign, graded)
        session.flush()
        truth.check(session)
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers[username])
        campaign = session.get_one(Campaign, world.campaign)
        here = {"unit": world.units["12286"], "only": True}
        banners: list[dict[str, Any]] = [
            {"figure": "banners", **more} for more in ({}, {"bucket": "waiting"}, {"kind": "banner"}, here)
        ]
        hinted: list[dict[str, Any]] = [
            {"hint": "any", **more}
            for more in ({}, {"kind": "banner", "bucket": "waiting"}, here, {"figure": "banners"})
        ]
        hinted += [{"hint": hint} for hint in ("look", "place_none")]
        cuts: list[dict[str, Any]] = [{}, {"kind": "banner"}, {"bucket": "waiting"}, here, *banners, *hinted]
        for cut in cuts:
            counts = queue.page(session, scope, campaign, QueueFilter(**cut)).counts
            assert counts[queue.ALL] > 0, cut
            for state, count in counts.items():
                page = queue.page(session, scope, campaign, QueueFilter(state=state, **cut))
                assert (page.total, len(page.records)) == (count, count), (state, cut)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("page", ["²", "x", "-1", "0", "9" * 30, ""])
@pytest.mark.slow
def test_a_page_that_is_no_number_is_the_first(desk: MakeDesk, page: str) -> None:
    one = desk("huyen")
    one.get(f"/desk/queue?page={page}")
    assert one.status == 200


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
@pytest.mark.costly
def test_filters_live_in_the_url(world: World, desk: MakeDesk) -> None:
    one, units = desk("huyen"), world.units
    for query, shown in (
        ("state=all&kind=broadcast", ["Nhân La PT-1"]),
        (f"state=waiting&unit={units['12286']}", ["Chính Nghĩa BR-1"]),
        (f"state=waiting&unit={units['331']}", ["Chính Nghĩa BR-1", "Nhân La PT-1"]),
        (f"state=all&unit={units['331']}&only=1", []),
        (f"campaign={world.practice}&state=all", []),
        ("page=99&kind=", ["Chính Nghĩa BR-4", "Chính Nghĩa BR-1", "Nhân La PT-1"]),
    ):
        one.get(f"/desk/queue?{query}")
        assert numbers(one) == shown, query


@pytest.mark.slow
def test_only_what_one_may_see(world: World, desk: MakeDesk, filled: dict[str, str]) -> None:
    other = desk("phucu")
    other.get("/desk/queue?state=all")
    assert numbers(other) == []
    for path in (
        f"/desk/records/{filled['waiting']}",
        f"/desk/records/{filled['waiting']}/edit",
        f"/desk/queue?unit={world.units['331']}",
        f"/desk/figures?unit={world.units['33']}",
        "/desk/queue?campaign=AAAAAAAAAAAAAAAA",
        "/desk/records/AAAAAAAAAAAAAAAA",
        "/desk/records/%00",
        "/desk/records/AAAAAAAAAAAAAAA%00",
        f"/desk/records/{filled['waiting']}%0A",
        f"/desk/records/{filled['waiting']}/photos/AAAAAAAAAAAAAAA%00/full",
        "/desk/queue?unit=%01",
        "/desk/queue?campaign=%01",
    ):
        other.get(path)
        assert other.status == 404, path
    commune = desk("nhanla")
    commune.get("/desk/queue?state=all")
    assert numbers(commune) == ["Nhân La PT-1"]


@pytest.mark.databases("both")
def test_pages_of_fifty_grouped_by_commune(desk: MakeDesk, phone: MakePhone) -> None:
    one, nhanla = phone("xa1"), phone("nhanla", "12289")
    for _ in range(queue.PAGE + 3):
        one.create(slogan="s1")
    for _ in range(4):
        nhanla.create(slogan="s1")
    one.sync(), nhanla.sync()
    reviewer = desk("huyen")
    seen = []
    for page, length in ((1, 50), (2, 7)):
        reviewer.get(f"/desk/queue?page={page}")
        assert len(numbers(reviewer)) == length
        seen += numbers(reviewer)
    assert len(set(seen)) == 57
    assert seen[53:] == [f"Nhân La BR-{number}" for number in range(1, 5)] or set(seen[53:]) == {
        f"Nhân La BR-{number}" for number in range(1, 5)
    }
    assert "Xã Chính Nghĩa Huyện Kim Động 53" in reviewer.text


@pytest.mark.slow
def test_a_photo_that_was_refused_is_not_said_to_be_on_its_way(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, reviewer, photo = phone("xa1"), desk("huyen"), Shot(b"no photo at all", shot(1).thumb)
    client = Client(world.app.test_client(), world.token("xa1"))
    record = officer.create(**photo.register)
    officer.sync()
    client.create_upload(photo.sha256, len(photo.data), photo.data)
    reviewer.get("/desk/queue")
    assert "Không dùng được ảnh" in reviewer.text
    assert "Ảnh chưa về đến" not in reviewer.text
    assert f"/records/{record}/photos/" not in reviewer.html, "no picture is asked for that cannot be shown"
    client.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb)
    reviewer.get("/desk/queue")
    assert f"/records/{record}/photos/{photo.sha256[:16]}/thumb" in reviewer.html
    reviewer.get(f"/desk/records/{record}")
    assert f"/records/{record}/photos/{photo.sha256[:16]}/thumb" in reviewer.html
    assert "ảnh gốc còn đang được gửi" not in reviewer.text
    assert "Không dùng được ảnh này:" in reviewer.text


def test_a_photo_is_on_its_way_although_another_or_its_thumbnail_was_refused(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    client = Client(world.app.test_client(), world.token("xa1"))
    bad, coming = Shot(b"no photo at all", shot(1).thumb), Shot(shot(2).data, b"no thumbnail at all")
    officer.create(**bad.register, **coming.register)
    officer.sync()
    client.create_upload(bad.sha256, len(bad.data), bad.data)
    client.create_upload(coming.thumb_sha256, len(coming.thumb), coming.thumb)
    reviewer.get("/desk/queue")
    assert "Ảnh chưa về đến" in reviewer.text
    assert "Không dùng được ảnh" not in reviewer.text


@pytest.mark.slow
def test_thumbnails_as_soon_as_one_is_held(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, reviewer, photo = phone("xa1"), desk("huyen"), shot(1)
    client = Client(world.app.test_client(), world.token("xa1"))
    record = officer.create(**photo.register)
    officer.sync()
    reviewer.get("/desk/queue")
    assert "Ảnh chưa về đến" in reviewer.text
    client.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb)
    path = f"/desk/records/{record}/photos/{photo.sha256[:16]}"
    reviewer.get("/desk/queue")
    assert f"{path}/thumb" in reviewer.html
    reviewer.get(f"/desk/records/{record}")
    assert "ảnh gốc còn đang được gửi" in reviewer.text
    client.create_upload(photo.sha256, len(photo.data), photo.data)
    reviewer.get(f"/desk/records/{record}")
    assert f"{path}/full" in reviewer.html
    assert "Nguồn: Chụp trong ứng dụng" in reviewer.text
    assert reviewer.http.get(f"{path}/full", buffered=True).data == photo.data
    for bad in (f"{path}/huge", f"/desk/records/{record}/photos/{'0' * 16}/full", f"{path[:-2]}/full"):
        assert reviewer.http.get(bad).status_code == 404
    assert desk("phucu").http.get(f"{path}/thumb").status_code == 404
    assert desk().http.get(f"{path}/thumb").status_code == 303


@pytest.mark.slow
def test_a_practice_campaign_is_marked_and_apart(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    officer.campaign = world.practice
    record = officer.create(slogan="s1", quantity=5)
    officer.sync()
    for path in (
        f"/desk/queue?campaign={world.practice}",
        f"/desk/figures?campaign={world.practice}",
        f"/desk/records/{record}",
        f"/desk/records/{record}/edit",
    ):
        one.get(path)
        assert 'class="practice"' in one.html, path
        assert "không tính vào bất cứ số liệu nào" in one.text, path
    for path in ("/desk/queue", "/desk/figures"):
        assert 'class="practice"' not in one.get(path), path
    assert "Chính Nghĩa BR-1" not in one.text


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_going_on_to_the_next_one_comes_by_each_once(desk: MakeDesk, phone: MakePhone) -> None:
    """Within the unit, on to the next unit, and from the last back to the first."""
    near, far, one = phone("xa1"), phone("nhanla", "12289"), desk("huyen")
    made = [near.create(quantity=number) for number in (1, 2, 3)] + [far.create(quantity=number) for number in (4, 5)]
    near.sync(), far.sync()
    one.get("/desk/queue")
    listed = re.findall(r'class="record" href="/desk/records/([\w-]{16})', one.html)
    assert sorted(listed) == sorted(made)
    came = [listed[0]]
    for _ in range(len(listed)):
        one.get(f"/desk/records/{came[-1]}")
        came.append(following(one))
    assert came == [*listed, listed[0]]
    for record, verdict in zip(came[:3], ("counted", "returned", "counted"), strict=True):
        one.get(f"/desk/records/{record}")  # each leaves the list; the next is the one that followed it
        one.post(one.form("/decide"), verdict=verdict, reason="Ghi rõ nơi treo.")
        one.follow()
        assert following(one) == came[came.index(record) + 1]


def following(desk: Any) -> str:
    found = re.search(r'href="/desk/records/([\w-]{16})[^"]*">Mục tiếp theo', desk.html)
    assert found is not None
    return found[1]


@pytest.mark.databases("both")
@pytest.mark.usefixtures("filled")
@pytest.mark.slow
def test_the_number_behind_a_figure_is_that_of_its_records(world: World) -> None:
    """It is read from the totals, and must be the sum over the list."""
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["huyen"])
        campaign = session.get_one(Campaign, world.campaign)
        told = {}
        for code in ("banners", "hotline_units", "scripts"):
            for bucket in ("", "counted", "waiting", "with_waiting"):
                asked = QueueFilter(campaign=world.campaign, state=queue.ALL, figure=code, bucket=bucket)
                told[code, bucket] = queue.amount(session, scope, campaign, asked)
                assert figure_amounts.amount(session, scope, campaign, asked) == told[code, bucket], (code, bucket)
        assert told["banners", "with_waiting"] > told["banners", "counted"] > 0
        other = QueueFilter(campaign=world.campaign, state=queue.ALL, figure="banners", kind="banner")
        assert figure_amounts.amount(session, scope, campaign, other) is None
