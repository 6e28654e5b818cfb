#!/bin/sh
# Serves with what the environment says. Without LOA_DATABASE_URL, the first start fills var/ with the demo.
set -eu
loa=.venv/bin/loa
"$loa" db upgrade
if [ -z "${LOA_DATABASE_URL:-}" ]; then
    made="${LOA_DATA_DIR:-var}/demo.made"
    if [ ! -e "$made" ]; then
        "$loa" demo
        : >"$made"
    fi
fi
exec "$loa" serve
