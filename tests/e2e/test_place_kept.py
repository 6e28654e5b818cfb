"""After an act the page is where it was, and what was done is in sight; a refused form leads to the field at fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from server.core.db import writing
from server.models import Campaign
from support.browsers.browser import Browser
from support.browsers.legible import axe
from support.browsers.reviewer import Reviewer
from support.jobs.checks import checked
from support.tour.colleagues import Colleague
from support.tour.signing_in import sign_in
from support.world.approving import leaflet
from support.world.province import Province

pytestmark = [pytest.mark.slow, pytest.mark.costly]
IN_SIGHT = """(one) => {
  const box = one.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}"""
FADES = "addEventListener('pagereveal', (event) => { globalThis.fades = !!event.viewTransition; })"
MAY_FADE = """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  .filter((rule) => rule instanceof CSSMediaRule && matchMedia(rule.conditionText).matches)
  .flatMap((rule) => [...rule.cssRules])
  .filter((rule) => rule instanceof CSSViewTransitionRule).map((rule) => rule.navigation)"""
WRONG_ALL_THE_TIME = """new MutationObserver((_, looks) => {
  const main = document.querySelector("main");
  if (!main) return;
  looks.disconnect();
  main.insertAdjacentHTML("afterbegin", '<p class="notice bad" role="alert">Có số liệu không đọc được.</p>');
}).observe(document, { childList: true, subtree: true });"""
"""As on a page of confidential figures that a lost key has shut."""
LOW = {"width": 1366, "height": 400}


def focused(page: Page) -> str:
    """What has the focus."""
    return str(page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)"))


def queue(province: Province, reviewer: Callable[[str], Reviewer], leaflets: int, *others: tuple[str, str]) -> Page:
    """A district's queue on a low screen, with so many leaflets of xa1, and of each of these people and their units."""
    for who, unit in (("xa1", "12286"), *others):
        one = Colleague(province.world, who, unit)
        for _ in range(leaflets):
            leaflet(one.phone)
        one.phone.sync()
    checked(province.world)
    page = reviewer("huyen").page
    page.set_viewport_size(LOW)  # type: ignore[arg-type]
    page.goto(f"{province.server.url}/desk/queue")
    return page


def test_an_act_far_down_a_list_stays_there(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    page = queue(province, reviewer, 16)
    ticks = page.locator("input[form=picked]")
    ticks.nth(12).scroll_into_view_if_needed()
    ticks.nth(12).check()
    before = page.evaluate("() => scrollY")
    assert before > 200
    page.get_by_role("button", name="Duyệt các mục đã chọn").click()
    done = page.locator("main > .notice[role=status]").last
    expect(done).to_contain_text("Đã duyệt 1 mục.")
    expect(done).to_be_focused()
    assert abs(page.evaluate("() => scrollY") - before) < 100, "the sentence above is a line of its own"
    assert done.evaluate(IN_SIGHT)
    assert not axe(page)
    expect(done).to_contain_class("in-sight")
    page.mouse.wheel(0, 10)
    expect(done).not_to_contain_class("in-sight")
    page.goto(f"{province.server.url}/desk/queue")
    assert page.evaluate("() => scrollY") == 0, "whoever comes anew begins at the top"


def test_of_two_groups_the_other_one_s_button_is_not_taken_for_what_was_pressed(
    province: Province, reviewer: Callable[[str], Reviewer]
) -> None:
    """Their forms are sent to one place; and what is wrong on a page all the time was no answer to an act."""
    with province.world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))  # what is late has a warning
    page = queue(province, reviewer, 6, ("nhanla", "12289"))
    groups = page.locator(".group form.bulk button")
    expect(groups).to_have_count(2)
    page.add_init_script(WRONG_ALL_THE_TIME)
    groups.filter(visible=True).first.click()
    done = page.locator("main > .notice[role=status]").last
    expect(done).to_contain_text("Đã duyệt")
    expect(page.locator("main > .notice.bad[role=alert]")).to_be_visible()
    expect(done).to_be_focused()


def test_what_was_pressed_keeps_the_focus_if_it_is_still_there(
    province: Province, reviewer: Callable[[str], Reviewer]
) -> None:
    page = reviewer("xa1").page
    page.goto(f"{province.server.url}/desk/totals")
    amount = page.locator("input[name^='amount.']").filter(visible=True).last
    amount.fill("5")
    save = page.locator("form:has(input[name^='amount.']) button").last
    save.click()
    expect(page.locator("main > .notice[role=status]").last).to_be_visible()
    expect(save).to_be_focused()


def test_a_refused_form_leads_to_the_field(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    page = reviewer("xa1").page
    page.set_viewport_size(LOW)  # type: ignore[arg-type]
    page.goto(f"{province.server.url}/desk/totals")
    wrong = page.locator("input[name^='amount.']").filter(visible=True).last
    wrong.fill("nhiều lắm")
    wrong.press("Enter")
    fault = page.locator("main [aria-invalid=true]")
    expect(fault).to_be_focused()
    expect(fault).to_have_value("nhiều lắm")
    assert fault.evaluate(IN_SIGHT)
    said = page.locator(f"#{fault.get_attribute('aria-describedby')}")
    expect(said).to_be_visible()
    assert said.evaluate(IN_SIGHT), "what is wrong is said at the field"


def test_a_page_fades_into_the_next_unless_somebody_wants_no_motion(province: Province, browser: Browser) -> None:
    """A browser fades no page in that comes too late for it; so where it may, only the rule is asked for."""
    for motion, rules in (("no-preference", ["auto"]), ("reduce", [])):
        with browser.desk(reduced_motion=motion) as context:
            page = context.new_page()
            page.add_init_script(FADES)
            sign_in(page, province.server.url, "tinh")
            menu, told = page.get_by_role("navigation", name="Danh mục chính"), []
            for name, path in (("Số liệu", "figures"), ("Theo dõi, đôn đốc", "board"), ("Báo cáo", "report")):
                page.wait_for_load_state("networkidle")
                menu.get_by_role("link", name=name, exact=True).click()
                page.wait_for_url(f"**/desk/{path}*")
                page.wait_for_function("() => 'fades' in globalThis")
                told.append(page.evaluate("() => globalThis.fades"))
                assert page.evaluate(MAY_FADE) == rules, (motion, path)
            assert motion == "no-preference" or told == [False] * 3


def test_what_a_form_holds_is_not_kept_by_the_browser(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    """Hidden fields of a confidential case say what its person was given: of them only a number is kept."""
    page = queue(province, reviewer, 1)
    page.evaluate(
        """() => {
          const form = document.querySelector("main form[method=post]");
          form.insertAdjacentHTML("beforeend", '<input type="hidden" name="stay.was" value="2021-07-30 đã nhận">');
          form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
        }"""
    )
    kept = page.evaluate("() => sessionStorage.place")
    assert isinstance(json.loads(kept)["about"], int)
    assert "2021-07-30" not in kept
