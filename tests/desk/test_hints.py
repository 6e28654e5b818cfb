"""Hints: what each rule finds and leaves alone, where it is shown, and who sets its grade."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import now_ms, today
from server.core.db import reading, writing
from server.models import Campaign, Device, Hint, Record, UnitPopulation, WriteRow
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.exports.selection import Selection
from server.services.organisation.staff import give_role
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.services.review.queue import QueueFilter
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.jobs import inline
from support.world.changes import come
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

IN_TIME = {"held_on": "2021-07-10"}
EVENT: dict[str, Any] = {"form": "meeting", "name": "Họp thôn", "role": "host", "attendances": 43, **IN_TIME}
HERE = {"lat_e6": 20_731_200, "lon_e6": 106_051_400, "accuracy_m": 12}
TEXT = "Phát tin về thủ đoạn lừa đưa người ra nước ngoài làm việc nhẹ lương cao, cách nhận biết và nơi báo tin."


def refreshed(world: World) -> None:
    done = inline.done(world, "hints.refresh")
    assert (done.state, done.code) == ("done", None)


def rules(world: World, record: str) -> set[str]:
    """The rules that hit a record; the clock is left out, because the world's campaign was opened today."""
    with world.app.app_context(), reading() as session:
        return set(session.scalars(select(Hint.rule).where(Hint.record_id == record))) - {"time_clock"}


def hint(world: World, record: str, rule: str) -> Hint:
    with world.app.app_context(), reading() as session:
        row = session.get_one(Hint, (record, rule))
        session.expunge(row)
        return row


LEAFLET: dict[str, Any] = {"document": "Tờ gấp", "distributed_on": "2021-07-02", "received": 8, "place": HERE}
BROADCAST: dict[str, Any] = {"script": "Bài 1", "minutes": 60}


def airings(times: int) -> dict[str, Any]:
    return {"schedule": {"from": "2021-07-02", "to": "2021-07-03", "times_a_day": times}}


@pytest.mark.parametrize(
    ("kind", "values", "found"),
    [
        ("event", EVENT | {"place": HERE}, set()),
        ("event", EVENT, {"place_none"}),
        ("event", EVENT | {"place": HERE | {"accuracy_m": 900}}, {"place_poor"}),
        ("event", EVENT | {"place": HERE, "held_on": "2021-08-01"}, {"time_window"}),
        ("event", EVENT | {"place": HERE, "attendances": 4001}, {"number_people"}),
        ("event", EVENT | {"place": HERE, "commitments": 5001}, {"number_range"}),
        ("leaflet", LEAFLET | {"distributed": 9}, {"number_allocated"}),
        ("leaflet", LEAFLET | {"distributed": 8}, set()),
        ("leaflet", LEAFLET | {"distributed": 8, "allocated": 9}, {"number_allocated"}),
        ("event", EVENT | {"place": HERE, "held_on": "2091-07-10"}, {"time_window", "time_ahead"}),
        ("broadcast", BROADCAST | airings(25), {"number_day"}),
        ("broadcast", BROADCAST | airings(24), set()),
    ],
)
def test_a_record_by_itself(world: World, phone: MakePhone, kind: str, values: dict[str, Any], found: set[str]) -> None:
    with world.app.app_context(), writing() as session:
        session.add(UnitPopulation(unit_id=world.units["12286"], people=4000))
    officer = phone("xa1")
    record = officer.create(kind, **values)
    officer.sync()
    refreshed(world)
    assert rules(world, record) == found


@pytest.mark.databases("both")
def test_a_day_to_come_is_judged_by_the_day_on_which_it_was_received(world: World, phone: MakePhone) -> None:
    """F-27: no hint comes or goes because a day passed."""
    officer, held_on = phone("xa1"), "2091-07-10"
    early = officer.create("event", **EVENT | {"place": HERE, "held_on": held_on})
    in_time = officer.create("event", **EVENT | {"place": HERE, "held_on": held_on, "name": "Họp tổ"})
    officer.sync()
    with world.app.app_context(), writing() as session:
        row = session.scalars(select(WriteRow).where(WriteRow.record_id == in_time)).one()
        row.received_at = int(datetime(2091, 7, 10, tzinfo=UTC).timestamp() * 1000)
    refreshed(world)
    assert ("time_ahead" in rules(world, early), "time_ahead" in rules(world, in_time)) == (True, False)
    assert hint(world, early, "time_ahead").detail["on"] == today().isoformat()
    officer.edit(early, note="Đổi ghi chú")
    officer.sync()
    refreshed(world)
    assert "time_ahead" in rules(world, early), "the day itself was not said anew"


