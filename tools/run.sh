#!/bin/sh
# Serves with what the environment says; the first start makes the demo, and each start says how to get in.
set -eu
export LOA_SETTINGS="${LOA_SETTINGS-}" # a checkout never touches the installation of /etc/loa
sh tools/first_start.sh
exec .venv/bin/loa serve --ready
