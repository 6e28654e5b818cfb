#!/bin/sh
# Makes the demo where nothing is yet, unless the environment names a database. It is made under another name and put
# in place when it is whole, so that a first start that was interrupted begins anew. Words go to `loa demo`.
set -eu
[ -z "${LOA_DATABASE_URL:-}" ] || exit 0
# Names, numbers and photos of people lie there: it is for this user alone, also where an older Loa made it.
(umask 077 && mkdir -p "${LOA_DATA_DIR:-var}")
[ -n "${LOA_DATA_DIR:-}" ] || chmod 700 var
data=$(cd "${LOA_DATA_DIR:-var}" && pwd)
[ ! -e "$data/loa.sqlite" ] || exit 0
rm -f "$data/demo.part" "$data/demo.part-wal" "$data/demo.part-shm"
LOA_DATABASE_URL="sqlite:///$data/demo.part" .venv/bin/loa demo --aside "$@" >/dev/null
mv "$data/demo.part" "$data/loa.sqlite"
