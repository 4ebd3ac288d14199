"""Slack's own Python SDK as a judge of what the bot sends: blocks of messages, modals, Home tabs.

Reads one JSON object a line: `{"blocks": [..]}` for a message, `{"view": {..}}` for a view. Ends with a traceback and a status that
isn't 0 at the first that its validators refuse; else prints how many there were.
"""

import json
import sys

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


def check(block):
    parsed = Block.parse(block)
    # What it doesn't know it hands back as nothing.
    assert parsed is not None, block
    parsed.validate_json()
    for name in ("elements", "accessory", "element", "text", "label", "hint"):
        inner = getattr(parsed, name, None)
        for part in inner if isinstance(inner, (list, tuple)) else [inner]:
            if hasattr(part, "validate_json"):
                part.validate_json()


def main():
    count = 0
    for line in sys.stdin:
        shape = json.loads(line)
        if "view" in shape:
            view = shape["view"]
            View(**view).validate_json()
            blocks = view["blocks"]
        else:
            blocks = shape["blocks"]
        for block in blocks:
            check(block)
        count += 1
    print(count)


main()
