"""The looks of a page as it is shown now: its sizes of type, and what its buttons look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

TYPE = """() => {
  const sizes = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const box = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || box.closest(".paper, .unseen, .enrolment, .kit")) continue;
    if (box.checkVisibility({ visibilityProperty: true })) sizes.add(getComputedStyle(box).fontSize);
  }
  return [...sizes];
}"""
"""But for what looks like a paper: a report, a card to print."""
BUTTONS = """() => {
  const all = [...document.querySelectorAll("main :is(button, .button):not(.kit *, :disabled)")];
  return [...new Set(all.filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => {
    const look = getComputedStyle(one);
    return [look.backgroundColor, look.color, look.borderTopColor, look.textDecorationLine].join(" ");
  }))];
}"""


def sizes(page: Page) -> set[str]:
    """Return the sizes of the text in sight."""
    return set(page.evaluate(TYPE))


def buttons(page: Page) -> set[str]:
    """Return what the buttons in sight look like: ground, ink, border and line."""
    return set(page.evaluate(BUTTONS))
