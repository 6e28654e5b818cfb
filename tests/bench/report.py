"""Documents of a province: Word with its photos, Excel, the freeze of it; at 161 communes and at 10,600.

`tables` is the Excel file without lists: each unit's figures, in all columns. `Excel` has besides a line for each
display and broadcast.

One commune is filled by the product's own code, with photos that came, and copied (multiply.py); copies name the same
photos. Each document is made in a process of its own (report_child.py), whose peak of memory is the worker's.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter
from sqlalchemy import insert, select, text, update

from bench.growth import _marked
from bench.lab import Lab
from bench.multiply import copy, endings, marked
from bench.table import Line
from server.core.clock import new_id
from server.core.db import db, writing
from server.models import Record, Stream, Unit
from server.models.installation import lock_catalog
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients.client import Client, Shot
from support.clients.uploading import bring
from support.world.workload import records
from support.world.world import World, world
from sync.registry import KINDS

PHOTOS = 12
"""Different photos; each commune has all of them."""
OTHERS = 24
"""Records without a photo."""
_SPAN = {"from": "2021-07-05", "to": "2021-07-25", "times_a_day": 2}
EVERY_KIND: tuple[tuple[str, dict[str, Any]], ...] = (
    ("banner", {"slogan": "s1", "quantity": 2, "metres": 12, "put_up_on": "2021-07-04", "hotline": True}),
    ("panel", {"form": "panel", "slogan": "s1", "quantity": 2, "put_up_on": "2021-07-04", "hotline": True}),
    ("panel", {"form": "poster", "slogan": "s1", "quantity": 9, "put_up_on": "2021-07-04", "hotline": True}),
    *(
        ("leaflet", {"form": form, "document": "Tài liệu", "distributed": 500, "distributed_on": "2021-07-04"})
        for form in ("leaflet", "folded", "handbook")
    ),
    ("broadcast", {"script": "Tin một", "schedule": _SPAN, "minutes": 5, "programme": "own", "hotline": True}),
    ("broadcast", {"script": "Tin hai", "schedule": _SPAN, "minutes": 5, "programme": "relay", "hotline": True}),
    ("mobile", {"route": "Đường 38", "rounds": 3, "attendances": 45, "on": "2021-07-04", "hotline": True}),
    *(
        ("event", {"form": form, "name": "Hoạt động", "role": "host", "attendances": 120, "on": "2021-07-04"})
        for form in ("rally", "conference", "training", "contest", "model", "commitment", "oral")
    ),
    *(
        (
            "media",
            {"form": form, "headline": "Tin, bài", "number": "12/UBND", "published_on": "2021-07-04", "reach": 900},
        )
        for form in ("directive", "article", "post", "social")
    ),
)
"""So that the tables have all columns."""
SIZES = {"161": (161, 10), "10,600": (10_600, 160)}
"""Communes, and districts over them."""
WANTED = {
    "161: Word, 300 photos": ("s", "<= 15"),
    "161: Word, 300 photos, memory": ("MB", "<= 250"),
    "161: Excel": ("s", ""),
    "161: Excel, tables": ("s", ""),
    "161: freeze": ("s", ""),
    "10,600: Word, 900 photos": ("s", "<= 90"),
    "10,600: Word, 900 photos, memory": ("MB", ""),
    "10,600: Excel, tables": ("s", "<= 10"),
    "10,600: Excel, tables, processor": ("s", ""),
    "10,600: Excel, tables, memory": ("MB", ""),
    "10,600: Excel": ("s", ""),
    "10,600: Excel, memory": ("MB", ""),
    "10,600: freeze": ("s", ""),
    "10,600: freeze, memory": ("MB", ""),
}


def run(lab: Lab) -> list[Line]:
    """A line for each figure. `LOA_BENCH_MOST=161` leaves the country out."""
    most = int(os.environ.get("LOA_BENCH_MOST", "10600"))
    found: dict[str, dict[str, float]] = {}
    for engine in lab.engines:
        for size, (communes, districts) in SIZES.items():
            if communes > most:
                continue
            begun = time.monotonic()
            url, folder = lab.engines[engine].fresh(), lab.folder / f"report-{engine}-{communes}"
            with world(url, folder) as made:
                officer, unit = province(made, communes, districts)
                with made.app.app_context():
                    db.engine.dispose()
                print(f"report: {engine} {size} after {time.monotonic() - begun:.0f} s", file=sys.stderr)
                for what, figure in _measured(url, folder, (made.campaign, unit, officer), communes):
                    found.setdefault(f"{size}: {what}", {})[engine] = figure
    return [Line("report", what, unit, found[what], wanted) for what, (unit, wanted) in WANTED.items() if what in found]


def _measured(url: str, folder: Path, place: tuple[str, str, str], communes: int) -> Iterator[tuple[str, float]]:
    photos = 300 if communes < 1_000 else 900
    works = ("word", f"Word, {photos} photos"), ("tables", "Excel, tables"), ("excel", "Excel"), ("freeze", "freeze")
    for kind, name in works:
        said = cost_of(kind, url, folder, place, photos)
        print(f"report: {kind} {said}", file=sys.stderr)
        yield name, said["seconds"]
        yield f"{name}, processor", said["processor"]
        yield f"{name}, memory", said["megabytes"]


def cost_of(kind: str, url: str, folder: Path, place: tuple[str, str, str], photos: int) -> dict[str, Any]:
    """What making one document cost in a process of its own. `place`: the ids of campaign, unit and officer."""
    child = [sys.executable, "-m", "bench.report_child", kind, *place, str(photos)]
    environment = os.environ | {"LOA_DATABASE_URL": url, "LOA_DATA_DIR": str(folder), "PYTHONPATH": "tests"}
    done = subprocess.run(child, env=environment, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def province(made: World, communes: int, districts: int) -> tuple[str, str]:
    """Fill it. Returns the ids of an officer at its top, and of the top."""
    top, first = made.units["33"], commune(made)
    with made.app.app_context(), writing() as session:
        session.execute(update(Unit).where(Unit.id == first).values(name="Xã Đo 0", short_name="Đo 0"))
        over = [row(f"q{number}", f"Huyện {number}", "district", top) for number in range(districts)]
        session.execute(insert(Unit), over)
        streams = [{"id": new_id(), "unit_id": each["id"], "campaign_id": made.campaign} for each in over]
        session.execute(insert(Stream), streams)
    ending = endings()
    for start in range(1, communes, 500):
        with made.app.app_context(), writing() as session:
            connection = session.connection()
            names = list(islice(ending, min(500, communes - start)))
            copy(connection, first, names)
            for number, letters in enumerate(names, start):
                values = {"name": f"Xã Đo {number}", "short_name": f"Đo {number}", "sort_key": f"do {number:06d}"}
                values["parent_id"] = over[number % districts]["id"]
                connection.execute(update(Unit).where(Unit.id == first[:13] + letters).values(**values))
    _photos_of_copies(made, first)
    with made.app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    return made.officers["tinh"], top


def row(code: str, name: str, level: str, parent: str) -> dict[str, Any]:
    """A unit."""
    made = {"id": new_id(), "code": code, "name": name, "short_name": name, "level": level, "parent_id": parent}
    return made | {"valid_from": date(2021, 1, 1), "search_key": name, "sort_key": name, "stations": [], "hamlets": []}


def commune(made: World) -> str:
    """Fill the first commune, with ids that can be copied. Returns its id."""
    with made.app.app_context(), writing() as session:
        lock_catalog(session)
        old, new = made.units["12286"], marked(made.units["12286"])
        unit = session.get_one(Unit, old)
        columns = ", ".join(column.name for column in Unit.__table__.columns if column.name not in ("id", "code"))
        session.execute(
            text(f"INSERT INTO unit (id, code, {columns}) SELECT :new, 'bx', {columns} FROM unit WHERE id = :old"),
            {"new": new, "old": old},
        )
        for table in ("membership", "stream"):
            session.execute(text(f"UPDATE {table} SET unit_id = :new WHERE unit_id = :old"), {"new": new, "old": old})
        session.execute(text("UPDATE stream SET id = substr(id, 1, 13) || 'aaa' WHERE unit_id = :new"), {"new": new})
        session.delete(unit)
    made.units["12286"] = new
    client = Client(made.app.test_client(), made.token("xa1"))
    shots = [Shot(jpeg(number, (1600, 1200)), jpeg(number + 1000, (320, 240))) for number in range(PHOTOS)]
    writes = [_marked(write) for write in records(OTHERS, new, made.campaign, seed=5)]
    writes += [of_kind(new, made.campaign, number, *each) for number, each in enumerate(EVERY_KIND)]
    writes += [_banner(new, made.campaign, number, each) for number, each in enumerate(shots)]
    told = client.sync(*writes)
    assert all(row["result"] == "stored" for row in told["results"]), told["results"]
    for each in shots:
        bring(client, each)
    with made.app.app_context(), writing() as session:
        scope = Scope(session, made.officers["huyen"])
        for write in writes:
            decision = decide(session, scope, write["id"], Verdict("counted"), dict(_survivors(session, write["id"])))
            session.flush()
            named = marked(decision.id)
            session.get_one(Record, write["id"]).decision_id = named
            decision.id = named
    return new


def _survivors(session: Any, record: str) -> dict[str, Any]:
    return dict(session.get_one(Record, record).survivors)


def of_kind(unit: str, campaign: str, number: int, kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """A record of a kind; fields and choices that it does not have are left out, as the kind's file has it."""
    known = KINDS[kind]
    fields = {field.name: field for field in known.fields}
    kept = {
        name: value
        for name, value in said.items()
        if name in fields
        and (not fields[name].choices or value in {choice["value"] for choice in fields[name].choices})
    }
    head = {"at": 1, "kind": kind, "unit": unit, "campaign": campaign}
    return {"id": f"every{number:08d}aaa", **head, "set": {"submitted": True} | kept}


