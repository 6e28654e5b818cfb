"""Ten million writes in one table, and in 34 partitions by province: what each costs where Loa reads and writes.

The rows are those of `write`, with values of the size that the filled country has (nation.py: 990 bytes a row). The
parted table has the province in its keys, as PostgreSQL asks for: an id is unique within a province alone.

Then `record` and `photo` of the filled country (nation.py), each copied into one table and into 34, with its indexes.

`LOA_BENCH_TABLES="record photo"` tries these alone; `LOA_BENCH_MOST` fills fewer writes, `LOA_BENCH_PARTITIONS` names a
folder with 30 GB of room for them, by default the temporary one.
"""

from __future__ import annotations

import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
from psycopg.sql import SQL, Identifier, Literal

from bench.lab import Lab
from bench.nation import kept, used
from bench.table import Line, middle
from support.installation.databases import Postgresql

ROWS: Final = int(os.environ.get("LOA_BENCH_MOST", "10000000"))
TABLES: Final = os.environ.get("LOA_BENCH_TABLES", "write record photo").split()
PROVINCES, STREAMS = 34, 10_600
SETTINGS: Final = {"shared_buffers": "2GB", "max_wal_size": "8GB", "maintenance_work_mem": "512MB"}
WRITES, ASKED = 20, 300
COLUMNS: Final = (
    "id varchar(16) NOT NULL, record_id varchar(16) NOT NULL, stream_id varchar(16) NOT NULL, "
    "position bigint NOT NULL, tag varchar(16) NOT NULL, at bigint NOT NULL, received_at bigint NOT NULL, "
    "officer_id varchar(16) NOT NULL, device_id varchar(16), set jsonb NOT NULL, seen jsonb NOT NULL, "
    "chosen boolean NOT NULL"
)
"""Of `write`, before the province."""
SHAPES: Final = {
    "one": (f"CREATE TABLE one ({COLUMNS}, province int NOT NULL)", "(id)", "(stream_id, position)"),
    "parted": (
        f"CREATE TABLE parted ({COLUMNS}, province int NOT NULL) PARTITION BY LIST (province)",
        "(province, id)",
        "(province, stream_id, position)",
    ),
}
VALUES: Final = (
    "jsonb_build_object('unit_name', md5(n::text), 'place', md5((n+1)::text) || md5((n+2)::text), 'note', "
    "(SELECT string_agg(md5((n * 31 + i)::text), ' ') FROM generate_series(1, 17) i), 'amount', n % 50)"
)
FILL: Final = (
    "INSERT INTO {table} SELECT lpad(n::text, 16, '0'), lpad((n / 2)::text, 16, '0'), "
    "lpad((n % {streams})::text, 16, 's'), n / {streams} + 1, substr(md5(n::text), 1, 16), n, n, "
    "lpad((n % 20000)::text, 16, 'o'), NULL, {values}, '[]', false, (n % {streams}) % {provinces} "
    "FROM generate_series({first}::bigint, {last}) n"
)


def run(lab: Lab) -> list[Line]:  # noqa: ARG001  # it fills a database of its own
    """A line for each figure: the one table as floor, the parted one as PostgreSQL's."""
    lines = [Line("partitions", what, "", found) for what, found in _writes().items()] if "write" in TABLES else []
    return [*lines, *(Line("partitions", what, "", found) for what, found in _of_the_country().items())]


def _writes() -> dict[str, dict[str, float]]:
    figures: dict[str, dict[str, float]] = {}
    parent = os.environ.get("LOA_BENCH_PARTITIONS")
    with tempfile.TemporaryDirectory(prefix="loa-parts-", dir=parent) as folder:
        server = Postgresql(Path(folder), settings=SETTINGS)
        try:
            address = server.empty().replace("postgresql+psycopg:", "postgresql:", 1)
            with psycopg.connect(address, autocommit=True) as connection:
                for name in SHAPES:
                    for what, figure in _measured(connection, name, server.pid):
                        print(f"partitions: {name}: {what} {figure:.4g}", file=sys.stderr)
                        figures.setdefault(what, {})["floor" if name == "one" else "postgresql"] = figure
        finally:
            server.close()
    return figures


def _measured(connection: psycopg.Connection[Any], name: str, server: int) -> Iterator[tuple[str, float]]:
    begun, before = time.perf_counter(), used(server)
    _fill(connection, name)
    yield "filled, s", time.perf_counter() - begun
    yield "filled, s of processor", used(server) - before
    sizes = (
        "SELECT sum(pg_table_size(oid)), sum(pg_indexes_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname ~ %s"
    )
    heap, index = connection.execute(sizes, [f"^{name}(_[0-9]+)?$"]).fetchone() or (0, 0)
    yield "rows, MB", float(heap) / 1e6
    yield "indexes, MB", float(index) / 1e6
    connection.execute(SQL("VACUUM ANALYZE {}").format(Identifier(name)))
    for what, act in _acts(connection, name).items():
        clock, processor = _each(act, server)
        yield f"{what}, ms", clock
        yield f"{what}, ms of processor", processor
    for what, do in _whole(connection, name).items():
        begun = time.perf_counter()
        do()
        yield f"{what}, s", time.perf_counter() - begun


