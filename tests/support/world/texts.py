"""Texts of a report as they are written at the desk: taken, said, stored, kept beside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from server.core.db import reading, writing
from server.models import Passage, PassageAside
from support.world.world import World

SAVE, EDIT, SETTLE, PICK = "/desk/texts/save", "/desk/texts/edit", "/desk/texts/settle", "/desk/texts/pick"


def page(world: World, unit: str = "331") -> str:
    return f"/desk/texts?campaign={world.campaign}&unit={world.units[unit]}"


def take(one: Any, section: str, where: str = "") -> None:
    """Press *Sửa* of a section."""
    if where:
        one.get(where)
    form = next(form for form in one.forms() if form.action == EDIT)
    one.post(form, section=section)
    one.follow()


def say(one: Any, act: str = "save", **texts: str) -> None:
    one.post(one.form(SAVE), act=act, **{f"text.{name.replace('__', '.')}": text for name, text in texts.items()})
    if act != "auto":
        one.follow()


def stored(world: World, section: str, unit: str = "331") -> str:
    with world.app.app_context(), reading() as session:
        here = Passage.owner == world.units[unit], Passage.section == section
        return session.scalar(select(Passage.text).where(*here)) or ""


def asides(world: World) -> list[tuple[str, bool]]:
    with world.app.app_context(), reading() as session:
        rows = session.execute(select(PassageAside.text, PassageAside.settled_at).order_by(PassageAside.at))
        return [(text, settled is not None) for text, settled in rows]


def later(world: World, ms: int) -> None:
    """So much time goes by for all who write."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Passage).where(Passage.held_at.is_not(None)).values(held_at=Passage.held_at - ms))
