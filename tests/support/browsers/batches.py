"""Photos that come several at once."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw
from playwright.sync_api import Page


def pictures(count: int) -> list[bytes]:
    """So many photos that can be told apart."""
    made = []
    for number in range(count):
        image = Image.new("RGB", (640, 480), (200, 190, 10 * number))
        ImageDraw.Draw(image).text((40, 200), f"{number}" * 20, fill="black", font_size=40)
        content = io.BytesIO()
        image.save(content, "JPEG")
        made.append(content.getvalue())
    return made


def save_and_next(page: Page) -> None:
    """The form is gone, and that of the next of those that came together stands in its place."""
    form = page.get_by_role("button", name="Lưu & ảnh tiếp theo").element_handle()
    form.click()
    form.wait_for_element_state("hidden")
