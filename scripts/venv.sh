#!/usr/bin/env bash
# Make .venv and bring it to the pinned requirements; does nothing when they have not changed.
# Usage: scripts/venv.sh run|dev
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "Mutualim needs Python 3.11 or newer, and none was found. On Debian 12: apt install python3"
    exit 1
}

make_venv() {
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        say "This Python cannot make virtual environments; installing the Debian package python3-venv."
        if ! { as_root apt-get update -qq && as_root apt-get install -y -qq python3-venv; } >&2; then
            say "That was not possible. Please run once, as root: apt install python3-venv"
            exit 1
        fi
    fi
    "$python" -m venv .venv
}

[ -x .venv/bin/python ] || make_venv

files=(requirements.txt)
[ "$kind" = dev ] && files+=(requirements-dev.txt)
stamp=.venv/.installed-$kind
want=$(cat "${files[@]}" | sha256sum)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$want" ]; then
    say "Installing the pinned packages (once)…"
    args=()
    for file in "${files[@]}"; do args+=(-r "$file"); done
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes "${args[@]}"
    printf '%s' "$want" > "$stamp"
    [ "$kind" = dev ] && sha256sum < requirements.txt | tr -d '\n' > .venv/.installed-run
fi
exit 0
