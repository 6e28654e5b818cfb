"""The desk, `/desk/`: server-rendered pages for reviewers."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the blueprints."""
