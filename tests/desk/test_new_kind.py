"""A new kind of record is one file: what stands in it is enough for phones, the desk and the figures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World
from sync.registry import KINDS, KINDS_DIR, load

pytestmark = pytest.mark.databases("sqlite")

TREE = {
    "kind": "tree",
    "prefix": "CX",
    "icon": "tree",
    "order": 75,
    "label": {"vi": "Trồng cây", "en": "Tree planting"},
    "title": "name",
    "fields": [
        {"name": "name", "type": "text", "label": {"vi": "Nơi trồng", "en": "Where"}, "required": True},
        {
            "name": "trees",
            "type": "integer",
            "label": {"vi": "Số cây", "en": "Trees"},
            "unit": {"vi": "cây", "en": "trees"},
            "required": True,
        },
        {
            "name": "with",
            "type": "ticks",
            "label": {"vi": "Cùng với", "en": "With"},
            "choices": [{"value": "youth", "label": {"vi": "Đoàn Thanh niên", "en": "Youth Union"}}],
        },
    ],
    "photos": {"required": False, "max": 3},
    "registers": {"watered": {"type": "times", "label": {"vi": "Tưới cây", "en": "Watered"}}},
    "figures": [
        {
            "code": "trees",
            "label": {"vi": "Cây đã trồng", "en": "Trees planted"},
            "unit": {"vi": "cây", "en": "trees"},
            "rule": {"vi": "Cộng số cây đã trồng.", "en": "Sum of trees planted."},
            "product": ["trees"],
        },
        {
            "code": "groves",
            "label": {"vi": "Nơi đã trồng", "en": "Places"},
            "unit": {"vi": "nơi", "en": "places"},
            "rule": {"vi": "Mỗi nơi khác nhau tính một.", "en": "One for each place."},
            "distinct": ["name"],
        },
    ],
}


@pytest.fixture(autouse=True)
def _one_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The campaign was opened before; then the file came."""
    assert world.campaign
    shutil.copytree(KINDS_DIR, tmp_path / "kinds")
    (tmp_path / "kinds" / "tree.json").write_text(json.dumps(TREE), "utf-8")
    monkeypatch.setattr(KINDS, "_kinds", vars(load(tmp_path / "kinds"))["_kinds"])


def test_phones_are_told_and_send_it(world: World, phone: MakePhone) -> None:
    calling = Client(world.app.test_client(), world.token("xa1"))
    told = calling.get("/catalog").get_json()
    assert told["campaigns"][0]["kinds"][-1] == "tree"
    assert TREE in told["kinds"]
    officer = phone("xa1")
    values: dict[str, Any] = {"name": "Đê sông Hồng", "trees": 40, "watered/20210721": 2}
    record = officer.create("tree", **values)
    wrong = officer.create("tree", trees="bốn mươi")
    officer.sync()
    assert officer.outbox == []
    assert officer.refused == {wrong: "wrong_type"}
    other = phone("xa2")
    other.sync()
    assert {name: other.shown()[record][name] for name in values} == {name: [value] for name, value in values.items()}


@pytest.mark.slow
def test_the_desk_lists_shows_and_counts_it_and_has_a_form_for_it(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    values: dict[str, Any] = {"name": "Đê sông Hồng", "trees": 40, "with": {"youth": True}}
    record = officer.create("tree", **values)
    officer.create("tree", **values | {"trees": 2})
    officer.sync()
    one.get("/desk/queue?kind=tree")
    assert "Chính Nghĩa CX-1 Đê sông Hồng 40 cây" in one.text
    one.get(f"/desk/records/{record}")
    assert "Nơi trồng Đê sông Hồng Số cây 40 cây Cùng với Đoàn Thanh niên" in one.text
    assert one.post(one.form("/decide"), verdict="counted").status_code == 303
    one.get("/desk/figures?tab=tree")
    row = one.figures()["Xã Chính Nghĩa"]
    assert (row["Cây đã trồng"], row["Nơi đã trồng"]) == ("40 +2 chờ duyệt", "1"), "the same place is one"
    assert "Cộng số cây đã trồng." in one.text
    one.get("/desk/records/new")
    assert "Trồng cây" in one.text
    one.get("/desk/records/new?kind=tree")
    form = one.form("/desk/records/new")
    one.post(form, **{"f.name": "Sân trường", "f.trees": "5", "f.with.youth": "yes", "submit": "1"})
    one.follow()
    assert "Kim Động CX-1 Chờ duyệt" in one.text
