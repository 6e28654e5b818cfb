"""The floor: the least that a Flask server with SQLite can do. One gzip POST in, one answer out, no checks.

No token, no validation, no schema, no scope; but durable, as everything that is compared with it: WAL,
synchronous=FULL, committed before the answer leaves, behind one lock a process, which is SQLite's fastest here.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import threading
from typing import Any

import brotli
from flask import Flask, Response, request


def create_app(file: str) -> Flask:
    """The application on this database file."""
    app = Flask(__name__, static_folder=None)
    here, writer = threading.local(), threading.Lock()

    def connection() -> sqlite3.Connection:
        if not hasattr(here, "connection"):
            here.connection = connect(file)
        return here.connection  # type: ignore[no-any-return]  # thread-local attributes are Any

    @app.post("/")
    def exchange() -> Response:
        body = json.loads(gzip.decompress(request.get_data()))
        database = connection()
        if body["writes"]:
            rows = [(write["id"], json.dumps(write, ensure_ascii=False)) for write in body["writes"]]
            with writer:
                database.execute("BEGIN IMMEDIATE")
                database.executemany("INSERT OR IGNORE INTO item (id, body) VALUES (?, ?)", rows)
                database.execute("COMMIT")
        last, news = body["after"], []
        if last is not None:
            for number, text in database.execute("SELECT number, body FROM item WHERE number > ?", (last,)):
                last = number
                news.append(text)
        return _packed({"stored": [write["id"] for write in body["writes"]], "last": last}, news)

    return app


def _packed(said: dict[str, Any], news: list[str]) -> Response:
    text = (json.dumps(said)[:-1] + ', "news": [' + ",".join(news) + "]}").encode()
    if "br" in request.headers.get("Accept-Encoding", ""):
        return Response(
            brotli.compress(text, quality=5), mimetype="application/json", headers={"Content-Encoding": "br"}
        )
    return Response(text, mimetype="application/json")


def connect(file: str) -> sqlite3.Connection:
    """A connection with the table in place."""
    database = sqlite3.connect(file, isolation_level=None)
    for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE IF NOT EXISTS item (number INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT)")
    return database
