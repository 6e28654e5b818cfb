"""Two builds of the phone app, one after the other, before one real server: an update as a phone sees it."""

from __future__ import annotations

import http.client
import http.server
import mimetypes
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from server.core import paths
from support.installation.ports import LOOPBACK

HOPS = ("connection", "transfer-encoding", "content-length", "host")
SECOND = "second build"
BUILD = "() => document.querySelector('meta[name=build]')?.content ?? null"
"""Which build the page is of; the app sets its title itself, and this not."""


@dataclass
class Builds:
    """The files under /app/, which a test may change, and the paths requested."""

    folder: Path
    port: int
    asked: list[str] = field(default_factory=list)

    def replace(self, dist: Path) -> None:
        """Serve another build altogether."""
        shutil.rmtree(self.folder)
        shutil.copytree(dist, self.folder)

    def update(self) -> None:
        """Serve the next build: another page and another worker, the hashed files unchanged."""
        page, worker = self.folder / "index.html", self.folder / "sw.js"
        first = page.read_text("utf-8")
        second = first.replace("<title>", f'<meta name="build" content="{SECOND}"><title>')
        assert second != first
        page.write_text(second, "utf-8")
        worker.write_text(re.sub(r"loa-app-\w+", "loa-app-second", worker.read_text("utf-8")), "utf-8")
        self.asked.clear()


@contextmanager
def builds(folder: Path, server_port: int, dist: Path | None = None) -> Iterator[Builds]:
    """Serve a copy of the built app (or of `dist`) from `folder`; forward everything else to that server."""
    shutil.copytree(dist or paths.phone_app(), folder)

    class Front(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            if not path.startswith("/app/"):
                self.forward()
                return
            made.asked.append(path)
            file = folder / (path.removeprefix("/app/") or "index.html")
            body = file.read_bytes() if file.is_file() else b""
            kind = mimetypes.guess_type(file.name)[0] or "text/plain"
            self.answer(200 if file.is_file() else 404, [("Content-Type", kind), ("Cache-Control", "no-cache")], body)

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sent = {name: value for name, value in self.headers.items() if name.lower() not in HOPS}
            with closing(http.client.HTTPConnection(LOOPBACK, server_port, timeout=30)) as behind:
                behind.request(self.command, self.path, body, sent)
                said = behind.getresponse()
                told = [one for one in said.getheaders() if one[0].lower() not in HOPS]
                with suppress(ConnectionError):  # the page may have been left meanwhile
                    self.answer(said.status, told, said.read())

        def do_POST(self) -> None:
            self.forward()

        def do_PATCH(self) -> None:
            self.forward()

        def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in [*headers, ("Content-Length", str(len(body)))]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Front) as server:
        made = Builds(folder, server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield made
        server.shutdown()
