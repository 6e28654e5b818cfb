"""The system closes the phone's database under the app: words at once, nothing half saved, all there after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.kept import rows
from support.officer import Officer

pytestmark = pytest.mark.browser
_WATCH = """
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...asked) {
        const request = open.apply(this, asked);
        request.addEventListener("success", () => { (window.opened ??= []).push(request.result); });
        return request;
    };
"""
_CLOSE = "() => { for (const db of window.opened) db.close(); }"


def test_nothing_is_called_saved_and_the_form_is_there_again(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    assert one.context is not None
    one.context.add_init_script(_WATCH)
    one.page.reload()
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.page.evaluate(_CLOSE)
    one.page.get_by_role("button", name="Lưu", exact=True).click()
    expect(one.page.get_by_text("Máy này gặp lỗi nên chưa lưu được.")).to_be_visible()
    expect(one.page.get_by_text("Đã lưu trên máy này.")).to_have_count(0)
    assert rows(one.page, "writes") == []
    one.page.reload()
    expect(one.page.get_by_label("Tin, bài phát")).to_have_value("Tin số 1")
    one.save()
    one.expect_status("1 đã xác nhận")
