//! Answers, envelopes and payloads have every field of Slack's own examples. What is left out on purpose is listed at each.

use gantry_workspace::{Action, Say, Slash};
use serde_json::json;

use crate::bed::Bed;
use crate::vectors::assert_like;

#[tokio::test]
async fn answers_about_messages() {
    let bed = Bed::start().await;
    let (dev, developer) = (bed.channel("dev").await, bed.user("developer").await);
    let attachment = json!({ "text": "t", "id": 1, "fallback": "f" });
    let post = json!({ "channel": dev, "text": "a", "attachments": [attachment] });
    let posted = bed.ok("chat.postMessage", post).await;
    let ts = &posted["ts"];
    // `username` and the subtype are those of the older kind of bot.
    assert_like("responses/chat.postMessage.ok.json", &posted, &[".message.username", ".message.subtype"]);
    let reply = bed.ok("chat.postMessage", json!({ "channel": dev, "text": "b", "thread_ts": ts })).await;
    // Reading marks are each person's own business; `latest` is what the example's reader asked for.
    let marks = [".messages[0].subscribed", ".messages[0].last_read", ".messages[0].unread_count"];
    let rows = [
        ("chat.update", "chat.update.ok", json!({ "channel": dev, "ts": ts, "text": "c" }), &[][..]),
        ("chat.postEphemeral", "chat.postEphemeral.ok", json!({ "channel": dev, "user": developer, "text": "a" }), &[]),
        ("chat.getPermalink", "chat.getPermalink.ok", json!({ "channel": dev, "message_ts": reply["ts"] }), &[]),
        ("conversations.replies", "conversations.replies.ok", json!({ "channel": dev, "ts": ts }), &marks),
        ("conversations.history", "conversations.history.ok_2", json!({ "channel": dev }), &[".latest"]),
        ("reactions.add", "reactions.add.ok", json!({ "channel": dev, "timestamp": ts, "name": "eyes" }), &[]),
        ("chat.delete", "chat.delete.ok", json!({ "channel": dev, "ts": ts }), &[]),
    ];
    for (method, example, args, except) in rows {
        assert_like(&format!("responses/{example}.json"), &bed.ok(method, args).await, except);
    }
}

#[tokio::test]
async fn answers_about_people_and_places() {
    let bed = Bed::start().await;
    let developer = bed.user("developer").await;
    bed.ok("conversations.open", json!({ "users": developer })).await;
    // No pictures, no mail, no sign-in here; the example has a count in quotes, Slack's SDK types have a number.
    let unknown = "avatar_hash email image_original image_24 image_32 image_48 image_72 image_192 image_512";
    let mut profile: Vec<String> = unknown.split(' ').map(|name| format!(".user.profile.{name}")).collect();
    profile.push(".user.has_2fa".into());
    let profile: Vec<&str> = profile.iter().map(String::as_str).collect();
    let dm = bed.channel("@developer").await;
    let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": "x", "verbatim": false } });
    let home = json!({ "user_id": developer, "view": { "type": "home", "blocks": [section] } });
    let rows = [
        ("auth.test", "auth.test.ok_2", json!({}), &[][..]),
        ("users.info", "users.info.ok", json!({ "user": developer }), profile.as_slice()),
        ("conversations.members", "conversations.members.ok", json!({ "channel": bed.channel("dev").await }), &[]),
        (
            "conversations.info",
            "conversations.info.ok",
            json!({ "channel": dm }),
            &[".channel.latest", ".channel.locale"],
        ),
        (
            "conversations.open",
            "conversations.open.ok",
            json!({ "users": developer, "return_im": true }),
            &[".channel.latest"],
        ),
        ("usergroups.list", "usergroups.list.ok", json!({}), &[".usergroups[0].user_count"]),
        ("views.publish", "views.publish.ok", home, &[]),
    ];
    for (method, example, args, except) in rows {
        assert_like(&format!("responses/{example}.json"), &bed.ok(method, args).await, except);
    }
}

#[tokio::test]
async fn groups_tell_their_members_and_count_in_numbers() {
    let bed = Bed::start().await;
    let groups = bed.ok("usergroups.list", json!({ "include_users": true })).await;
    let platform = &groups["usergroups"][0];
    assert_eq!(platform["user_count"], 2);
    let members = bed.ok("usergroups.users.list", json!({ "usergroup": platform["id"] })).await;
    assert_eq!(platform["users"], members["users"]);
    assert_like("responses/usergroups.users.list.ok.json", &members, &[]);
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
