"""`python -m bench.floor_serve PORT FILE`: the floor under the same gunicorn as Loa, with Loa's own options."""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask

from bench import floor_app
from server.processes.gunicorn_app import Served
from server.settings import Settings


def main() -> None:
    """Serve until told to stop."""
    port, file = sys.argv[1:]
    settings = Settings.from_environment({"LOA_PORT": port, "LOA_DATA_DIR": str(Path(file).parent)})

    class Floor(Served):
        """Only the application is another."""

        def load(self) -> Flask:
            return floor_app.create_app(file)

    floor_app.connect(file).close()
    Floor(settings).run()


if __name__ == "__main__":
    main()
