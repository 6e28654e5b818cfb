#!/bin/sh
# The four scores of Lighthouse for phone and desk (tests/lighthouse).
set -eu
PYTHONPATH=tests exec .venv/bin/python -m lighthouse
