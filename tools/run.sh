#!/bin/sh
# Serves with what the environment says; the first start makes the demo, and each start says how to get in.
set -eu
sh tools/first_start.sh
.venv/bin/loa demo --show
exec .venv/bin/loa serve