NUMBERS: dict[str, Any] = {"distributed": 1200, "received": 1000}


@pytest.mark.parametrize(
    ("said", "kept"),
    [(NUMBERS, True), ({"distributed": 1100, "received": 1000}, False), ("x", False), ({}, False)],
    ids=["these", "others", "a text", "nothing"],
)
def test_what_an_officer_kept_stands_beside_the_hint(
    world: World, phone: MakePhone, desk: MakeDesk, said: Any, kept: bool
) -> None:
    """F-28, F-29: on the card, in fast review and on the record; the hint stays what it is."""
    officer = phone("xa1")
    record = officer.create("leaflet", **LEAFLET | NUMBERS, **{"kept/distributed_received": said})
    officer.sync()
    refreshed(world)
    assert rules(world, record) == {"number_allocated"}
    assert hint(world, record, "number_allocated").grade == "look", "silenced by nobody"
    page = desk("huyen")
    words = "Cán bộ đã xác nhận giữ số này (1.200 / 1.000)"
    for path in ("/desk/queue", f"/desk/records/{record}", f"/desk/review?at={record}"):
        page.get(path)
        assert (words in page.text) is kept, path
        assert "Cần xem" in page.text, path
    assert "Số phát (1.200) lớn hơn số nhận (1.000)." in page.text
    page.get(f"/desk/records/{record}")
    assert "kept/" not in page.text, "in words, also in its history"
    if kept:
        assert "Giữ như đã ghi: Số lượng đã phát: 1.200; Số lượng được cấp: 1.000" in page.text


def test_two_who_keep_different_numbers_are_in_no_conflict(world: World, phone: MakePhone, desk: MakeDesk) -> None:
    """F-29."""
    one, two = phone("xa1"), phone("xa2")
    record = one.create("leaflet", **LEAFLET | NUMBERS)
    for each in (one, two):
        each.sync()
    one.edit(record, None, **{"kept/distributed_received": NUMBERS})
    two.edit(record, None, **{"kept/distributed_received": NUMBERS | {"distributed": 1300}})
    for each in (one, two):
        each.sync()
    refreshed(world)
    with world.app.app_context(), reading() as session:
        assert not session.get_one(Record, record).conflicted
    page = desk("huyen")
    page.get(f"/desk/records/{record}")
    assert "Cán bộ đã xác nhận giữ số này (1.200 / 1.000)" in page.text


def test_a_photo_that_the_app_did_not_take(world: World, phone: MakePhone) -> None:
    officer, photo = (
        phone("xa1"),
        {"size_bytes": 9, "width": 9, "height": 9, "type": "image/jpeg", "thumb_size_bytes": 9},
    )
    made = {}
    for number, source in enumerate(("camera", "phone", "gallery", "forwarded")):
        value = photo | {"sha256": f"{number}" * 64, "thumb_sha256": f"{number + 5}" * 64, "source": source}
        value |= {"taken_at": 1_626_000_000_000}
        made[source] = officer.create("event", **EVENT, place=HERE, **{f"photos/{f'{number}' * 16}": value})
    officer.sync()
    refreshed(world)
    found = {source: rules(world, record) & {"photo_gallery", "photo_forwarded"} for source, record in made.items()}
    assert found == {"camera": set(), "phone": set(), "gallery": {"photo_gallery"}, "forwarded": {"photo_forwarded"}}


