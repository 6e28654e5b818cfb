#!/bin/sh
# Two watchers side by side: Flask reloads on Python changes, Vite rebuilds pwa/dist. The browser reloads by hand, as
# an officer's would: the service worker is part of what is being developed.
set -eu
export LOA_SETTINGS="${LOA_SETTINGS-}" # a checkout never touches the installation of /etc/loa
python=$(sh tools/python.sh)
sh tools/first_start.sh
.venv/bin/loa demo --show
"$python" tools/setup.py npm run --silent watch &
watcher=$!
trap 'kill "$watcher" 2>/dev/null || true' EXIT INT TERM
.venv/bin/flask --app server.application:create_app --debug run --host "${LOA_HOST:-127.0.0.1}" --port "${LOA_PORT:-8080}"
