//! Answers, envelopes and payloads have every field of Slack's own examples. What is left out on purpose is listed at each.

use gantry_workspace::{Action, Say, Slash};
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::vectors::assert_like;

#[tokio::test]
async fn answers() {
    let bed = Bed::start().await;
    let (dev, developer) = (bed.channel("dev").await, bed.user("developer").await);
    let call = async |method: &str, args: Value| bed.ok(method, args).await;
    let posted = call(
        "chat.postMessage",
        json!({ "channel": dev, "text": "a", "attachments": [{ "text": "t", "id": 1, "fallback": "f" }] }),
    )
    .await;
    let ts = &posted["ts"];
    // `username` and the subtype are those of the older kind of bot.
    assert_like("responses/chat.postMessage.ok.json", &posted, &[".message.username", ".message.subtype"]);
    let reply = call("chat.postMessage", json!({ "channel": dev, "text": "b", "thread_ts": ts })).await;
    assert_like(
        "responses/chat.update.ok.json",
        &call("chat.update", json!({ "channel": dev, "ts": ts, "text": "c" })).await,
        &[],
    );
    assert_like(
        "responses/chat.postEphemeral.ok.json",
        &call("chat.postEphemeral", json!({ "channel": dev, "user": developer, "text": "a" })).await,
        &[],
    );
    assert_like(
        "responses/chat.getPermalink.ok.json",
        &call("chat.getPermalink", json!({ "channel": dev, "message_ts": reply["ts"] })).await,
        &[],
    );
    assert_like("responses/auth.test.ok_2.json", &call("auth.test", json!({})).await, &[]);
    assert_like(
        "responses/conversations.members.ok.json",
        &call("conversations.members", json!({ "channel": dev })).await,
        &[],
    );
    // Reading marks are each person's own business.
    let unread = [".messages[0].subscribed", ".messages[0].last_read", ".messages[0].unread_count"];
    assert_like(
        "responses/conversations.replies.ok.json",
        &call("conversations.replies", json!({ "channel": dev, "ts": ts })).await,
        &unread,
    );
    // `latest` is what the example's reader asked for.
    assert_like(
        "responses/conversations.history.ok_2.json",
        &call("conversations.history", json!({ "channel": dev })).await,
        &[".latest"],
    );
    let dm = bed.channel("@developer").await;
    assert_like(
        "responses/conversations.info.ok.json",
        &call("conversations.info", json!({ "channel": dm })).await,
        &[".channel.latest", ".channel.locale"],
    );
    call("conversations.open", json!({ "users": developer })).await;
    assert_like(
        "responses/conversations.open.ok.json",
        &call("conversations.open", json!({ "users": developer, "return_im": true })).await,
        &[".channel.latest"],
    );
    // No pictures, no mail, no sign-in here.
    let pictures = [
        "avatar_hash",
        "email",
        "image_original",
        "image_24",
        "image_32",
        "image_48",
        "image_72",
        "image_192",
        "image_512",
    ];
    let mut except: Vec<String> = pictures.iter().map(|name| format!(".user.profile.{name}")).collect();
    except.push(".user.has_2fa".into());
    let except: Vec<&str> = except.iter().map(String::as_str).collect();
    assert_like("responses/users.info.ok.json", &call("users.info", json!({ "user": developer })).await, &except);
    // The example has a count in quotes; Slack's SDK types have a number.
    assert_like(
        "responses/usergroups.list.ok.json",
        &call("usergroups.list", json!({})).await,
        &[".usergroups[0].user_count"],
    );
    let groups = call("usergroups.list", json!({ "include_users": true })).await;
    assert_eq!(groups["usergroups"][0]["users"].as_array().unwrap().len(), 2);
    assert!(groups["usergroups"][0]["user_count"].is_u64());
    let members = call("usergroups.users.list", json!({ "usergroup": groups["usergroups"][0]["id"] })).await;
    assert_like("responses/usergroups.users.list.ok.json", &members, &[]);
    let home = json!({ "user_id": developer, "view": { "type": "home", "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": "x", "verbatim": false } }] } });
    assert_like("responses/views.publish.ok.json", &call("views.publish", home).await, &[]);
    assert_like(
        "responses/reactions.add.ok.json",
        &call("reactions.add", json!({ "channel": dev, "timestamp": ts, "name": "eyes" })).await,
        &[],
    );
    assert_like("responses/chat.delete.ok.json", &call("chat.delete", json!({ "channel": dev, "ts": ts })).await, &[]);
}

#[tokio::test]
async fn frames() {
    let bed = Bed::start().await;
    let mut socket = bed.bare_socket().await;
    assert_like("socket_mode/hello.json", &socket.next().await, &[]);
    let slash = Slash { who: "developer".into(), channel: "dev".into(), command: "/gantry".into(), ..Slash::default() };
    bed.people.command(&slash).await.unwrap();
    assert_like("socket_mode/envelope_slash_commands.json", &socket.take("slash_commands").await, &[]);
    let say = Say { who: "developer".into(), channel: "dev".into(), text: "@gantry hi".into(), ..Say::default() };
    bed.people.message(&say).await.unwrap();
    let mut events = [socket.take("events_api").await, socket.take("events_api").await];
    events.sort_by_key(|event| event["payload"]["event"]["type"].as_str().unwrap().to_owned());
    assert_like("socket_mode/envelope_events_api_app_mention.json", &events[0], &[]);
    bed.people.message(&Say { text: "hi".into(), ..say }).await.unwrap();
    let plain = socket.take("events_api").await;
    // `enterprise_id`, `authed_users`: an enterprise grid, and the older way to say who is authorised.
    assert_like("http/event_app_mention.json", &events[0]["payload"], &[".enterprise_id"]);
    assert_like("http/event_message_channels.json", &plain["payload"], &[".enterprise_id", ".authed_users"]);
    bed.people.disconnect("warning").await.unwrap();
    assert_like("socket_mode/disconnect_warning.json", &socket.next().await, &[]);
}

#[tokio::test]
async fn changes_and_clicks() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let dev = bed.channel("dev").await;
    let blocks = json!([{ "type": "actions", "block_id": "b", "elements": [
        { "type": "button", "action_id": "a", "value": "v", "text": { "type": "plain_text", "text": "Button", "emoji": true } }] }]);
    let ts = bed.post(json!({ "channel": dev, "text": "t", "blocks": blocks })).await;
    socket.take("events_api").await;
    bed.ok("chat.update", json!({ "channel": dev, "ts": ts, "text": "u", "blocks": blocks })).await;
    let team_of = [".enterprise_id"];
    // The example's message is a person's, with rich text; this one has buttons.
    let rich = [
        ".enterprise_id",
        ".event.message.blocks[0].elements[0].elements",
        ".event.previous_message.blocks[0].elements[0].elements",
    ];
    assert_like("http/event_message_changed.json", &socket.take("events_api").await["payload"], &rich);
    let click = Action {
        who: "developer".into(),
        channel: "dev".into(),
        message_ts: ts,
        action_id: Some("a".into()),
        ..Action::default()
    };
    bed.people.click(&click).await.unwrap();
    let clicked = socket.take("interactive").await;
    // An enterprise grid again.
    assert_like(
        "http/block_actions_message_button.json",
        &clicked["payload"],
        &[".team.enterprise_id", ".team.enterprise_name"],
    );
    bed.ok("chat.delete", json!({ "channel": dev, "ts": ts })).await;
    assert_like("http/event_message_deleted.json", &socket.take("events_api").await["payload"], &team_of);
}