def test_a_record_beside_the_units_other_ones(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    people = (41, 38, 52, 47, 44, 460)
    places = [HERE | {"lat_e6": HERE["lat_e6"] + 900 * number} for number in range(5)]
    places.append(HERE | {"lat_e6": HERE["lat_e6"] + 90_000})
    made = [
        officer.create("event", **EVENT | {"name": f"Họp {n}", "attendances": n, "place": place})
        for n, place in zip(people, places, strict=True)
    ]
    leaflets = [
        officer.create("leaflet", document=f"Tờ {n}", distributed=n, distributed_on="2021-07-02", place=HERE)
        for n in (100, 150, 200, 120, 180, 160)
    ]
    officer.sync()
    refreshed(world)
    assert rules(world, made[-1]) == {"number_outlier", "place_far"}
    assert hint(world, made[-1], "place_far").detail["metres"] == pytest.approx(9_800, rel=0.05)
    assert not any(rules(world, record) for record in made[:-1])
    assert [rules(world, record) for record in leaflets] == [{"number_round"}] * 6
    assert hint(world, leaflets[0], "number_round").hits == 6


@pytest.mark.databases("both")
def test_the_same_figures_and_text_elsewhere_and_last_year(world: World, phone: MakePhone) -> None:
    with world.app.app_context(), writing() as session:
        before = open_campaign(
            session,
            world.units["33"],
            NewCampaign("2020", date(2020, 7, 1), date(2020, 7, 31), date(2020, 8, 3), hotline="111", slogans=["a"]),
        ).id
    one, other = phone("xa1"), phone("nhanla", "12289")
    mine = one.create("event", **EVENT | {"attendances": 237, "note": TEXT, "place": HERE})
    one.campaign = before
    last_year = one.create(
        "event", **EVENT | {"attendances": 237, "name": "Năm trước", "held_on": "2020-07-10", "place": HERE}
    )
    theirs = other.create(
        "event", **EVENT | {"attendances": 11, "name": "Nơi khác", "note": TEXT.upper(), "place": HERE}
    )
    for each in (one, other):
        each.sync()
    refreshed(world)
    assert rules(world, mine) == {"alike_figures", "alike_text"}
    assert hint(world, mine, "alike_figures").detail == {"earlier": 1, "others": [last_year]}
    assert hint(world, mine, "alike_text").detail == {"earlier": 0, "others": [theirs]}
    assert rules(world, theirs) == {"alike_text"}
    assert rules(world, last_year) == set(), "what came later says nothing about what came first"


@pytest.mark.databases("both")
def test_one_thing_recorded_by_two_officers_or_two_levels(world: World, phone: MakePhone) -> None:
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["phucu"], world.units["331"], "officer")
    one, two, above = phone("xa1"), phone("xa2"), phone("phucu", "331")
    banner: dict[str, Any] = {"slogan": "s1", "put_up_on": "2021-07-05", "quantity": 1, "place": HERE}
    made = {
        "first": one.create("event", **EVENT, place=HERE),
        "second": two.create("event", **EVENT | {"name": "HỌP  THÔN", "attendances": 50, "place": HERE}),
        "third": above.create("event", **EVENT | {"attendances": 60, "place": HERE}),
        "here": one.create(**banner, hamlet="Thôn Tạ Thượng"),
        "there": two.create(**banner, hamlet="Thôn Tạ Trung"),
        "nowhere": two.create(**banner),
        "again": one.create(**banner, hamlet="Thôn Tạ Thượng"),
        "leaflet": one.create("leaflet", **LEAFLET | {"distributed": 5}),
        "same": one.create("leaflet", **LEAFLET | {"distributed": 6, "document": "TỜ  GẤP"}),
    }
    for each in (one, two, above):
        each.sync()
    refreshed(world)
    found = {name: rules(world, record) for name, record in made.items()}
    assert found.pop("first") == found.pop("second") == {"twice_officer", "twice_level"}
    assert found.pop("third") == {"twice_level"}
    assert found.pop("leaflet") == found.pop("same") == {"twice_again"}, "by whomever, a leaflet counts once"
    assert not any(found.values()), "one slogan hangs at many places on one day, and one officer hangs several"


def test_a_phone_whose_code_a_reviewer_made(world: World, phone: MakePhone, desk: MakeDesk) -> None:
    officer = phone("xa1")
    with world.app.app_context(), writing() as session:
        for device in session.scalars(select(Device)):
            device.code_by, device.confirmed_at = world.officers["huyen"], None
    record = officer.create("event", **EVENT, place=HERE)
    officer.sync()
    refreshed(world)
    assert rules(world, record) == {"code_maker"}
    page = desk("tinh")
    page.get(f"/desk/records/{record}")
    assert "Mã đăng ký của máy do Người duyệt huyện Kim Động cấp" in page.text


