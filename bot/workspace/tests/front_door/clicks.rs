//! Buttons as people click them.

use gantry_workspace::{Action, Ts};
use serde_json::{Value, json};

use crate::bed::Bed;

fn card() -> Value {
    let button = |action: &str, label: &str| {
        json!({
        "type": "button", "action_id": action, "value": "op-1.9f2c", "text": { "type": "plain_text", "text": label } })
    };
    json!([
        { "type": "section", "block_id": "top", "text": { "type": "mrkdwn", "text": "Approve?" }, "accessory": button("details", "Details") },
        { "type": "actions", "block_id": "votes", "elements": [button("approve", "Approve"), button("reject", "Reject…")] },
    ])
}

fn click(ts: Ts) -> Action {
    Action { who: "platform".into(), channel: "dev".into(), message_ts: ts, ..Action::default() }
}

#[tokio::test]
async fn a_click_tells_who_where_and_what() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let parent = bed.post(json!({ "channel": "dev", "text": "parent" })).await;
    let ts = bed.post(json!({ "channel": "dev", "text": "card", "blocks": card(), "thread_ts": parent })).await;
    let trigger = bed.people.click(&Action { label: Some("approve".into()), ..click(ts) }).await.unwrap();
    let payload = socket.take("interactive").await["payload"].clone();
    assert_eq!(payload["type"], "block_actions");
    assert_eq!(payload["user"]["id"], json!(bed.user("platform").await));
    assert_eq!(payload["trigger_id"], json!(trigger.trigger_id));
    assert_eq!(payload["container"]["message_ts"], json!(ts));
    assert_eq!(payload["container"]["thread_ts"], json!(parent));
    assert_eq!(payload["message"]["thread_ts"], json!(parent));
    let action = &payload["actions"][0];
    assert_eq!((&action["action_id"], &action["block_id"]), (&json!("approve"), &json!("votes")));
    assert_eq!((&action["value"], &action["type"]), (&json!("op-1.9f2c"), &json!("button")));
    assert!(action["action_ts"].is_string());
    assert_eq!(payload["state"]["values"], json!({}));
}

#[tokio::test]
async fn buttons_are_found_by_label_by_action_and_by_block() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let ts = bed.post(json!({ "channel": "dev", "text": "card", "blocks": card() })).await;
    let ways = [
        (Action { label: Some(" DETAILS ".into()), ..click(ts) }, "details"),
        (Action { action_id: Some("reject".into()), ..click(ts) }, "reject"),
        (Action { action_id: Some("approve".into()), block_id: Some("votes".into()), ..click(ts) }, "approve"),
    ];
    for (action, expected) in ways {
        bed.people.click(&action).await.unwrap();
        assert_eq!(socket.take("interactive").await["payload"]["actions"][0]["action_id"], expected);
    }
}

#[tokio::test]
async fn a_click_on_nothing_says_what_there_is() {
    let bed = Bed::start().await;
    let ts = bed.post(json!({ "channel": "dev", "text": "card", "blocks": card() })).await;
    let plain = bed.post(json!({ "channel": "dev", "text": "no buttons" })).await;
    let (dev, developer) = (bed.channel("dev").await, bed.user("developer").await);
    let secret =
        bed.ok("chat.postEphemeral", json!({ "channel": dev, "user": developer, "text": "s", "blocks": card() })).await;
    let secret: Ts = secret["message_ts"].as_str().unwrap().parse().unwrap();
    let approve = || Some("Approve".to_owned());
    let rows = [
        (Action { label: Some("Destroy".into()), ..click(ts) }, "it has Details, Approve, Reject…"),
        (Action { label: approve(), block_id: Some("top".into()), ..click(ts) }, "no such button"),
        (Action { label: approve(), ..click(plain) }, "it has none"),
        (Action { label: approve(), ..click(secret) }, "they see no message"),
        (click(ts), "say which button"),
    ];
    for (action, expected) in rows {
        let error = bed.people.click(&action).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    bed.people.click(&Action { who: "developer".into(), label: approve(), ..click(secret) }).await.unwrap();
}

#[tokio::test]
async fn a_click_that_nobody_takes_is_reported_in_its_thread() {
    let bed = Bed::with(|config| config.timings = crate::bed::quick()).await;
    let ts = bed.post(json!({ "channel": "dev", "text": "parent" })).await;
    let card = bed.post(json!({ "channel": "dev", "text": "card", "blocks": card(), "thread_ts": ts })).await;
    bed.people.click(&Action { label: Some("Approve".into()), ..click(card) }).await.unwrap();
    let told = crate::bed::eventually("the report", async || {
        bed.people.messages("platform", "dev", Some(ts)).await.unwrap().into_iter().find(|message| message.is_ephemeral)
    })
    .await;
    assert!(told.text.contains("“Approve”"), "{}", told.text);
}
