"""A filter by hand in the address: what is not understood is said, and nothing can be acted on under it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest

from server.core.db import reading
from server.models import Campaign
from server.services.exports import stored_filter
from server.services.exports.selection import Selection
from server.services.review.queue import QueueFilter
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

EVERYWHERE = [
    ("kind=bogus", "Loại hoạt động “bogus”"),
    ("state=hack", "Trạng thái “hack”"),
    ("hint=bogus", "Điểm cần lưu ý “bogus”"),
    ("figure=bogus", "Chỉ tiêu “bogus”"),
    ("bucket=bogus", "Phần của chỉ tiêu “bogus”"),
    ("only=maybe", "only “maybe”"),
    ("sinse=2021-07-01", "sinse “2021-07-01”"),
]
"""What no list understands, and how it is said."""
OF_RESULTS = [
    ("since=2026-13-45", "Từ ngày “2026-13-45”"),
    ("until=hôm qua", "Đến hết ngày “hôm qua”"),
    ("officer=zzzz", "Người ghi “zzzz”"),
    (f"officer={'z' * 16}", f"Người ghi “{'z' * 16}”"),
    ("slogan=zzzz", "Khẩu hiệu “zzzz”"),
    ("photo=1", "Ảnh “1”"),
    ("place=1", "Vị trí “1”"),
]
"""Names that the lists of results have, with values that they do not understand."""
UNKNOWN = [("since=2021-07-01", "Từ ngày “2021-07-01”"), ("photo=with", "Ảnh “with”"), ("q=x", "Từ cần tìm “x”")]
"""What results understand and the queue does not."""
LISTS = {
    "/desk/queue": EVERYWHERE + UNKNOWN,
    "/desk/review": EVERYWHERE + UNKNOWN,
    "/desk/results": [*EVERYWHERE, *OF_RESULTS, ("view=bogus", "Cách xem “bogus”")],
    "/desk/exports": EVERYWHERE + OF_RESULTS,
}


@pytest.mark.parametrize(
    ("path", "query", "said"), [(path, *each) for path, cases in LISTS.items() for each in cases], ids=str
)
def test_what_is_not_understood_is_said(
    world: World, desk: MakeDesk, phone: MakePhone, path: str, query: str, said: str
) -> None:
    officer = phone("xa1")
    officer.create(quantity=1)
    officer.sync()
    one, kept = desk("huyen"), f"unit={world.units['12286']}"
    one.get(f"{path}?{kept}&{quote(query, safe='=')}")
    assert one.status == 400
    assert f"Không hiểu được: {said}." in one.text, one.text
    assert not any(form.values.get("act") for form in one.forms()), "nothing to act on"
    link = re.search(r'<a class="button" href="([^"]*)"', one.html)
    assert link is not None
    one.get(unescape(link[1]))
    assert (one.status, kept in unescape(link[1]), "Không hiểu được" in one.text) == (200, True, False)


@pytest.mark.parametrize("path", LISTS)
def test_what_a_messenger_appends_to_a_link_is_no_filter(desk: MakeDesk, path: str) -> None:
    one = desk("huyen")
    one.get(f"{path}?state=all&fbclid=x&zarsrc=30&utm_source=zalo")
    assert one.status == 200


def test_it_is_said_in_english_too_and_a_long_value_is_cut(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.http.set_cookie("loa_language", "en")
    one.get(f"/desk/queue?kind={'x' * 100}")
    assert f"Not understood: Kind of activity “{'x' * 40}…”." in one.text


def test_a_search_that_is_too_long_is_said_and_its_field_is_no_longer(desk: MakeDesk) -> None:
    one = desk("huyen")
    for path in ("/desk/results", "/desk/exports"):
        one.get(f"{path}?q={'x' * 5000}")
        assert "Không hiểu được: Từ cần tìm dài quá 200 ký tự." in one.text
        one.get(path)
        assert re.search(r'name="q"[^>]*maxlength="200"', one.html.split("<main")[1])


def test_empty_values_are_no_filter(desk: MakeDesk) -> None:
    """Of a name that the list does not have, either."""
    one, names = desk("huyen"), ("state", "kind", "unit", "hint", "figure", "bucket", "only", "page", "since", "sinse")
    for path, more in (
        ("/desk/queue", ()),
        ("/desk/review", ()),
        *((f"/desk/{page}", ("officer", "slogan", "photo", "q")) for page in ("results", "exports")),
    ):
        one.get(f"{path}?{'&'.join(f'{name}=' for name in (*names, *more))}")
        assert one.status == 200, path


def test_files_of_a_filter_that_is_not_understood_are_refused(world: World, desk: MakeDesk) -> None:
    one, at = desk("huyen"), f"campaign={world.campaign}&kind=bogus"
    for path in ("exports/table.csv", "exports/photos.zip", "results/points"):
        one.get(f"/desk/{path}?{at}&first={'x' * 16}&last={'x' * 16}" if "zip" in path else f"/desk/{path}?{at}")
        assert one.status == 400, path
    one.get(f"/desk/exports?campaign={world.campaign}")
    form = one.form("/exports/links")
    assert one.post(form, filter=at).status_code == 400


def test_a_slogan_that_was_once_valid_is_no_fault(desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(quantity=1, slogan="of_an_earlier_letter")
    officer.sync()
    one = desk("huyen")
    one.get("/desk/results?slogan=of_an_earlier_letter")
    assert (one.status, "1 kết quả" in one.text) == (200, True)


def test_the_map_around_a_record_is_understood(desk: MakeDesk, phone: MakePhone) -> None:
    """The page of a record links to it."""
    officer, one = phone("xa1"), desk("huyen")
    place = {"lat_e6": 20_650_000, "lon_e6": 106_050_000, "accuracy_m": 8}
    record = officer.create(quantity=1, place=place)
    officer.sync()
    one.get(f"/desk/records/{record}")
    (link,) = [each for each in re.findall(r'href="([^"]*)"', one.html) if "view=map" in each]
    one.get(unescape(link))
    assert (one.status, f"at={record}" in unescape(link), "1 kết quả" in one.text) == (200, True, True)


def test_a_stored_filter_of_another_version_still_selects(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(quantity=1)
    officer.sync()
    asked = ResultFilter(QueueFilter(state="all", kind="banner"), since="2021-07-01", photo="without")
    assert stored_filter.from_data(stored_filter.as_data(asked)) == asked
    of_before = {"state": "all", "figure": "gone", "kind": "banner", "what_a_later_version_has": 1}
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["huyen"])
        here = stored_filter.from_data(of_before)
        assert here == ResultFilter(QueueFilter(state="all", figure="gone", kind="banner"))
        assert Selection(session, scope, session.get_one(Campaign, world.campaign), here).count() == 1


OPTION = re.compile(r'<option value="([^"]*)"[^>]*>([^<]*)</option>')
KEY = re.compile(r"[a-z]+([_.][a-z_.]+)?")
FILTERED = [*LISTS, "/desk/audit", "/desk/board", "/desk/people", "/desk/devices"]


def test_no_option_of_a_filter_is_a_bare_key(desk: MakeDesk) -> None:
    one, bare, seen = desk("tinh"), dict[str, set[tuple[str, str]]](), 0
    for language in ("vi", "en"):
        one.http.set_cookie("loa_language", language)
        for path in FILTERED:
            one.get(path)
            found = OPTION.findall(one.html)
            seen += len(found)
            same = {(path, value) for value, text in found if text.strip() == value and KEY.fullmatch(value)}
            bare[language] = bare.get(language, set()) | same
    assert not bare["vi"] & bare["en"], "a word of English may be as its key"
    assert seen > 50
