"""The demo: made through the services, whole, and never over something else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, select

from server.application import create_app
from server.commands import main
from server.core.clock import HOUR_MS, now_ms, stopped_at
from server.core.db import db, reading
from server.demo.cloth import font
from server.demo.making import story
from server.demo.people import FIRST_COMMUNE, PASSWORD, Cast
from server.demo.photo import Scene, shoot
from server.demo.records import Recorder
from server.demo.steps import Recorded
from server.models import (
    Campaign,
    CampaignFile,
    DecisionRow,
    Device,
    Hint,
    Officer,
    Paper,
    PaperFile,
    PaperStep,
    Passage,
    PhotoRef,
    Record,
    Seal,
    Stream,
    TotalStep,
    Unit,
    WriteRow,
)
from server.settings import Settings
from support.checks import documents, recount
from support.clients.desk import Desk, token_of
from support.installation.apps import app_on
from support.installation.databases import Engine
from support.quick import SQLITE_FIRST
from support.world.world import World
from sync.registry import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.costly]

Loa = Callable[..., Result]
SINCE = date(2021, 1, 1)
VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"


def loa_in(database_url: str, folder: Path) -> Loa:
    runner = CliRunner(env={"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(folder)})
    return lambda *words: runner.invoke(main, words)


@dataclass
class Made:
    """A demo that was made once for the tests of this file."""

    url: str
    folder: Path
    loa: Loa
    made: Result


@pytest.fixture(scope="module", params=SQLITE_FIRST)
def demo(
    request: pytest.FixtureRequest, database_engine: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory
) -> Made:
    url, folder = database_engine(request.param).fresh(), tmp_path_factory.mktemp("demo")
    loa = loa_in(url, folder)
    return Made(url, folder, loa, loa("demo", "--communes", "3"))


@pytest.fixture
def loa(database_url: str, tmp_path: Path) -> Loa:
    return loa_in(database_url, tmp_path)


@pytest.mark.costly
def test_the_demo_has_every_state_and_all_its_photos(demo: Made) -> None:
    made = demo.made
    assert made.exit_code == 0, made.output
    assert PASSWORD in made.stdout
    assert len(re.findall(r"Cán bộ \d xã Chính Nghĩa: \d{4} \d{4} ", made.stdout)) == 2
    engine = create_engine(demo.url)
    with engine.connect() as database:
        assert len(set(database.scalars(select(Seal.stream_id)))) == 1, "one commune has sent its figures"
        states = set(database.scalars(select(Record.state)))
        assert states >= {"draft", "waiting", "counted", "returned", "not_counted", "amended", "deleted"}
        assert set(database.scalars(select(Record.kind))) == set(KINDS)
        returned = select(Record.kind).where(Record.state == "returned")
        assert {"event", "leaflet"} <= set(database.scalars(returned))
        assert Counter(database.scalars(select(CampaignFile.use))) == {"script": 6, "design": 4}, "for two campaigns"
        written = list(database.scalars(select(WriteRow.set)))
        named = {write[name] for write in written for name in ("script_file", "design") if name in write}
        assert len(named) > 2
        assert named <= set(database.scalars(select(CampaignFile.id)))
        assert sum(any(name.startswith("aired/") for name in write) for write in written) > 5
        first = select(Record).join(Stream, Stream.id == Record.stream_id).join(Unit, Unit.id == Stream.unit_id)
        here = list(database.execute(first.where(Unit.code == FIRST_COMMUNE)))
        assert Counter(row.conflicted for row in here)[True] == 2
        held = Counter((role, held) for role, held in database.execute(select(PhotoRef.role, PhotoRef.held)))
        assert held.keys() == {("original", True), ("thumb", True)}
        papers = list(database.execute(select(Paper.kind, PaperStep.state, PaperStep.doc_number).join(PaperStep)))
        assert {(kind, state) for kind, state, _ in papers} >= {("report", "issued"), ("supplement", "draft")}
        assert [number for _, _, number in papers if number] == ["215/BC-UBND"]
        assert len(list(database.execute(select(PaperFile.sha256)))) == 1
        assert list(database.execute(select(TotalStep.amount, TotalStep.on_behalf))) == [(3, True)]
        practice = select(Record.id).join(Stream, Stream.id == Record.stream_id).join(Campaign)
        assert len(list(database.scalars(practice.where(Campaign.practice)))) == 1
        now = now_ms()
        assert all(
            at <= received <= now for at, received in database.execute(select(WriteRow.at, WriteRow.received_at))
        )
        assert all(at <= now for at in database.scalars(select(DecisionRow.at)))
        for device in database.execute(select(Device.id, Device.seen_at, Device.created_at)):
            handed_in = list(database.scalars(select(WriteRow.received_at).where(WriteRow.device_id == device.id)))
            assert device.seen_at == max(handed_in, default=device.created_at)
    engine.dispose()


@pytest.mark.costly
def test_the_accounts_that_are_printed_open_the_desk(demo: Made) -> None:
    accounts = demo.made.stdout.partition("password")[2]
    printed = re.findall(r"^  ([a-z.]+) +(\w.*)$", accounts, re.MULTILINE)
    assert [username for username, _ in printed] == ["xa.chinhnghia", "huyen.kimdong", "tinh.hungyen", "quantri"]
    assert "passphrase loa-demo-111-case" in demo.made.stdout
    app = create_app(Settings.from_environment({"LOA_DATABASE_URL": demo.url, "LOA_DATA_DIR": str(demo.folder)}))
    for username, name in printed:
        browser = app.test_client()
        form = browser.get("/desk/sign-in").text
        guard = re.findall(r'name="csrf_token" value="([^"]+)"', form)[0]
        sent = {"csrf_token": guard, "username": username, "password": PASSWORD}
        assert browser.post("/desk/sign-in", data=sent).status_code == 303
        assert name in browser.get("/desk/", follow_redirects=True).text
    with app.app_context():
        db.engine.dispose()
    listed = {line.partition(":")[0] for line in demo.loa("user", "list").output.splitlines()}
    assert len(listed) == 185, "176 of 2021, 9 of 2025"
    assert listed >= {"huyen.hungyen", "huyen.anthi", "xa.anthi", "huyen.myhao", "xa.lamson"}  # one name, two places


@pytest.mark.costly
def test_its_reviewer_meets_a_photo_again_also_in_a_chat_and_its_reports_are_written(demo: Made) -> None:
    engine = create_engine(demo.url)
    with engine.connect() as database:
        again = select(Hint.record_id).join(Record, Record.id == Hint.record_id).where(Hint.rule == "photo_same")
        waiting = list(database.scalars(again.where(Record.state == "waiting")))
        units = select(Unit.name).join(Passage, Passage.owner == Unit.id).where(Passage.text != "")
        written = Counter(database.scalars(units))
    engine.dispose()
    assert len(waiting) == 2, "the very same photo, and a shot of it in a chat"
    assert written["Tỉnh Hưng Yên"] == 12, "six sections in each tree"
    assert written["Huyện Kim Động"] == 6


@pytest.mark.costly
@pytest.mark.parametrize("username", ["mat.chinhnghia", "mat.hungyen"])
def test_its_case_officers_open_their_cases_without_an_authenticator_of_their_own(demo: Made, username: str) -> None:
    """By the button and, once that proof is old, by what each page shows and fills in; by the password too."""
    settings = Settings.from_environment({"LOA_DATABASE_URL": demo.url, "LOA_DATA_DIR": str(demo.folder)})
    at = now_ms() + HOUR_MS * (1 + ["mat.chinhnghia", "mat.hungyen"].index(username))
    with app_on(settings) as app:
        one, two = Desk(app.test_client()), Desk(app.test_client())
        with stopped_at(at):
            one.get("/")
            one.post(next(form for form in one.forms() if form.action == f"/demo/sign-in/{username}"))
        with stopped_at(at := at + HOUR_MS // 2):
            one.get("/desk/cases")
            one.post(one.form("/desk/cases/enter"))
            assert "Bản dùng thử: ứng dụng xác thực" in one.text
            one.post(one.form("/desk/cases/enter"))
            _opened(one, username)
        with stopped_at(at + HOUR_MS // 60):
            two.sign_in(username, PASSWORD)
            two.follow()
            assert two.post(two.form("/desk/second-factor")).status_code == 303
            two.get("/desk/cases")
            two.post(two.form("/desk/cases/enter"))
            _opened(two, username)


def _opened(one: Desk, username: str) -> None:
    """The commune has two cases; of one of them the province has something to do."""
    one.get("/desk/case-key?next=/desk/cases")
    assert one.post(one.form("/desk/case-key/open")).status_code == 303, one.text
    one.get("/desk/cases")
    if username == "mat.hungyen":
        assert re.search(r"Xã Chính Nghĩa · \w{5}-\w{5}", one.text)
        return
    assert len(re.findall(r'href="/desk/cases/[\w-]{16}"', one.html)) == 2
    assert "8 việc quá hạn" in one.text, "nobody asked about anything yet"


@pytest.mark.parametrize(
    ("year", "who", "unit"),
    [(2021, "tinh.hungyen", "33"), (2021, "huyen.kimdong", "331"), (2025, "tinh.hungyen.2025", "33")],
)
@pytest.mark.costly
def test_every_figure_of_its_reports_equals_a_recount(demo: Made, year: int, who: str, unit: str) -> None:
    settings = Settings.from_environment({"LOA_DATABASE_URL": demo.url, "LOA_DATA_DIR": str(demo.folder)})
    with app_on(settings) as app:
        with app.app_context(), reading() as session:
            found = select(Campaign.id, Unit.id, Unit.valid_from).join(Unit, Unit.id == Campaign.unit_id)
            campaign, top = next(
                row[:2] for row in session.execute(found.where(~Campaign.practice)) if row[2].year == year
            )
            below = set(recount.below(session, top))
            units = {each.code: each.id for each in session.scalars(select(Unit)) if each.id in below}
            officers = {each.username: each.id for each in session.scalars(select(Officer))}
        world = World(app, units, officers, campaign)

        def desk(username: str) -> Desk:
            made = Desk(app.test_client())
            token_of(world, made, username)
            return made

        assert documents.check_all(world, desk, who, unit) > 10


def test_a_banner_names_the_hotline_only_where_its_record_does() -> None:
    unit = Unit(
        valid_from=SINCE, id="c", code=FIRST_COMMUNE, name="Xã Chính Nghĩa", short_name="Chính Nghĩa", level="commune"
    )
    unit.hamlets = ["Thôn 1"]
    recorder = Recorder(unit, Unit(valid_from=SINCE, id="d", code="331"), 1_795_000_000_000)
    banners = [recorder.banner(str(number)) for number in range(60)]
    assert {banner.values["hotline"] for banner in banners} == {True, False}
    assert {banner.values["hotline_by"] for banner in banners} == {"person"}, "no demo record is an old default (F-25)"
    for banner in banners:
        assert ("111" in banner.scenes[0].signed) == banner.values["hotline"]


def test_neither_demo_nor_installation_is_made_over_the_other(demo: Made) -> None:
    first = demo.loa("demo", "--show")
    second = demo.loa("demo", "--show")
    assert first.exit_code == second.exit_code == 0
    assert first.stdout != second.stdout  # codes are fresh each time
    for words in (["demo"], ["init"]):
        refused = demo.loa(*words)
        assert refused.exit_code == 1
        assert "holds the demo" in refused.output


def test_an_installation_shows_no_demo_and_gets_none(loa: Loa) -> None:
    assert loa("init").exit_code == 0
    assert loa("demo", "--show").stdout == ""
    assert "holds units already" in loa("demo").output


def test_the_story_is_the_same_for_everybody() -> None:
    province = Unit(valid_from=SINCE, id="p", code="33", name="Tỉnh Hưng Yên", short_name="Hưng Yên", level="province")
    district = Unit(
        valid_from=SINCE,
        id="d",
        code="331",
        name="Huyện Kim Động",
        short_name="Kim Động",
        level="district",
        parent_id="p",
    )
    commune = Unit(
        valid_from=SINCE, id="c", code=FIRST_COMMUNE, name="Xã Chính Nghĩa", short_name="Chính Nghĩa", level="commune"
    )
    commune.parent_id = "d"
    for unit in (district, commune):
        unit.stations, unit.hamlets = ["Đài truyền thanh"], ["Thôn 1", "Thôn 2"]
    cast = Cast({unit.code: unit for unit in (province, district, commune)}, {})
    steps = list(story(cast, 1_795_000_000_000, 1))
    assert steps == list(story(cast, 1_795_000_000_000, 1))
    assert all(step.got < 1_795_000_000_000 for step in steps)
    begun = Counter(step.key for step in steps if isinstance(step, Recorded))
    assert set(begun.values()) == {1}
    assert {step.key for step in steps} == begun.keys()


def test_a_drawing_is_the_same_for_its_seed_and_of_a_phones_size() -> None:
    scene = Scene("a", "Chung tay phòng, chống nạn mua bán người", "UBND xã Chính Nghĩa")
    shot = shoot(scene)
    assert shot == shoot(scene)
    assert shot.photo != shoot(Scene("b", scene.slogan, scene.signed)).photo
    assert 60_000 < len(shot.photo) < 160_000
    assert len(shot.thumb) < 20_000


def test_the_banners_font_has_every_vietnamese_letter() -> None:
    letters = font(40)
    missing = bytes(letters.getmask("\uffff"))
    assert [letter for letter in VOWELS + VOWELS.upper() if bytes(letters.getmask(letter)) == missing] == []
