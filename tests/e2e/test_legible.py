"""Every screen of phone and desk, in every state, can be read and pressed by everybody (browsers/legible.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support.browsers import looks
from support.browsers.browser import Browser
from support.browsers.desk_pages import pages
from support.browsers.legible import LARGE, dark, faults, large, primary
from support.browsers.officer import Officer
from support.tour import desk, phone
from support.world.province import Province

pytestmark = pytest.mark.slow
SCREENS = Path(__file__).resolve().parents[2] / "pwa" / "src" / "screens"
THUMB_PX = 56
MOUSE_PX = 24
SIZES, BUTTONS = 5, 4
"""Of type; and primary, quiet, what destroys, a link."""


def screens() -> set[str]:
    """The names in the addresses of the phone, as its tables say them."""
    names: list[str] = []
    for file in ("route.tsx", "later.ts"):
        table = re.search(r": Screens = \{(.*?)\};", (SCREENS / file).read_text(), re.DOTALL)
        assert table
        names += re.findall(r'"?([\w-]*)"?: \w+', table[1])
    return {name or "home" for name in names}


def tell(told: dict[str, list[str]]) -> str:
    """Every fault in a line."""
    return "\n".join(f"{stop}: {fault}" for stop, faults_there in told.items() for fault in faults_there)


GREY = """<!doctype html><html lang="vi"><title>Chữ nhạt</title><style>
  body { background: #fff } .pale { color: #777 } .less { color: #666 }
  @media (prefers-color-scheme: dark) {
    body { background: #000; color: #fff } .pale { color: #555 } .less { color: #888 }
  }
</style><main><h1>Chữ nhạt</h1><p class="pale">Dưới 4,5:1</p><p class="less">Dưới 7:1</p></main></html>"""


def test_pale_text_is_noticed_in_both_themes(browser: Browser) -> None:
    """Of two rules each finds what the other passes over."""
    with browser.desk() as context:
        page = context.new_page()
        page.set_content(GREY)
        rules = sorted(each.partition(":")[0] for each in faults(page, MOUSE_PX))
        assert rules == ["color-contrast", "color-contrast-enhanced"]
        assert faults(page, MOUSE_PX, by_axe=False) == []
        less, pale = sorted(dark(page))
    assert 'class="less"' in less
    assert 'class="pale"' in pale


def each_in_turn(nth: int) -> Sequence[tuple[int, int, int]]:
    """Of the sizes one for each stop, another for the next: in `make test` every size is seen on a sixth of them."""
    return [LARGE[nth % len(LARGE)]]


def all_of_them(_: int) -> Sequence[tuple[int, int, int]]:
    """Every size on every stop."""
    return LARGE


@pytest.mark.parametrize("sizes", [each_in_turn, pytest.param(all_of_them, marks=pytest.mark.costly(soak=True))])
@pytest.mark.costly
def test_every_screen_of_the_phone(
    province: Province, browser: Browser, tmp_path: Path, sizes: Callable[[int], Sequence[tuple[int, int, int]]]
) -> None:
    one = Officer(browser.whole(), tmp_path / "phone", province.line.url).open()  # the shell offers no installation
    try:
        told = {
            stop: faults(one.page, THUMB_PX) + dark(one.page) + large(one.page, THUMB_PX, sizes(nth))
            for nth, stop in enumerate(phone.walk(province, one))
        }
    finally:
        one.close()
    assert {stop.split("/")[0] for stop in told} == screens()
    assert not any(told.values()), tell(told)


@pytest.mark.timeout(1200)  # ninety pages in both themes: seven minutes on a busy machine
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.costly(soak=True))])
@pytest.mark.costly
def test_every_page_of_the_desk(province: Province, browser: Browser, whole: bool) -> None:
    """By axe-core: each page as it is first shown, and a fourth of its other states; in `make soak` all of them.

    Each page in both themes, and with one primary button at most; on all together five sizes of type and four kinds of
    button.
    """
    told: dict[str, list[str]] = {}
    types, kinds = dict[str, str](), dict[str, str]()
    with browser.desk() as context:
        page = context.new_page()
        for nth, stop in enumerate(desk.walk(province, page)):
            is_new = stop.split("/")[0] not in {before.split("/")[0] for before in told}
            told[stop] = faults(page, MOUSE_PX, by_axe=whole or is_new or nth % 4 == 0) + primary(page)
            types |= {size: stop for size in looks.sizes(page) if size not in types}
            kinds |= {look: stop for look in looks.buttons(page) if look not in kinds}
            told[stop] += dark(page) if whole or is_new else []
    assert {stop.split("/")[0] for stop in told} == pages(province.world.app)
    assert not any(told.values()), tell(told)
    assert len(types) <= SIZES, types
    assert len(kinds) <= BUTTONS, kinds
