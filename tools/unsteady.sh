#!/bin/sh
# All journeys where things are late at random, once for each way, and all tests on a busy machine (tests/unsteady);
# ONLY=app takes one way.
set -eu
failed=0
for way in ${ONLY:-app aside line busy}; do
	what="tests/e2e"
	[ "$way" != busy ] || what="tests --timeout=1200"
	# shellcheck disable=SC2086  # it is several words
	PYTHONPATH=tests .venv/bin/python -m pytest -p "unsteady.$way" $what -n 3 --dist worksteal -q || failed=1
done
exit "$failed"
