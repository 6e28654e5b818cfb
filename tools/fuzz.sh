#!/bin/sh
# 20,000 cases from the OpenAPI document on each database; LOA_FUZZ_CASES=500 takes fewer, LOA_FIRST_SEED=100001 others,
# ONLY=sync the routes with that word in their method or path. Both databases at once: neither takes more than one core.
set -eu
export LOA_FUZZ_CASES="${LOA_FUZZ_CASES:-20000}"

on() {
	.venv/bin/python -m pytest "tests/fuzz/test_fuzz.py::test_every_answer_is_documented[$1]" -q -s
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
