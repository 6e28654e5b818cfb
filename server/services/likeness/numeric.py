"""numpy with one thread, for the job alone: nothing that the server imports may import this.

BLAS would start a thread for each core and take them from the people who wait for a page.
"""

from __future__ import annotations

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402  # the settings above are read when it is imported

__all__ = ["np"]
