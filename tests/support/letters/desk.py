"""Letters at the desk in tests: a file sent, a draft looked at, published."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from server.core.db import Base, reading
from server.models import AuditLine
from support.letters.files import SEED, word
from support.world.world import World

START = "/desk/campaigns"
DAYS = {"starts_on": "2021-07-01", "ends_on": "2021-07-31", "sure": "due.commune"}
"""What a person adds to what the seed letter says: the days, and a yes to the communes' earlier one."""
NAME = "Ngày toàn dân phòng, chống mua bán người năm 2021"


def send(desk: Any, action: str, file: bytes = b"", name: str = "cong-van.docx", **values: str) -> int:
    """Send a form with a file; without one as browsers do, which send an empty part for an unused input."""
    form = next(each for each in desk.forms() if each.action.endswith(action))
    body = b""
    for key, value in ({key: value[0] for key, value in form.values.items()} | values).items():
        body += f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name if file else ""}"\r\n\r\n'
    body += head.encode() + file + b"\r\n"
    kind = "multipart/form-data; boundary=edge"
    answer = desk.http.post(form.action, data=body + b"--edge--\r\n", content_type=kind, buffered=True)
    desk._take(answer)  # noqa: SLF001  # the page after a form with a file
    desk.location = answer.headers.get("Location", "")
    status: int = answer.status_code
    return status


def uploaded(desk: Any, file: bytes | None = None) -> str:
    """A draft of the seed letter, opened."""
    desk.get(START)
    assert send(desk, "/campaigns/drafts", file or word(SEED.read_text("utf-8"))) == 303
    return str(desk.follow())


def count(world: World, table: type[Base]) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def acts(world: World) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """What was logged: act, old and new values."""
    with world.app.app_context(), reading() as session:
        lines = session.scalars(select(AuditLine).order_by(AuditLine.number))
        return [(line.act, json.loads(line.old or "{}"), json.loads(line.new or "{}")) for line in lines]


def at_once(*clicks: Callable[[], int]) -> list[int]:
    """The answers to clicks of several people in the same moment."""
    together = threading.Barrier(len(clicks))

    def click(each: Callable[[], int]) -> int:
        together.wait()
        return each()

    with ThreadPoolExecutor(len(clicks)) as pool:
        return list(pool.map(click, clicks))


def previewed(desk: Any, **values: Any) -> str:
    form = next(each for each in desk.forms() if re.search(r"/drafts/[\w-]{16}$", each.action))
    desk.post(form, act="preview", **(DAYS | values))
    return str(desk.follow() if desk.status == 303 else desk.html)


def published(desk: Any, **values: Any) -> str:
    """The id of a campaign that was published from the seed letter."""
    uploaded(desk)
    previewed(desk, **values)
    desk.post(desk.form("/publish"))
    assert desk.status == 303
    return str(desk.location).rpartition("/")[2]
