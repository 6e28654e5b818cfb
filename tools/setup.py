"""Brings a fresh clone to where a make target can work, and does nothing where that was done before.

Runs under the system's Python, so it uses the standard library alone. `run` prepares what officers and reviewers use;
`lint` and `quick` add the tools and the phone app's packages, `test` a browser too; `chaos` an nginx; `lighthouse` what `make
lighthouse` alone needs; `port` looks whether the port is free; `npm ...` and `node ...` hand over to the Node that was
found.
"""

from __future__ import annotations

import sys

import chromium_env
import nginx_env
import node_env
import port
import python_env
from house import LIGHTHOUSE, TUS, stop


def main(words: list[str]) -> None:
    """Dispatch the one word that make passes on."""
    match words:
        case ["run"]:
            python_env.ensure(test=False)
            node_env.ensure_built()
        case ["lint"] | ["quick"]:
            python_env.ensure(test=True)
            node_env.ensure_modules()
        case ["test"]:
            python_env.ensure(test=True)
            node_env.ensure_modules()
            node_env.ensure_modules(TUS)
            node_env.ensure_built()
            chromium_env.ensure()
        case ["chaos"]:
            nginx_env.ensure()
        case ["lighthouse"]:
            node_env.ensure_modules(LIGHTHOUSE)
        case ["port"]:
            port.check()
        case ["npm", *rest] if rest:
            node_env.npm(*rest)
        case ["node", *rest] if rest:
            node_env.node(*rest)
        case _:
            stop("usage: tools/setup.py run | lint | quick | test | chaos | lighthouse | port | npm WORDS | node WORDS")


if __name__ == "__main__":
    main(sys.argv[1:])
