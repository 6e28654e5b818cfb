#!/bin/sh
# Branches of server/services and sync that the tests of `make test` take, in their own processes and in servers that they
# start; ONLY="tests/unit tests/api" counts those of a slice, for which no least is asked. A third slower than the tests alone.
# They are reported also where a test failed; then the end is that test's.
set -eu
export COVERAGE_FILE="$PWD/.cache/coverage/data"
mkdir -p .cache/coverage
least=90
[ -z "${ONLY:-}" ] || least=0
failed=0
.venv/bin/python -m coverage erase
# shellcheck disable=SC2086  # ONLY is several words
.venv/bin/python -m coverage run -m pytest -q -n 3 --dist worksteal ${ONLY:-} || failed=$?
.venv/bin/python -m coverage combine -q
.venv/bin/python -m coverage report --skip-covered --sort=cover --fail-under="$least"
exit "$failed"