def _fill(connection: psycopg.Connection[Any], name: str) -> None:
    """Rows first, then the keys: as a restore does it."""
    made, key, place = SHAPES[name]
    connection.execute(made)
    if name == "parted":
        for number in range(PROVINCES):
            part = SQL("CREATE TABLE {} PARTITION OF parted FOR VALUES IN ({})")
            connection.execute(part.format(Identifier(f"parted_{number}"), Literal(number)))
    step = 500_000
    for first in range(0, ROWS, step):
        said = FILL.format(
            table=name,
            streams=STREAMS,
            provinces=PROVINCES,
            values=VALUES,
            first=first,
            last=min(first + step, ROWS) - 1,
        )
        connection.execute(said)
    connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY {key}")
    connection.execute(f"CREATE UNIQUE INDEX ON {name} {place}")


Act = Callable[[random.Random], None]


def _acts(connection: psycopg.Connection[Any], name: str) -> dict[str, Act]:
    """What a push and a pull ask of the table: by ids, which name no province, and by stream."""
    parted = name == "parted"
    new = iter(range(ROWS, ROWS + ASKED * WRITES))

    def stream(rng: random.Random) -> tuple[str, int]:
        number = rng.randrange(STREAMS)
        return f"{number:s>16}", number % PROVINCES

    def push(rng: random.Random) -> None:
        stream_id, province = stream(rng)
        rows = [
            (f"{n:016d}", f"{n:016d}", stream_id, n, "t" * 16, n, n, "o" * 16, None, _TEXT, "[]", False, province)
            for _, n in zip(range(WRITES), new, strict=False)
        ]
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * 13)})", rows)  # ours

    def known(rng: random.Random) -> None:
        ids = [f"{rng.randrange(ROWS):016d}" for _ in range(WRITES)]
        connection.execute(f"SELECT * FROM {name} WHERE id = ANY(%s)", [ids]).fetchall()  # ours

    def delta(rng: random.Random) -> None:
        stream_id, province = stream(rng)
        where = "stream_id = %s AND position > %s" + (" AND province = %s" if parted else "")
        asked = [stream_id, ROWS // STREAMS - 20, *([province] if parted else [])]
        found = f"SELECT * FROM {name} WHERE {where} ORDER BY position LIMIT 50"  # ours
        connection.execute(found, asked).fetchall()

    def many(rng: random.Random) -> None:
        streams = [stream(rng)[0] for _ in range(STREAMS // PROVINCES)]
        behind = f"SELECT count(*) FROM {name} WHERE stream_id = ANY(%s) AND position > %s"  # ours
        connection.execute(behind, [streams, ROWS // STREAMS - 20]).fetchall()

    return {"a push of 20": push, "20 ids looked up": known, "a stream's news": delta, "news of 311 streams": many}


_TEXT: Final = '{"note": "' + "x" * 600 + '"}'


def _each(act: Act, server: int) -> tuple[float, float]:
    """Milliseconds of one: on the clock, the middle, and of all processors, the mean."""
    rng, times = random.Random(34), []
    own, before = psutil.Process(), used(server)
    mine = sum(own.cpu_times()[:2])
    for _ in range(ASKED):
        begun = time.perf_counter()
        act(rng)
        times.append(time.perf_counter() - begun)
    spent = used(server) - before + sum(own.cpu_times()[:2]) - mine
    return middle(times) * 1000, spent / ASKED * 1000


def _whole(connection: psycopg.Connection[Any], name: str) -> dict[str, Callable[[], None]]:
    """What is done with a whole province."""

    def read() -> None:
        connection.execute(f"SELECT count(*), sum(received_at) FROM {name} WHERE province = 7").fetchall()  # ours

    def vacuum() -> None:
        connection.execute(f"VACUUM (FREEZE) {name}")

    def remove() -> None:
        if name == "parted":
            connection.execute("DROP TABLE parted_7")
        else:
            connection.execute("DELETE FROM one WHERE province = 7")
            connection.execute("VACUUM one")

    return {"a province read whole": read, "vacuum": vacuum, "a province removed": remove}


HOMES: Final = (
    "CREATE TABLE parts.home AS WITH RECURSIVE down(id, province) AS (SELECT id, row_number() OVER (ORDER BY id)::int "
    "FROM public.unit WHERE level = 'province' AND parent_id IS NOT NULL "
    "UNION ALL SELECT below.id, down.province FROM public.unit below "
    "JOIN down ON below.parent_id = down.id) SELECT stream.id AS stream_id, province FROM public.stream "
    "JOIN down ON down.id = stream.unit_id"
)
COPIED: Final = {
    "record": "SELECT record.*, province FROM public.record JOIN parts.home USING (stream_id)",
    "photo": (
        "SELECT photo.*, province FROM public.photo JOIN (SELECT sha256, min(province) AS province "
        "FROM public.photo_ref JOIN parts.home USING (stream_id) GROUP BY sha256) held USING (sha256)"
    ),
}
WARM: Final = 2
"""Times the statements are run before they are measured."""


def _of_the_country() -> dict[str, dict[str, float]]:
    figures: dict[str, dict[str, float]] = {}
    wanted = [table for table in COPIED if table in TABLES]
    with kept() if wanted else nullcontext() as nation:
        if nation is None:
            return figures
        address = nation.url.replace("postgresql+psycopg:", "postgresql:", 1)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS parts CASCADE")
            connection.execute("CREATE SCHEMA parts")
            connection.execute(HOMES)
            try:
                for table in wanted:
                    for name in ("one", "parted"):
                        for what, figure in _copied(connection, table, name, nation.postmaster):
                            print(f"partitions: {table}, {name}: {what} {figure:.4g}", file=sys.stderr)
                            side = "floor" if name == "one" else "postgresql"
                            figures.setdefault(f"{table}: {what}", {})[side] = figure
            finally:
                connection.execute("DROP SCHEMA parts CASCADE")
    return figures


def _copied(connection: psycopg.Connection[Any], table: str, name: str, server: int) -> Iterator[tuple[str, float]]:
    begun, made = time.perf_counter(), f"parts.{table}_{name}"
    if name == "one":
        connection.execute(f"CREATE TABLE {made} AS {COPIED[table]}")
    else:
        connection.execute(f"CREATE TABLE {made} (LIKE parts.{table}_one) PARTITION BY LIST (province)")
        for number in range(1, PROVINCES + 1):
            connection.execute(f"CREATE TABLE {made}_{number} PARTITION OF {made} FOR VALUES IN ({number})")
        connection.execute(f"INSERT INTO {made} SELECT * FROM parts.{table}_one")
    indexes = connection.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", [table]
    )
    for (said,) in indexes.fetchall():
        found = re.fullmatch(r"CREATE (UNIQUE )?INDEX \w+ ON public\.\w+ (USING \w+ \()(.*)", said)
        assert found is not None, said
        unique, start, rest = found.groups()
        first = "province, " if unique and name == "parted" else ""
        connection.execute(f"CREATE {unique or ''}INDEX ON {made} {start}{first}{rest}")
    yield "filled, s", time.perf_counter() - begun
    connection.execute(f"VACUUM ANALYZE {made}")
    acts = _of_records(connection, made, name) if table == "record" else _of_photos(connection, made)
    for what, act in acts.items():
        for _ in range(WARM):
            _each(act, server)
        clock, processor = _each(act, server)
        yield f"{what}, ms", clock
        yield f"{what}, ms of processor", processor


def _sample(connection: psycopg.Connection[Any], made: str, columns: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT {columns} FROM {made} ORDER BY random() LIMIT 20000").fetchall()


def _of_records(connection: psycopg.Connection[Any], made: str, name: str) -> dict[str, Act]:
    """What a push, a list and the first page of the country ask of records."""
    some = _sample(connection, made, "id, stream_id, province")

    def ids(rng: random.Random) -> list[str]:
        return [id_ for id_, *_ in rng.sample(some, WRITES)]

    def known(rng: random.Random) -> None:
        connection.execute(f"SELECT * FROM {made} WHERE id = ANY(%s)", [ids(rng)]).fetchall()

    def changed(rng: random.Random) -> None:
        connection.execute(f"UPDATE {made} SET last_position = last_position + 1 WHERE id = ANY(%s)", [ids(rng)])

    def page(rng: random.Random) -> None:
        _, stream, province = rng.choice(some)
        where = "stream_id = %s" + (" AND province = %s" if name == "parted" else "")
        found = f"SELECT * FROM {made} WHERE {where} ORDER BY rank, created_at, id LIMIT 50"
        connection.execute(found, [stream, province] if name == "parted" else [stream]).fetchall()

    def unready(_rng: random.Random) -> None:
        connection.execute(f"SELECT readiness, count(*) FROM {made} WHERE readiness = 'photos' GROUP BY 1").fetchall()

    return {"20 ids looked up": known, "20 changed": changed, "a list's page": page, "the country's unready": unready}


def _of_photos(connection: psycopg.Connection[Any], made: str) -> dict[str, Act]:
    """What an exchange asks of photos: by their hashes, which name no province."""
    some = [sha256 for (sha256,) in _sample(connection, made, "sha256")]

    def known(rng: random.Random) -> None:
        connection.execute(f"SELECT * FROM {made} WHERE sha256 = ANY(%s)", [rng.sample(some, WRITES)]).fetchall()

    return {"20 hashes looked up": known}
