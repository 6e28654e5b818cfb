#!/bin/sh
# Runs a target of make, as `second_look.sh test`. What fails is run once more, alone, where it is up to three tests of thousands: some hundred
# drive a browser beside two others, and a gate that is red by chance is soon not believed. What passes then is named, for somebody to mend;
# what fails again fails. `make ci` looks once.
set -eu
MOST=3
failed=.pytest_cache/v/cache/lastfailed
rm -f "$failed"
make "$1" && exit 0
if [ ! -f "$failed" ]; then
	echo "Something before the tests of the server failed. It is run once more."
	exec make "$1"
fi
count=$(.venv/bin/python -c 'import json, sys; print(len(json.load(open(sys.argv[1]))))' "$failed")
if [ "$count" -gt "$MOST" ]; then
	echo "$count tests failed, which is more than chance."
	exit 1
fi
echo "Failed, and run once more, alone; what passes now is unsteady and to be mended:"
cat "$failed" && echo
exec .venv/bin/python -m pytest --costly --last-failed --last-failed-no-failures none
