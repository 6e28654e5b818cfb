"""The page that is handed out shows the screens of today (`LOA_GUIDE=write` takes them anew) and is one sheet."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import expect
from pypdf import PdfReader

from support.browsers.browser import Browser
from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.tour.guide import HEIGHT, WIDTH, pictures
from support.world.province import Province

pytestmark = pytest.mark.slow
GUIDE = Path(__file__).parents[2] / "server/desk/static/guide"
COLOURS = 64
UNLIKE = 24
"""Mean difference of two pictures, of 255, above which a screen is another one: dates and photos differ by less."""


@pytest.fixture
def phone_without_code(province: Province, browser: Browser, tmp_path: Path) -> Iterator[Officer]:
    one = Officer(browser, tmp_path / "phone", province.line.url).open()
    yield one
    one.close()


def plain(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB").resize((WIDTH, HEIGHT))


@pytest.mark.costly
def test_the_pictures_are_of_todays_screens(province: Province, phone_without_code: Officer) -> None:
    taken = dict(pictures(province, phone_without_code))
    if os.environ.get("LOA_GUIDE") == "write":
        GUIDE.mkdir(exist_ok=True)
        for name, data in taken.items():
            small = plain(data).quantize(COLOURS)
            small.save(GUIDE / f"{name}.png", optimize=True)
    assert {path.stem for path in GUIDE.glob("*.png")} == set(taken)
    for name, data in taken.items():
        kept = Image.open(GUIDE / f"{name}.png").convert("RGB")
        assert kept.size == (WIDTH, HEIGHT)
        unlike = ImageStat.Stat(ImageChops.difference(kept.convert("L"), plain(data).convert("L"))).mean[0]
        assert unlike < UNLIKE, f"{name}: run this test with LOA_GUIDE=write"


@pytest.mark.costly
def test_it_fits_on_one_sheet_with_its_pictures(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    page = reviewer("huyen").page
    page.goto(f"{province.server.url}/desk/people/{province.world.units['12286']}/handout")
    expect(page.get_by_role("img")).to_have_count(5)
    loaded = page.evaluate("() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)")
    assert loaded
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    assert len(printed.pages[0].images) >= 4
