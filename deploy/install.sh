#!/bin/sh
# Installs this release beside the one before, without a network: sh install.sh [--unpack-only], as root.
# Look at the signature before you run this: no program can judge the archive that it came in (docs/operate.md).
# Needs Python 3.11, 3.12 or 3.13, and nothing else; neither pip nor venv of the distribution. -P: Python looks for no
# module in this folder.
# LOA_PREFIX: where releases lie (/opt/loa). LOA_SIGNERS: whose signatures count (/etc/loa/allowed_signers).
set -eu
cd "$(dirname "$0")"
prefix=${LOA_PREFIX:-/opt/loa}
signers=${LOA_SIGNERS:-/etc/loa/allowed_signers}
say() { # in English or Vietnamese, as `loa` itself speaks
    case ${LANGUAGE:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}} in vi*) echo "$2" ;; *) echo "$1" ;; esac >&2
}
version=$(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' release.json)
sha256sum --quiet -c SHA256SUMS || {
    say "This archive is damaged; nothing was installed." "Tệp phát hành bị hỏng; chưa cài đặt gì."
    exit 1
}
there=$(find . ! -type d ! -path ./SHA256SUMS ! -path ./SHA256SUMS.sig | sed 's,^\./,,' | LC_ALL=C sort)
if [ "$there" != "$(cut -c 67- SHA256SUMS | LC_ALL=C sort)" ]; then
    say "The list does not name these files, or they are gone; nothing was installed:" \
        "Các tệp sau không có trong danh sách, hoặc đã mất; chưa cài đặt gì:"
    { echo "$there"; cut -c 67- SHA256SUMS; } | LC_ALL=C sort | uniq -u >&2
    exit 1
fi
if [ -f "$signers" ]; then
    ssh-keygen -Y verify -f "$signers" -I release -n loa-release -s SHA256SUMS.sig <SHA256SUMS >/dev/null 2>&1 ||
        {
            say "No signature of $signers is on this archive; nothing was installed." \
                "Tệp phát hành không có chữ ký nào của $signers; chưa cài đặt gì."
            exit 1
        }
else
    say "There is no $signers: the signature was not looked at, only the hashes." \
        "Không có $signers: chưa kiểm tra chữ ký, chỉ mới đối chiếu mã băm."
fi
python=
for name in python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null && "$name" -P -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        python=$name
        break
    fi
done
[ -n "$python" ] || {
    say "Loa needs Python 3.11, 3.12 or 3.13." "Loa cần Python 3.11, 3.12 hoặc 3.13."
    exit 1
}
target=$prefix/releases/$version
if [ -f "$target/complete" ] && ! cmp -s SHA256SUMS "$target/SHA256SUMS"; then
    if [ "$(readlink "$prefix/current" || true)" = "releases/$version" ]; then
        say "Another archive of $version is what serves; nothing was installed." \
            "Đang chạy một tệp phát hành khác của $version; chưa cài đặt gì."
        exit 1
    fi
    rm "$target/complete"
fi
if [ ! -f "$target/complete" ]; then
    rm -rf "$target"
    mkdir -p "$prefix/releases"
    "$python" -P -m venv --without-pip "$target"
    PYTHONPATH=wheels/pip.zip "$target/bin/python" -P -m pip install --quiet --no-index --no-deps --find-links wheels \
        --only-binary :all: --require-hashes --requirement run.txt
    PYTHONPATH=wheels/pip.zip "$target/bin/python" -P -m pip install --quiet --no-index --no-deps wheels/loa-*.whl
    cp -r share release.json sbom.json SHA256SUMS "$target/"
    [ ! -f SHA256SUMS.sig ] || cp SHA256SUMS.sig "$target/"
    chmod -R go+rX "$prefix"
    touch "$target/complete"
fi
[ "${1:-}" != --unpack-only ] || exit 0
exec "$target/bin/loa" install --prefix "$prefix" "$@"
