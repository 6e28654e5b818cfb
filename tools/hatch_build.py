"""Puts migrations/, the built phone app and the desk's built scripts into the wheel; leaves the demo out.

Editable installs skip this: they find the folders in the working tree, and pwa/dist may not exist yet.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelData(BuildHookInterface[Any]):
    """Adds the files that `server` looks for under server/_data when it does not run from a working tree."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files.

        Raises RuntimeError if the phone app was not built: such a wheel would show nothing.
        """
        if version == "editable":
            return
        root = Path(self.root)
        built = root / "server" / "desk" / "static" / "built"
        if not ((root / "pwa" / "dist" / "index.html").is_file() and (built / "map.js").is_file()):
            message = (
                "pwa/dist or server/desk/static/built is missing: run `make run` or `npm run build` in pwa/ first."
            )
            raise RuntimeError(message)
        # Git ignores the folder, and so would hatchling.
        build_data["force_include"][str(built)] = "server/desk/static/built"
        build_data["force_include"][str(root / "migrations")] = "server/_data/migrations"
        build_data["force_include"][str(root / "deploy")] = "server/_data/deploy"
        for name in ("operate.md", "vi/van-hanh.md"):
            build_data["force_include"][str(root / "docs" / name)] = f"server/_data/docs/{name}"
        build_data["force_include"][str(root / "pwa" / "dist")] = "server/_data/pwa"
        stamp = os.environ.get("LOA_RELEASE")  # tools/release.py names the file for the wheel of a release
        if stamp:
            build_data["force_include"][stamp] = "server/_data/build.json"
