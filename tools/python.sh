#!/bin/sh
# Prints the newest Python that can carry Loa: 3.11 or later, runs (a version manager's empty shim does not count), and
# is able to make a virtual environment. Says in one sentence what to install when there is none.
set -u
old="" bare=""
for name in python3.13 python3.12 python3.11 python3; do
    path=$(command -v "$name") || continue
    found=$("$path" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        old=$found
    elif ! "$path" -c 'import venv, ensurepip' 2>/dev/null; then
        bare=$found
    else
        echo "$path"
        exit 0
    fi
done
if [ -n "$bare" ]; then
    echo "Python $bare is here but cannot make a virtual environment; install its venv module (Debian, Ubuntu: apt install python$bare-venv) and run make again." >&2
elif [ -n "$old" ]; then
    echo "Loa needs Python 3.11 or later and found only $old; install a newer one (Debian 12+, Ubuntu 24.04+: apt install python3 python3-venv) and run make again." >&2
else
    echo "Loa needs Python 3.11 or later and found none; install it (Debian, Ubuntu: apt install python3 python3-venv) and run make again." >&2
fi
exit 1
