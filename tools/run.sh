#!/bin/sh
# Serves with what the environment says; the first start makes the demo, and each start says how to get in.
set -eu
sh tools/first_start.sh
exec .venv/bin/loa serve --ready
