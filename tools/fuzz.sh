#!/bin/sh
# 20,000 cases from the OpenAPI document on each database; LOA_FUZZ_CASES=500 takes fewer, LOA_FIRST_SEED=100001 others,
# ONLY=sync the routes with that word in their method or path.
set -eu
export LOA_FUZZ_CASES="${LOA_FUZZ_CASES:-20000}"
exec sh tools/both.sh tests/fuzz/test_fuzz.py::test_every_answer_is_documented