@pytest.mark.slow
@pytest.mark.databases("both")
def test_hints_are_shown_and_lists_are_narrowed_by_them(world: World, phone: MakePhone, desk: MakeDesk) -> None:
    officer = phone("xa1")
    good = officer.create("event", **EVENT, place=HERE)
    late = officer.create("event", **EVENT | {"name": "Muộn", "held_on": "2021-08-05", "place": HERE})
    bare = officer.create("event", **EVENT | {"name": "Không vị trí"})
    officer.sync()
    refreshed(world)
    with world.app.app_context(), reading() as session:
        assert session.get_one(Record, late).hint == "look"
        assert {session.get_one(Record, id_).hint for id_ in (good, bare)} == {"note"}
    page = desk("huyen")
    page.get("/desk/queue?hint=look")
    assert (late in page.html, bare in page.html, good in page.html) == (True, False, False)
    assert "Cần xử lý 1" in page.text, "the counts are of the same list"
    page.get("/desk/queue?hint=place_none")
    assert (late in page.html, bare in page.html) == (False, True)
    page.get("/desk/queue")
    assert page.html.count('class="state hint hint-look"') == 1
    for path in (f"/desk/records/{late}", f"/desk/review?at={late}"):
        page.get(path)
        assert "Ngày tổ chức: 05/08/2021, ngoài thời gian của đợt (01/07/2021 – 31/07/2021)." in page.text
        assert re.search(r"Đồng hồ điện thoại lệch khoảng [\d.]+ ngày\.", page.text), "not in minutes"
    page.get(f"/desk/review?hint=look&state=unready&at={late}")
    assert "1/1" in page.text.replace(" ", "")


@pytest.mark.databases("both")
def test_a_rule_that_hits_too_many_is_listed_for_the_first_units(
    world: World, phone: MakePhone, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, list[str]] = {}
    for username, code, count in (("xa1", "12286", 2), ("nhanla", "12289", 3), ("dinhcao", "12397", 1)):
        officer = phone(username, code)
        made[code] = [officer.create("event", **EVENT | {"name": f"Họp {code} {nth}"}) for nth in range(count)]
        officer.sync()
    refreshed(world)
    page = desk("tinh")

    def listed(path: str) -> tuple[set[str], str]:
        page.get(path)
        end = re.search(r"chỉ gồm các đơn vị từ đầu danh sách đến (.*?)\.", page.text)
        return {unit for unit, ids in made.items() if all(id_ in page.html for id_ in ids)}, end[1] if end else ""

    for view in ("gallery", "list", "table", "map"):
        page.get(f"/desk/results?view={view}")
        assert page.html.count('class="state hint hint-') == 6, f"{view}: marked as in the queue"
    lists = ("/desk/queue?state=all&hint=place_none", "/desk/results?hint=place_none&view=list")
    for most, first, end in (
        (6, {"12286", "12289", "12397"}, ""),
        (5, {"12286", "12289"}, "huyện Phù Cừ"),
        (4, {"12286"}, "xã Chính Nghĩa"),
        (1, {"12286"}, "xã Chính Nghĩa"),  # the first unit is in it, however many it has
    ):
        monkeypatch.setattr("server.services.review.queue_bound.MOST", most)
        for path in lists:
            assert listed(path) == (first, end), (most, path)
    assert listed("/desk/review?state=all&hint=place_none")[1] == "xã Chính Nghĩa"
    page.get(f"{lists[0]}&campaign={world.campaign}")
    record = f"/desk/records/{made['12286'][0]}"
    opened = re.search(rf'href="({record}\?[^"]*)"', page.html)
    assert opened
    for path, ends in ((unescape(opened[1]), True), (record, False)):
        page.get(path)
        assert ("“Mục tiếp theo” chỉ đến hết xã Chính Nghĩa" in page.text) is ends, "then comes the first again"
    for path in lists:
        page.get(f"{path}&state=returned".replace("state=all&", ""))
        assert "Các đơn vị đó không có bản ghi nào khớp" in page.text, "others may have some"
        assert "Không có bản ghi nào khớp" not in page.text
    page.get(lists[0])
    assert re.search(r"Tất cả 2\b", page.text), "the counts are of the same list"
    assert listed(f"{lists[0]}&unit={world.units['12289']}") == ({"12289"}, "")
    with world.app.app_context(), reading() as session:
        here, asked = session.get_one(Campaign, world.campaign), QueueFilter(state="all", hint="place_none")
        whole = Selection(session, Scope(session, world.officers["tinh"]), here, ResultFilter(asked))
        assert (whole.count(), len(whole.places())) == (6, 6), "a file has all of them"


