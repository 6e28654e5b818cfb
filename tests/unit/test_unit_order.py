"""Units by name: Vietnamese order, the kind of unit apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.models.units import bare, by_name, by_name_text

DISTRICTS = [
    *("Huyện Ân Thi", "Thành phố Hưng Yên", "Huyện Khoái Châu", "Kim Động", "Mỹ Hào"),
    *("Phù Cừ", "Tiên Lữ", "Huyện Văn Giang", "Văn Lâm", "Huyện Yên Mỹ"),
]
"""Of Hưng Yên in 2021 by their short names, which keep the kind where another unit has the same name."""


@pytest.mark.parametrize("key", [by_name, by_name_text])
def test_the_kind_of_unit_is_no_part_of_the_order(key: Callable[[str], Any]) -> None:
    assert sorted(set(DISTRICTS), key=key) == DISTRICTS
    communes = ["Thị trấn Ân Thi", "Xã Đa Lộc", "Đào Dương", "Phường Dị Sử", "Tân Phúc", "Tiền Phong"]
    assert sorted(communes, key=key) == [communes[each] for each in (0, 3, 1, 2, 4, 5)]


def test_a_kind_alone_or_within_a_name_stays() -> None:
    names = ["Xã", "Xa La", "Huyền Hội", "Thị trấn  Như Quỳnh", "Đặc khu Cô Tô", "Phường 1", ""]
    assert [bare(each) for each in names] == ["Xã", "Xa La", "Huyền Hội", "Như Quỳnh", "Cô Tô", "1", ""]
