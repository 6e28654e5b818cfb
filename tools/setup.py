"""Prepares a fresh clone for a make target; does nothing that was done before.

It runs under the system's Python, so it uses only the standard library. `setup` prepares what officers and reviewers
use; `lint` adds the tools and the phone app's packages, `quick` the built app as well, `test` also a browser;
`chaos` an nginx; `lighthouse` what only `make lighthouse` needs; `port` checks that the port is free; `npm ...` and
`node ...` run with the chosen Node.
"""

from __future__ import annotations

import sys

import chromium_env
import nginx_env
import node_env
import pgbouncer_env
import port
import python_env
from house import LIGHTHOUSE, TUS, stop


def main(words: list[str]) -> None:
    """Run the step that make names."""
    match words:
        case ["setup" | "run"]:
            python_env.ensure("run")
            node_env.ensure_built()
        case ["lint"]:
            python_env.ensure("test")
            node_env.ensure_modules()
        case ["quick"]:
            python_env.ensure("test")
            node_env.ensure_modules()
            node_env.ensure_built()
        case ["test"]:
            python_env.ensure("test")
            node_env.ensure_modules()
            node_env.ensure_modules(TUS)
            node_env.ensure_built()
            chromium_env.ensure()
        case ["chaos"]:
            nginx_env.ensure()
            pgbouncer_env.ensure()
        case ["lighthouse"]:
            node_env.ensure_modules(LIGHTHOUSE)
        case ["port"]:
            port.check()
        case ["npm" | "node" as tool, *rest] if rest:
            (node_env.npm if tool == "npm" else node_env.node)(*rest)
        case _:
            steps = "setup | run | lint | quick | test | chaos | lighthouse | port | npm WORDS | node WORDS"
            stop(f"usage: tools/setup.py {steps}")


if __name__ == "__main__":
    main(sys.argv[1:])
