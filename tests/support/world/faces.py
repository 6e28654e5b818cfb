"""Marks photos as a person does, and looks at what left the review."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
from PIL import Image

from server.core.db import reading
from server.services.faces import marks
from server.services.faces.marks import PhotoAnswer
from support.world.papers import opened
from support.world.world import World

COVER = (58, 58, 58)
PART = "2000,1000,4000,5000"
"""From 20 to 60 % across, from 10 to 60 % down."""


def say(one: Any, record: str, key: str, face: str = "", parts: str = "", **more: str | None) -> int:
    """Mark a photo on its page. Returns the status."""
    one.get(f"/desk/records/{record}?photo={key}")
    assert one.status == 200, one.text
    return int(one.post(one.form("/photos/faces"), face=face, parts=parts, **more).status_code)


def said(world: World, record: str, key: str) -> PhotoAnswer:
    """What holds for a photo."""
    with world.app.app_context(), reading() as session:
        return marks.of(session, [record]).get((record, key), marks.NOTHING)


def pictures(docx: bytes) -> list[Image.Image]:
    """The photos within a Word file."""
    parts = [each.target_part for each in opened(docx).part.rels.values() if "image" in each.reltype]
    named = sorted((str(part.partname), part.blob) for part in parts)
    return [Image.open(io.BytesIO(blob)) for name, blob in named if name.startswith("/word/media/photo")]


def is_covered(image: Image.Image) -> bool:
    """True if each pixel of PART is the cover's colour, as near as JPEG has it."""
    wide, high = image.size
    part = image.convert("RGB").crop((int(0.2 * wide), int(0.1 * high), int(0.6 * wide), int(0.6 * high)))
    pixels = np.asarray(part, dtype=np.int16)
    return bool((np.abs(pixels - COVER) <= 12).all())


def archive(one: Any, world: World, stamped: bool) -> zipfile.ZipFile:
    """The ZIP file of the photos of a campaign."""
    page = one.get(f"/desk/exports?campaign={world.campaign}")
    links = [each.replace("&amp;", "&") for each in page.split('"') if "photos.zip" in each]
    answer = one.http.get(next(each for each in links if ("stamped=1" in each) == stamped), buffered=True)
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(answer.data))
