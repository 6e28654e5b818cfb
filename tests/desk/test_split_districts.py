"""A district is split: its communes go to one part each, with all that is theirs (SPEC L-54)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from desk.test_hints import EVENT, HERE, refreshed, rules
from sqlalchemy import select

from server.core.clock import now_ms, stopped_at, today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import AuditLine, Campaign, Stream, Unit, UnitSplit
from server.models.installation import lock_catalog
from server.services.campaigns import lifecycle
from server.services.figures import loading
from server.services.hints import freshness
from server.services.organisation import unit_changes
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import come, lines, merge, seal, split, status, unsplit
from support.world.comparing import counted
from support.world.locking import ask, check, lock, since, unlock
from support.world.locking import reopen as reopened
from support.world.splitting import preset, splitting
from support.world.world import World, campaign
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")

NEW = "332; Huyện Kim Bắc"
DAY = 86_400_000


def preview(one: Any, parts: str = NEW, **more: str) -> str:
    asked = {"act": "split", "old": "331", "parts": parts, "on": today().isoformat(), **more}
    one.get(f"/desk/units/change?{urlencode(asked)}")
    return str(one.text)


def choice(world: World, who: dict[str, str], units: dict[str, str]) -> dict[str, list[str]]:
    """The four lists of the form."""
    people = {"officer": [world.officers[name] for name in who], "to": list(who.values())}
    return people | {"unit": [world.units[code] for code in units], "under": list(units.values())}


def banners(world: World, *codes: str) -> dict[str, tuple[int, list[str]]]:
    """By unit: counted banners, and the names of the rows of its table."""
    found = {}
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["quantri"])
        for code in codes:
            made = loading.load(session, scope, session.get_one(Campaign, world.campaign), world.units[code])
            found[code] = (
                made.total.cells["banners"].counted,
                [row.unit.name for row in made.children],
            )
    return found


def above(world: World, *codes: str) -> list[str]:
    """Codes of the units right above these ones."""
    names = {id_: code for code, id_ in world.units.items()}
    with world.app.app_context(), reading() as session:
        return [names[str(session.get_one(Unit, world.units[code]).parent_id)] for code in codes]


def add(world: World, code: str, name: str, parent: str) -> None:
    """Add a unit that stands since before the splits, of the level of those beside it."""
    with world.app.app_context(), writing() as session:
        over = session.get_one(Unit, world.units[parent])
        level = {"province": "district", "district": "commune", "commune": "hamlet"}[over.level]
        row = unit_changes.UnitRow(code, name, name, level, parent)
        made = unit_changes.add_unit(session, row, over, date(2021, 1, 2))
        world.units[code] = made.id


def hamlets(world: World) -> None:
    """Add units below two communes of different districts."""
    for code, parent in {"h1": "12286", "h2": "12286", "h3": "12397"}.items():
        add(world, code, f"Thôn {code}", parent)


def works(world: World, what: str, at: str, who: str = "") -> str:
    """Have a unit lock its figures, or open a campaign of its own. `who` locks: by default its reviewer.

    Returns the campaign's id.
    """
    if what == "lock":
        lock(world, who or {"331": "huyen", "333": "phucu"}[at], at)
        return world.campaign
    with world.app.app_context(), writing() as session:
        return lifecycle.open_campaign(session, world.units[at], campaign()).id


@pytest.mark.slow
@pytest.mark.databases("both")
def test_a_commune_goes_to_the_new_district_and_comes_back(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    seal(world, "nhanla", "12289")
    sealed, one = lines(world, "12289"), desk("quantri")
    kim_dong = ["Xã Chính Nghĩa", "Xã Nhân La"]
    assert banners(world, "33", "331") == {"33": (17, ["Huyện Kim Động", "Huyện Phù Cừ"]), "331": (17, kim_dong)}

    assert "Đơn vị bên dưới sang đơn vị nào?" in preview(one)
    assert "Xã Nhân La 12289 1 1 1" in one.text  # records, confirmations, accounts
    assert "Huyện Kim Động 331 0 0 0" in one.text, "what the communes have is not the district's own"
    chosen = choice(world, {"huyen": "332"}, {"12286": "", "12289": "332"})
    assert one.post(splitting(one), **chosen, yes="1").status_code == 303, one.text
    with world.app.app_context(), reading() as session:
        world.units["332"] = session.scalars(select(Unit).where(Unit.code == "332")).one().id
        lines_ = session.scalars(select(AuditLine).where(AuditLine.act == "unit_moved")).all()
        assert [(row.about_id, world.units["332"] in row.new, world.units["331"] in row.old) for row in lines_] == [
            (world.units["12289"], True, True)
        ]
    assert above(world, "12286", "12289") == ["331", "332"]
    assert banners(world, "33", "331", "332") == {
        "33": (17, ["Huyện Kim Bắc", "Huyện Kim Động", "Huyện Phù Cừ"]),
        "331": (12, ["Xã Chính Nghĩa"]),
        "332": (5, ["Xã Nhân La"]),
    }
    assert lines(world, "12289") == sealed
    officer, reviewer = phone("nhanla", "12289"), desk("huyen")
    record = officer.create(quantity=1)
    officer.sync()
    for code, status_ in (("332", 200), ("12289", 200), ("12286", 404)):
        reviewer.get(f"/desk/figures?unit={world.units[code]}&campaign={world.campaign}")
        assert reviewer.status == status_, code
    reviewer.get(f"/desk/records/{record}")
    assert reviewer.status == 200, "who reviews the new district reviews its communes"

    one.get("/desk/units/change?act=split")
    assert "Trở lại đơn vị cũ: 1 cán bộ, 1 đơn vị bên dưới." in one.text
    assert one.post(one.form("/take-back")).status_code == 303, one.text
    assert above(world, "12286", "12289", "332") == ["331", "331", "331"]
    assert banners(world, "33", "331") == {"33": (17, ["Huyện Kim Động", "Huyện Phù Cừ"]), "331": (17, kim_dong)}
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["quantri"])
        table = loading.load(session, scope, session.get_one(Campaign, world.campaign), world.units["33"])
        assert [row.unit.name for row in table.below(world.units["331"])] == kim_dong
    assert lines(world, "12289") == sealed
    reviewer.get(f"/desk/records/{record}")
    assert reviewer.status == 200


@pytest.mark.slow
@pytest.mark.databases("both")
def test_a_district_that_ends_leaves_its_communes_to_two(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Those of a district that was merged into it before go along; who and what is not named goes to the heir."""
    counted(desk, phone, xa1=12, nhanla=5)
    merge(world, "333", into="331")
    row = split(world, "331", "332=Huyện Kim Bắc", "334=Huyện Kim Nam", heir="332", below={"12397": "334"})
    assert above(world, "331", "12286", "12289", "12397", "333") == ["332", "332", "332", "334", "331"]
    found = banners(world, "33", "332", "334")
    assert {code: amount for code, (amount, _) in found.items()} == {"33": 17, "332": 17, "334": 0}
    unsplit(world, row)
    assert above(world, "331", "12286", "12289", "12397", "333") == ["33", "331", "331", "333", "331"]
    assert {code: amount for code, (amount, _) in banners(world, "33", "331").items()} == {"33": 17, "331": 17}


