#!/bin/sh
# modules.sh FOLDER [PACKAGE]: puts what a package.json and its lock file name (those beside this script, or in the folder PACKAGE) into
# FOLDER, once for each lock file, and prints its node_modules. Fails loudly where it can't: it needs node of version 20 or newer, npm
# and a registry.
set -eu
package=${2:-$(dirname "$0")}
node -e 'if (process.versions.node.split(".")[0] < 20) { console.error(`node ${process.version} is too old: 20 is needed`); process.exit(1) }'
mkdir -p "$1"
# Tests run side by side: one installs, the others wait for it.
exec 9>"$1/lock"
flock 9
if ! cmp -s "$package/package-lock.json" "$1/done"; then
    cp "$package/package.json" "$package/package-lock.json" "$1"
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    cp "$package/package-lock.json" "$1/done"
fi
echo "$1/node_modules"
