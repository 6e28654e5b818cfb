#!/bin/sh
# Faults on the real thing, all of them, with their counts; ONLY=killed takes the tests with that word in their name.
set -eu
LOA_CHAOS=full exec .venv/bin/python -m pytest tests/chaos tests/e2e/test_killed.py tests/e2e/test_captures.py tests/jobs/test_killed_workers.py --long -q -s --timeout=0 -k "${ONLY:-test}"
