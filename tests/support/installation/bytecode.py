"""Byte code is kept, whatever the environment says.

A run starts hundreds of processes. Where byte code may not be written, as in many containers, each compiles what it
imports anew: half a second of the processor each time, and eight to collect the tests.
"""

from __future__ import annotations

import os
import sys


def keep() -> None:
    """For this process and its children."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
