#!/bin/sh
# All journeys where things are late at random, once for each way (tests/unsteady); ONLY=app takes one way.
set -eu
failed=0
for way in ${ONLY:-app aside line}; do
	PYTHONPATH=tests .venv/bin/python -m pytest -p "unsteady.$way" tests/e2e -n 3 --dist worksteal -q || failed=1
done
exit "$failed"
