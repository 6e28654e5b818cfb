#!/bin/sh
# One long test on both databases at once, for neither takes more than one core: sh tools/both.sh FILE::TEST
set -eu

on() {
	.venv/bin/python -m pytest "$2[$1]" --long -q -s --timeout=0
}

on sqlite "$1" &
sqlite=$!
on postgresql "$1" &
postgresql=$!
# What runs behind the shell does not hear Ctrl-C.
trap 'kill "$sqlite" "$postgresql" 2>/dev/null; exit 130' INT TERM
failed=0
wait "$sqlite" || failed=1
wait "$postgresql" || failed=1
exit "$failed"