@pytest.mark.slow
def test_what_happened_before_stays_readable(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The figures of an archived campaign, and what the province locked."""
    counted(desk, phone, xa1=12, nhanla=5)
    freeze = lock(world, "tinh", "33")
    status(world, "archived")
    split(world, "331", "332=Huyện Kim Bắc", below={"12289": "332"}, huyen="332")
    assert check(world, freeze).is_good
    one = desk("huyen")
    one.get(f"/desk/figures?unit={world.units['332']}&campaign={world.campaign}")
    assert (one.status, "Xã Nhân La" in one.text) == (200, True)
    assert {code: amount for code, (amount, _) in banners(world, "33", "331", "332").items()} == {
        "33": 17, "331": 12, "332": 5,
    }  # fmt: skip
    assert since(world, freeze)["Huyện Kim Động", "banners"] == (17, 12)
    assert since(world, freeze)["Huyện Kim Bắc", "banners"] == (None, 5)
    assert not [name for name, _ in since(world, freeze) if name in ("Tỉnh Hưng Yên", "Xã Nhân La")]


@pytest.mark.parametrize(
    ("units", "more", "code"),
    [
        ({"12286": "", "12289": ""}, {}, "split_no_units"),
        ({"12286": "332", "12289": "332"}, {}, "split_keeps_none"),
    ],
)
def test_each_has_a_unit_below(
    world: World, desk: MakeDesk, units: dict[str, str], more: dict[str, str], code: str
) -> None:
    one = desk("quantri")
    preview(one)
    chosen = choice(world, {"huyen": "332"}, units)
    assert one.post(splitting(one), **chosen, **more, yes="1").status_code == 422
    assert CODES[code].vi in one.text
    assert preset(one, "under") == list(units.values()), "nothing that was chosen is lost"


def test_what_would_be_in_two_reports_or_campaigns_is_refused(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    lock(world, "huyen", "331")
    assert "” (Huyện Kim Động): số liệu đang khóa, các đơn vị chuyển đi sẽ có trong hai báo cáo" in preview(one)
    assert "Tôi đã xem phần trên" not in one.text
    unlock(world, "tinh", "331")
    assert "Tôi đã xem phần trên" in preview(one)
    with world.app.app_context(), writing() as session:
        own = lifecycle.open_campaign(session, world.units["331"], campaign()).id
    assert "” (Huyện Kim Động) là đợt hoạt động riêng, chưa lưu trữ" in preview(one)
    with world.app.app_context(), writing() as session:
        lifecycle.set_status(session, own, "archived")
    assert "Tôi đã xem phần trên" in preview(one)


@pytest.mark.parametrize(("what", "fault"), [("campaign", "own_campaign"), ("lock", "locked_here")])
@pytest.mark.parametrize("at", ["331", "333"])
def test_so_is_what_is_of_a_unit_above_one_of_them_alone(world: World, what: str, fault: str, at: str) -> None:
    """L-54: the part is below another district, whose figures grow by what the other one loses."""
    hamlets(world)
    works(world, what, at)
    with pytest.raises(ValueError, match=fault):
        split(world, "12286", "12397", below={"h1": "12397"})


def asks(world: World) -> None:
    lock(world, "huyen", "331")
    ask(world)


def opens(world: World) -> None:
    """Locked, and opened again until the end of today."""
    lock(world, "huyen", "331")
    reopened(world, today())


@pytest.mark.parametrize("done", [asks, opens])
def test_so_is_what_is_locked_still(world: World, done: Callable[[World], None]) -> None:
    """A request opens nothing, and behind the end of a reopening they are locked as they were."""
    done(world)
    with stopped_at(now_ms() + DAY), pytest.raises(ValueError, match="locked_here"):
        split(world, "331", "332=Huyện Kim Bắc", below={"12289": "332"})


@pytest.mark.parametrize("done", [asks, opens])
def test_what_is_locked_still_stays_archived(world: World, done: Callable[[World], None]) -> None:
    """L-56: the moment of the lock counts, not that of the request behind it."""
    done(world)
    reopen(world, world.campaign, "archived")
    with stopped_at(now_ms() + DAY):
        split(world, "331", "332=Huyện Kim Bắc", below={"12289": "332"})
        with pytest.raises(Problem, match="campaign_split"):
            reopen(world, world.campaign)


def test_so_is_a_campaign_of_a_district_that_was_merged_before(world: World) -> None:
    merge(world, "333", into="331")
    works(world, "campaign", "333")
    with pytest.raises(ValueError, match="own_campaign"):
        split(world, "331", "332=Huyện Kim Bắc", below={"12397": "332"})


@pytest.mark.parametrize(("what", "at"), [("campaign", "331"), ("lock", "331"), ("lock", "33"), ("campaign", "333")])
def test_what_was_archived_for_a_split_stays_archived(world: World, desk: MakeDesk, what: str, at: str) -> None:
    """L-56: unless its figures are of a unit above all of them. Taken back, the split keeps nothing archived."""
    campaign_id = works(world, what, at, "tinh" if at == "33" else "")
    one, letter = desk("tinh"), f"/desk/campaigns/{campaign_id}"
    one.get(letter)
    form = one.form(f"{letter}/status")
    assert one.post(form, status="archived").status_code == 303
    row = split(world, "331", "332=Huyện Kim Bắc", "333", below={"12286": "332", "12289": "333"}, heir="332")
    one.get(letter)
    kept = at != "33"
    assert ("huyện Kim Động chia tách từ 20/07/2021" in one.text, one.has_form(f"{letter}/status")) == (kept, not kept)
    for wanted in ("closed", "open"):
        assert one.post(form, status=wanted).status_code == (409 if kept else 303)
        assert (CODES["campaign_split"].vi in one.text) is kept
    unsplit(world, row)
    assert one.post(form, status="open").status_code == 303


def archived(world: World, what: str, at: str) -> str:
    """A campaign that was archived after `works`; returns its id."""
    campaign_id = works(world, what, at)
    reopen(world, campaign_id, "archived")
    return campaign_id


def reopen(world: World, campaign_id: str, wanted: str = "open") -> None:
    with world.app.app_context(), writing() as session:
        lifecycle.set_status(session, campaign_id, wanted)


def test_what_a_split_concerned_is_as_the_units_were_then(world: World) -> None:
    """L-56: a merger that came after it neither adds units to it nor takes some away."""
    hamlets(world)
    above, beside = archived(world, "campaign", "333"), archived(world, "campaign", "12289")
    split(world, "12286", "12397", below={"h1": "12397"})
    reopen(world, beside)
    reopen(world, beside, "archived")
    merge(world, "12397", into="12289")
    with pytest.raises(Problem, match="campaign_split"):
        reopen(world, above)
    reopen(world, beside)


def test_a_unit_merged_after_the_split_is_none_that_was_split(world: World) -> None:
    """L-56: its own campaign would not have been in the way."""
    campaign_id = archived(world, "campaign", "333")
    split(world, "331", "332=Huyện Kim Bắc", below={"12286": "332"})
    merge(world, "333", into="331")
    reopen(world, campaign_id)


def test_a_unit_merged_before_the_split_is(world: World) -> None:
    merge(world, "333", into="331")
    campaign_id = archived(world, "campaign", "333")
    split(world, "331", "332=Huyện Kim Bắc", below={"12397": "332"})
    with pytest.raises(Problem, match="campaign_split"):
        reopen(world, campaign_id)


def test_a_unit_of_the_same_name_is_there_already(world: World, desk: MakeDesk) -> None:
    add(world, "12398", "Xã Nhân La", "333")
    one = desk("quantri")
    preview(one, "333")
    chosen = choice(world, {"huyen": ""}, {"12286": "", "12289": "333"})
    assert one.post(splitting(one), **chosen, yes="1").status_code == 422
    assert CODES["split_below_name"].vi in one.text, "nothing has changed since the preview"
    assert "Xã Nhân La trùng tên với một đơn vị đang thuộc đơn vị nhận địa bàn" in one.text
    assert preset(one, "under") == ["", "333"], "the form is there to choose another place"


def test_a_unit_below_that_was_merged_since_is_named(world: World, desk: MakeDesk) -> None:
    """L-55."""
    one = desk("quantri")
    preview(one)
    form = splitting(one)
    merge(world, "12289", into="12286")
    chosen = choice(world, {"huyen": "332"}, {"12286": "", "12289": "332"})
    assert one.post(form, **chosen, yes="1").status_code == 409
    assert "Đơn vị bên dưới: khi xem là 2, nay là 1." in one.text
    assert "Xã Nhân La không còn ngay dưới đơn vị được chia tách" in one.text
    assert above(world, "12286") == ["331"]


@pytest.mark.parametrize(
    ("what", "kept"),
    [("lock", "locked"), ("merge", "moved_on"), ("campaign", "moved_on"), ("seal", ""), ("lock above", "")],
)
def test_what_came_since_keeps_it_or_does_not(world: World, what: str, kept: str) -> None:
    """L-52: a commune's own confirmation goes with it, and what is locked above all of them is the same."""
    row = split(world, "331", "332=Huyện Kim Bắc", below={"12289": "332"}, huyen="332")
    if what == "merge":
        merge(world, "12289", into="12286")
    elif what == "seal":
        seal(world, "nhanla", "12289")
    elif what == "lock above":
        lock(world, "tinh", "33")
    else:
        works(world, what, "332", "huyen")
    if kept:
        with pytest.raises(ValueError, match=kept):
            unsplit(world, row)
    else:
        unsplit(world, row)
    assert (above(world, "12289") == ["331"]) is not bool(kept)


@pytest.mark.parametrize(("what", "kept"), [("campaign", "moved_on"), ("lock", "locked")])
def test_so_does_what_came_above_a_part(world: World, what: str, kept: str) -> None:
    hamlets(world)
    row = split(world, "12286", "12397", below={"h1": "12397"})
    works(world, what, "333")
    with pytest.raises(ValueError, match=kept):
        unsplit(world, row)


@pytest.mark.parametrize(
    "change",
    [
        lambda world: merge(world, "333", into="332"),
        lambda world: merge(world, "12397", into="12289"),
        lambda world: add(world, "12299", "Xã Nhân La", "331"),
        lambda world: add(world, "331", "Huyện Khoái Châu", "33"),
        lambda world: add(world, "335", "Huyện Kim Động", "33"),
    ],
)
def test_so_do_units_that_changed_since(world: World, change: Callable[[World], None]) -> None:
    """L-52: a part that ended, what joined a unit that went there, and a name or a code that another one has by now."""
    row = split(world, "331", "332=Huyện Kim Bắc", "333", heir="332", below={"12289": "333"})
    change(world)
    with pytest.raises(ValueError, match="moved_on"):
        unsplit(world, row)


def test_hints_of_units_that_moved_are_made_anew(world: World, phone: MakePhone) -> None:
    """A district that logged the same as its commune is another one now; so is the commune that stayed."""
    officer = phone("nhanla", "12289")
    officer.create(quantity=1)
    officer.sync()
    refreshed(world)
    row = split(world, "331", "332=Huyện Kim Bắc", below={"12289": "332"})
    for again in (False, True):
        with world.app.app_context(), reading() as session:
            here = select(Stream.id).where(Stream.unit_id == world.units["12289"], Stream.campaign_id == world.campaign)
            assert session.scalars(here).one() in set(session.scalars(freshness.stale()))
        if not again:
            refreshed(world)
            unsplit(world, row)


def test_hints_of_both_levels_follow_the_tree(world: World, phone: MakePhone) -> None:
    """A commune and another district recorded the same; it is two levels once that district is above the commune."""
    come(world, "phucu", "333")
    commune, district = phone("nhanla", "12289"), phone("phucu", "333")
    both = [each.create("event", **EVENT, place=HERE) for each in (commune, district)]
    commune.sync(), district.sync()

    def are_two_levels() -> bool:
        refreshed(world)
        first, second = ("twice_level" in rules(world, record) for record in both)
        assert first == second
        return first

    assert not are_two_levels()
    row = split(world, "331", "333", below={"12289": "333"})
    assert are_two_levels()
    unsplit(world, row)
    assert not are_two_levels()
    merge(world, "331", into="333")
    assert are_two_levels()


def test_a_unit_that_was_merged_is_no_level_below(world: World, phone: MakePhone) -> None:
    """Each of the two communes had its own meeting."""
    old, successor = phone("xa1", "12286"), phone("nhanla", "12289")
    both = [each.create("event", **EVENT, place=HERE) for each in (old, successor)]
    old.sync(), successor.sync()
    merge(world, "12286", into="12289")
    refreshed(world)
    assert not any("twice_level" in rules(world, record) for record in both)


def test_a_slip_that_followed_and_was_taken_back_keeps_nothing(world: World) -> None:
    row = split(world, "12286", "12287=Xã Tân Lập")
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, world.units["12287"]).valid_from = date(2021, 7, 1)  # long ago: split again since
    unsplit(world, split(world, "12287", "12288=Xã Tân Hưng"))
    unsplit(world, row)
    assert above(world, "12287") == ["12286"]


def test_a_split_of_before_units_could_move_is_taken_back(world: World) -> None:
    """Its row names no units below."""
    row = split(world, "12286", "12287=Xã Tân Lập")
    with world.app.app_context(), writing() as session:
        made = session.get_one(UnitSplit, row)
        made.parts = [part[:2] for part in made.parts]
    unsplit(world, row)
    assert above(world, "12287") == ["12286"]
