"""Slack's own Python SDK as a client of the embedded workspace: an independent judge of what the workspace serves.

Run by the test `python.rs`, which acts as the people. Tokens come on standard input, one line of JSON; each step that is done
is one JSON line on standard output. Any failure ends the program with a traceback and a status that isn't 0.
"""

import json
import sys
import threading

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, SectionBlock
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

PATIENCE = 20


# The SDK calls listeners from threads of its own.
lock = threading.RLock()


def tell(step, **facts):
    with lock:
        print(json.dumps({"step": step, **facts}), flush=True)


def main():
    given = json.loads(sys.stdin.readline())
    web = WebClient(token=given["bot_token"], base_url=given["api_url"] + "/", timeout=PATIENCE)
    me = web.auth_test()
    channels = {c["name"]: c["id"] for page in web.conversations_list(limit=2) for c in page["channels"]}
    users = {u["name"]: u["id"] for page in web.users_list(limit=2) for u in page["members"]}
    groups = {g["handle"]: g["users"] for g in web.usergroups_list(include_users=True)["usergroups"]}
    assert me["user_id"] == users["gantry"], me
    assert groups["platform"] == [users["platform"], users["platform-two"]], groups

    card = [
        SectionBlock(text="*Deploy* `web` to `dev`?"),
        ActionsBlock(elements=[ButtonElement(text="Approve", action_id="approve", value="op-1", style="primary")]),
    ]
    posted = web.chat_postMessage(channel=channels["dev"], text="Deploy web to dev?", blocks=card)
    web.chat_postMessage(channel=channels["dev"], text="Planned", thread_ts=posted["ts"])
    web.chat_update(channel=channels["dev"], ts=posted["ts"], text="Deploy web to dev, please?", blocks=card)
    replies = web.conversations_replies(channel=channels["dev"], ts=posted["ts"])["messages"]
    assert [m["text"] for m in replies] == ["Deploy web to dev, please?", "Planned"], replies
    try:
        web.chat_postMessage(channel="C0NOWHERE", text="x")
        raise AssertionError("an unknown channel was taken")
    except SlackApiError as error:
        assert error.response["error"] == "channel_not_found", error
    tell("posted", ts=posted["ts"])

    wanted = {"slash_commands", "events_api", "interactive"}
    done = threading.Event()

    def take(client, request):
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        with lock:
            if request.type in wanted:
                wanted.discard(request.type)
                tell("envelope", type=request.type, payload=request.payload)
            if not wanted:
                done.set()

    socket = SocketModeClient(app_token=given["app_token"], web_client=web)
    socket.socket_mode_request_listeners.append(take)
    # The bot's own posts above are events too, and may come at once: they are told after this.
    with lock:
        socket.connect()
        tell("connected")
    if not done.wait(PATIENCE):
        raise SystemExit(f"no envelope of type {sorted(wanted)} came")
    socket.close()
    tell("done")


main()
