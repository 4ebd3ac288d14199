#!/bin/sh
# Makes (once) a Python environment with slack_sdk in the folder given, and prints its interpreter. Fails loudly where it can't.
set -eu
folder=$1
python=$folder/bin/python
version=3.47.0
if ! "$python" -c "import slack_sdk.version as v; assert v.__version__ == '$version'" 2>/dev/null; then
    rm -rf "$folder"
    python3 -m venv "$folder" >&2
    "$python" -m pip install --quiet --disable-pip-version-check "slack_sdk==$version" >&2
fi
echo "$python"
