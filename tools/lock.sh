#!/bin/sh
# Regenerates the locks: exact versions and hashes for every platform, no address of any registry and no path of the
# machine that made them. Needs uv and npm here only; installing from the locks needs neither.
set -eu
cd "$(dirname "$0")/.."
compile() {
    out=$1
    shift
    uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 \
        --custom-compile-command "make lock" --quiet --output-file "requirements/$out.txt" "$@"
}
compile run pyproject.toml --group build
compile test pyproject.toml --group build --group test --constraint requirements/run.txt
compile node --group node
for folder in pwa tests/tus tests/lighthouse; do
    (cd "$folder" && npm install --package-lock-only)
done
if grep -nE '://|^ *(-i|-f|--(extra-)?index-url|--find-links)' requirements/*.txt ||
    grep -n '"resolved"' pwa/package-lock.json tests/*/package-lock.json; then
    echo "A lock holds an address." >&2
    exit 1
fi