def test_who_runs_a_campaign_sets_the_grades(world: World, phone: MakePhone, desk: MakeDesk) -> None:
    officer = phone("xa1")
    record = officer.create("event", **EVENT | {"attendances": 300})
    officer.sync()
    refreshed(world)
    assert hint(world, record, "place_none").grade == "note"
    page, path = desk("tinh"), f"/desk/campaigns/{world.campaign}/amend"
    page.get(path)
    page.post(page.form("/hints"), place_none="look")
    assert page.location.endswith("/amend#hints")
    assert hint(world, record, "place_none").grade == "look", "also where the hint is there already"
    refreshed(world)
    page.get(path)
    assert page.form("/hints").values["place_none"] == ["look"]
    assert page.post(page.form("/hints"), place_none="never").status_code == 400
    page.get(path)
    assert page.post(page.form("/people"), people="12286 250\n12289").status_code == 422
    assert "Dòng 2" in page.text
    page.post(page.form("/people"), people="99999 250")
    assert "99999" in page.text
    page.post(page.form("/people"), people="12286; 250")
    refreshed(world)
    assert "number_people" in rules(world, record)
    other = desk("huyen")
    other.get(path)
    assert other.status == 403, "it runs no campaign"


@pytest.mark.databases("both")
def test_hints_follow_what_is_written_and_go_with_a_purge(world: World, phone: MakePhone) -> None:
    one, other = phone("xa1"), phone("nhanla", "12289")
    mine = one.create("event", **EVENT | {"attendances": 1237, "place": HERE})
    theirs = other.create("event", **EVENT | {"attendances": 1237, "name": "Khác", "place": HERE})
    for each in (one, other):
        each.sync()
    refreshed(world)
    assert (rules(world, mine), rules(world, theirs)) == ({"alike_figures"}, {"alike_figures"})
    one.edit(mine, attendances=1238)
    one.sync()
    refreshed(world)
    assert (rules(world, mine), rules(world, theirs)) == (set(), set()), "the other's hint goes, too"
    one.edit(mine, attendances=237)
    one.sync()
    refreshed(world)
    with world.app.app_context(), writing() as session:
        purges.purge(session, [mine], Order(world.officers["quantri"], "thử", now_ms()), installed(world.app).blobs)
    assert rules(world, mine) == set()
    refreshed(world)
    assert rules(world, theirs) == set()


@pytest.mark.databases("both")
def test_what_a_letter_asks_of_everybody_is_not_looked_at(world: World, phone: MakePhone) -> None:
    """One script is played by every station, every unit holds a rally of one name: no two of these are one thing."""
    come(world, "phucu", "331")
    commune, second, district = phone("xa1"), phone("xa2"), phone("phucu", "331")
    script = {"script": "Hưởng ứng Ngày 30/7", "schedule": {"from": "2021-07-05", "to": "2021-07-20", "times_a_day": 2}}
    banner: dict[str, Any] = {"slogan": "s1", "put_up_on": "2021-07-05", "quantity": 1, "hamlet": "Thôn Tạ Thượng"}
    away = HERE | {"lat_e6": HERE["lat_e6"] + 20_000}
    corner = HERE | {"lat_e6": HERE["lat_e6"] + 2_000}
    made = {
        "own station": commune.create("broadcast", **script, minutes=10, station="Đài xã"),
        "district's station": district.create("broadcast", **script, minutes=10, station="Đài huyện"),
        "own rally": commune.create("event", **EVENT | {"attendances": 137}, place=HERE),
        "district's rally": district.create("event", **EVENT | {"attendances": 60}, place=away),
        "one corner": commune.create(**banner, place=HERE),
        "the other corner": second.create(**banner, place=corner),
    }
    for each in (commune, second, district):
        each.sync()
    refreshed(world)
    looks = {"twice_level", "twice_officer", "twice_again", "alike_figures"}
    assert not {name: found for name, record in made.items() if (found := rules(world, record) & looks)}


@pytest.mark.databases("both")
def test_one_number_is_the_same_by_chance_in_two_units(world: World, phone: MakePhone) -> None:
    one, other = phone("xa1"), phone("nhanla", "12289")
    by_chance = [each.create("event", **EVENT | {"attendances": 137, "place": HERE}) for each in (one, other)]
    copied = [
        each.create("event", **EVENT | {"name": "Lễ", "attendances": 137, "commitments": 113, "place": HERE})
        for each in (one, other)
    ]
    one.sync(), other.sync()
    refreshed(world)
    assert [rules(world, record) for record in by_chance] == [set(), set()]
    assert [rules(world, record) for record in copied] == [{"alike_figures"}] * 2
