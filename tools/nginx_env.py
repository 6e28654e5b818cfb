"""Finds the nginx that `make chaos` puts in front of the server; installs the system's package if this user may."""

from __future__ import annotations

import os
import shutil
import subprocess

from house import install, may_install, say, stop


def ensure() -> None:
    """Make sure that the tests can start nginx, or stop with a sentence on how to get it."""
    if not (os.environ.get("LOA_NGINX") or shutil.which("nginx")):
        if not may_install():
            stop("make chaos needs nginx (Debian: apt install nginx-light) or LOA_NGINX, its path.")
        say("Installing nginx for the tests behind it.")
        install("nginx-light")
    program = os.environ.get("LOA_NGINX") or shutil.which("nginx")
    if program is None:
        stop("nginx was installed and is not on PATH; LOA_NGINX may name it.")
    say(subprocess.run([program, "-v"], check=True, capture_output=True, text=True).stderr.strip())
