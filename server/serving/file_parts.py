"""Write a form's file parts straight to where the view wants them, instead of a temporary file that is copied later."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, cast

from flask import Flask, request
from flask.wrappers import Request

from server.core.clock import new_id


class PlacedRequest(Request):
    """A request that writes file parts into `parts_in`, if a guard set it; `parts` lists the files."""

    parts_in: Path | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts: list[Path] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Werkzeug's hook that opens the file for a part."""
        if self.parts_in is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        path = self.parts_in / f"{new_id()}.part"
        self.parts.append(path)
        return path.open("x+b")


def init_app(app: Flask) -> None:
    """Use this request class in the application."""
    app.request_class = PlacedRequest


def place_in(folder: Path) -> None:
    """Write the file parts of this request into the folder from now on."""
    _current().parts_in = folder


def drop() -> None:
    """Remove this request's remaining parts; a file that was kept has been renamed."""
    for path in _current().parts:
        path.unlink(missing_ok=True)


def _current() -> PlacedRequest:
    return cast("PlacedRequest", request)
