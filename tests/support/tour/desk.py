"""A walk through every page of the desk, in every state in which a reviewer may find it.

for stop in walk(province, page): ...   # "records.show/conflict": the page is there now

The part before the slash is the endpoint; tests/e2e/test_legible.py counts those that Flask knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from server.core.db import writing
from server.services.access.welcome import make_welcome
from support.tour import accounts, administration, apart, figures, reviewing, upkeep
from support.tour.signing_in import sign_in
from support.world.province import Province
from support.world.world import World


def walk(province: Province, page: Page) -> Iterator[str]:
    """Yield the name of each stop, once the page is there."""
    at = province.server.url
    yield from doors(province.world, page, at)
    yield from upkeep.kit(province.world, page, at)
    yield from upkeep.no_jobs(page, at)
    yield from reviewing.the_day(province.world, page, at)
    yield from figures.progress(province.world, page, at)
    yield from accounts.people(page, at)
    yield from accounts.accounts(province.world, page, at)
    yield from administration.walk(province.world, page, at)
    yield from apart.confidential(province.world, page, at)
    yield from apart.cases(province.world, page, at)
    sign_in(page, at, "quantri")
    yield from apart.table(page, at)
    yield from upkeep.jobs(province.world, page, at)
    yield from upkeep.audit(page, at)
    yield from upkeep.rescued(province.world, page, at)
    yield from upkeep.restored(province.world, page, at)
    yield from upkeep.set_apart(province.world, page, at)


def doors(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the start page, the sign-in and a welcome link, with their refusals."""
    page.goto(f"{at}/")
    yield "home.door/plain"
    page.goto(f"{at}/desk/sign-in?ended=1")
    yield "entry.sign_in/ended"
    page.get_by_label("Tên đăng nhập").fill("huyen")
    page.get_by_label("Mật khẩu").fill("không phải")
    page.get_by_role("button", name="Đăng nhập").click()
    yield "entry.sign_in/wrong"
    with world.app.app_context(), writing() as session:
        token = make_welcome(session, world.officers["nhanla"])
    page.goto(f"{at}/desk/welcome/{token}")
    yield "welcome.show/valid"
    page.goto(f"{at}/desk/welcome/{token}x")
    yield "welcome.show/void"
