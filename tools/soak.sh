#!/bin/sh
# 10,000 histories of simulated phones on each database; LOA_HISTORIES=500 takes fewer, LOA_FIRST_SEED=101 others.
# Both databases at once: neither takes more than one core.
set -eu
export LOA_HISTORIES="${LOA_HISTORIES:-10000}"

on() {
	.venv/bin/python -m pytest "tests/property/test_even_histories.py::test_even_histories[$1]" -q -s
}

on sqlite &
sqlite=$!
on postgresql &
postgresql=$!
# What runs behind the shell does not hear Ctrl-C.
trap 'kill "$sqlite" "$postgresql" 2>/dev/null; exit 130' INT TERM
failed=0
wait "$sqlite" || failed=1
wait "$postgresql" || failed=1
exit "$failed"
