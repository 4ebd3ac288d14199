#!/bin/sh
# Puts Slack's own JavaScript, in the versions of package-lock.json, into a folder below the one given (once for each lock file),
# and prints its node_modules. Fails loudly where it can't: it needs node of version 20 or newer, npm and a registry.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
node -e 'if (process.versions.node.split(".")[0] < 20) { console.error(`node ${process.version} is too old: 20 is needed`); process.exit(1) }'
mkdir -p "$1"
# Tests run side by side: one installs, the others wait for it.
exec 9>"$1/lock"
flock 9
if ! cmp -s "$here/package-lock.json" "$1/done"; then
    cp "$here/package.json" "$here/package-lock.json" "$1"
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    cp "$here/package-lock.json" "$1/done"
fi
echo "$1/node_modules"
