#!/bin/sh
# Find a Chromium for the end-to-end tests, or install Debian's; never skip in silence.
# Not google-chrome: since 137 the branded browser ignores --load-extension.
set -eu
for name in chromium chromium-browser; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "no Chromium found: installing the package chromium with apt-get"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "the tests drive a real browser: install the package 'chromium' (Debian, Ubuntu: apt-get install chromium)" >&2
exit 1
