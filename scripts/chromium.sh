#!/usr/bin/env bash
# Make sure that a Chromium is there for the browser tests.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" > /dev/null; then exit 0; fi
done
sudo=()
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2> /dev/null; then
        echo "The browser tests need Chromium. Please run once, as root: apt install chromium" >&2
        exit 1
    fi
    sudo=(sudo -n)
fi
echo "Installing Chromium for the browser tests…" >&2
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -qq >&2
"${sudo[@]}" apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >&2
command -v chromium > /dev/null
