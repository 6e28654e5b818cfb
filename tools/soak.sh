#!/bin/sh
# What `make test` has no time for: tests marked `costly(soak=True)` (but those of `make releases`), more cases of each law, then 2,000 histories of the phone
# app on each database.
# LOA_HISTORIES=500 takes fewer, LOA_FIRST_SEED=101 others.
set -eu
.venv/bin/python -m pytest -n 3 --dist worksteal -q --long -m "costly(soak=True)" tests --ignore tests/chaos --ignore tests/fuzz --ignore tests/release
.venv/bin/python -m pytest -n 3 -q --hypothesis-profile=more tests/property/test_laws.py tests/property/test_histories.py \
	tests/property/test_uploads.py
export LOA_HISTORIES="${LOA_HISTORIES:-2000}"
exec sh tools/both.sh tests/property/test_even_histories.py::test_even_histories