def jpeg(seed: int, size: tuple[int, int]) -> bytes:
    """A picture as detailed as a photo: blurred noise, 1600 pixels in about 300 kB."""
    grain = Image.effect_noise(size, 90).filter(ImageFilter.GaussianBlur(2.5)).convert("RGB")
    grain.putpixel((0, 0), (seed % 256, seed // 256 % 256, 7))
    file = io.BytesIO()
    grain.save(file, "JPEG", quality=85)
    return file.getvalue()


def _banner(unit: str, campaign: str, number: int, photo: Shot) -> dict[str, Any]:
    said = {"submitted": True, "slogan": "s1", "quantity": 2, "put_up_on": "2021-07-04", "hotline": True}
    head = {"at": 1, "kind": "banner", "unit": unit, "campaign": campaign}
    return {"id": f"bench{number:08d}aaa", **head, "set": said | photo.register}


def _photos_of_copies(made: World, first: str) -> None:
    """Each copy's records name the photos of the first one's, held as there."""
    with made.app.app_context(), writing() as session:
        theirs = Stream.unit_id == first, Stream.campaign_id == made.campaign
        stream = session.scalars(select(Stream.id).where(*theirs)).one()
        session.execute(
            text(
                "INSERT INTO photo_ref (sha256, record_id, stream_id, role, thumb_sha256, held) "
                "SELECT p.sha256, r.id, r.stream_id, p.role, p.thumb_sha256, p.held FROM photo_ref p JOIN record r "
                "ON substr(r.id, 1, 13) = substr(p.record_id, 1, 13) AND r.id <> p.record_id WHERE p.stream_id = :first"
            ),
            {"first": stream},
        )
