//! Error codes, one row each: the call, the code, and where the code is from. Where the vector is at hand, it must know the code.

use serde_json::{Value, json};

use crate::bed::{Bed, Body};
use crate::vectors::vector;

/// A method, its arguments, the code it is refused with, and the vector that names the code (`docs_methods/` in front of `chat.update`,
/// say, stands for `docs_methods/chat.update.json`; `methods/..` and `responses/..` likewise; `-` for Slack pages without a vector).
type Row = (&'static str, Value, &'static str, &'static str);

async fn check(bed: &Bed, rows: Vec<Row>) {
    for (method, args, code, source) in rows {
        let answer = bed.call(method, args.clone()).await;
        assert_eq!((&answer["ok"], &answer["error"]), (&json!(false), &json!(code)), "{method} {args}");
        if source == "-" {
            continue;
        }
        if let Some(vector) = vector(&format!("{source}.json")) {
            let known = vector["error"] == code || !vector["errors"][code].is_null() || lists(&vector["errors"], code);
            assert!(known, "{source} doesn't know {code}");
        }
    }
}

/// Some vectors list their errors, others map them.
fn lists(errors: &Value, code: &str) -> bool {
    errors.as_array().is_some_and(|all| all.iter().any(|error| error == code || error["name"] == code))
}

#[tokio::test]
async fn posting() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    let many = vec![json!({ "type": "divider" }); 51];
    let heavy = vec![json!({ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(3000) } }); 5];
    check(
        &bed,
        vec![
            ("chat.postMessage", json!({ "text": "hi" }), "channel_not_found", "docs_methods/chat.postMessage"),
            (
                "chat.postMessage",
                json!({ "channel": "C0NOWHERE", "text": "hi" }),
                "channel_not_found",
                "docs_methods/chat.postMessage",
            ),
            ("chat.postMessage", json!({ "channel": dev }), "no_text", "docs_methods/chat.postMessage"),
            ("chat.postMessage", json!({ "channel": dev, "text": "" }), "no_text", "docs_methods/chat.postMessage"),
            (
                "chat.postMessage",
                json!({ "channel": dev, "blocks": "[{" }),
                "invalid_blocks_format",
                "docs_methods/chat.postMessage",
            ),
            (
                "chat.postMessage",
                json!({ "channel": dev, "blocks": { "type": "divider" } }),
                "invalid_blocks_format",
                "docs_methods/chat.postMessage",
            ),
            (
                "chat.postMessage",
                json!({ "channel": dev, "blocks": many }),
                "invalid_blocks",
                "docs_methods/chat.postMessage",
            ),
            (
                "chat.postMessage",
                json!({ "channel": dev, "blocks": heavy }),
                "msg_blocks_too_long",
                "docs_methods/chat.postMessage",
            ),
            (
                "chat.postMessage",
                json!({ "channel": dev, "text": "a", "markdown_text": "b" }),
                "markdown_text_conflict",
                "docs_methods/chat.postMessage",
            ),
            (
                "chat.postMessage",
                json!({ "channel": dev, "text": "a", "attachments": vec![json!({ "text": "x" }); 101] }),
                "too_many_attachments",
                "responses/chat.postMessage.error_too_many_attachments",
            ),
            (
                "chat.postMessage",
                json!({ "channel": dev, "text": "a", "metadata": "x" }),
                "invalid_metadata_format",
                "docs_methods/chat.postMessage",
            ),
            (
                "chat.postMessage",
                json!({ "channel": dev, "text": "a", "thread_ts": "1.000100" }),
                "thread_not_found",
                "responses/conversations.replies.error_thread_not_found",
            ),
            (
                "chat.postEphemeral",
                json!({ "channel": dev, "text": "a", "user": "U0NOBODY" }),
                "user_not_in_channel",
                "responses/chat.postEphemeral.error_user_not_in_channel",
            ),
            (
                "chat.postEphemeral",
                json!({ "channel": "C0", "text": "a", "user": "U0" }),
                "channel_not_found",
                "docs_methods/chat.postEphemeral",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn changing_and_removing() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    let say = gantry_workspace::Say {
        who: "developer".into(),
        channel: "dev".into(),
        text: "mine".into(),
        ..Default::default()
    };
    let theirs = bed.people.message(&say).await.unwrap().ts;
    let own = bed.post(json!({ "channel": dev, "text": "own" })).await;
    let developer = bed.user("developer").await;
    let secret = bed.ok("chat.postEphemeral", json!({ "channel": dev, "user": developer, "text": "psst" })).await;
    check(
        &bed,
        vec![
            (
                "chat.update",
                json!({ "channel": dev, "ts": "1.000100", "text": "x" }),
                "message_not_found",
                "docs_methods/chat.update",
            ),
            (
                "chat.update",
                json!({ "channel": dev, "ts": "nonsense", "text": "x" }),
                "message_not_found",
                "docs_methods/chat.update",
            ),
            ("chat.update", json!({ "channel": dev, "text": "x" }), "message_not_found", "docs_methods/chat.update"),
            (
                "chat.update",
                json!({ "channel": dev, "ts": theirs, "text": "x" }),
                "cant_update_message",
                "responses/chat.update.error_cant_update_message",
            ),
            (
                "chat.update",
                json!({ "channel": dev, "ts": secret["message_ts"], "text": "x" }),
                "message_not_found",
                "docs_methods/chat.update",
            ),
            (
                "chat.update",
                json!({ "channel": dev, "ts": own, "text": "x".repeat(4001) }),
                "msg_too_long",
                "docs_methods/chat.update",
            ),
            ("chat.update", json!({ "channel": dev, "ts": own }), "no_text", "docs_methods/chat.update"),
            (
                "chat.update",
                json!({ "channel": "C0", "ts": own, "text": "x" }),
                "channel_not_found",
                "docs_methods/chat.update",
            ),
            ("chat.delete", json!({ "channel": dev, "ts": theirs }), "cant_delete_message", "docs_methods/chat.delete"),
            (
                "chat.delete",
                json!({ "channel": dev, "ts": "1.000100" }),
                "message_not_found",
                "responses/chat.delete.error_message_not_found",
            ),
            (
                "chat.getPermalink",
                json!({ "channel": dev, "message_ts": "1.000100" }),
                "message_not_found",
                "docs_methods/chat.getPermalink",
            ),
            (
                "chat.getPermalink",
                json!({ "channel": "C0", "message_ts": own }),
                "channel_not_found",
                "responses/chat.getPermalink.error_channel_not_found_2",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn reading() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    let own = bed.post(json!({ "channel": dev, "text": "own" })).await;
    let react = |name: &str, ts: Value| json!({ "channel": dev, "name": name, "timestamp": ts });
    bed.ok("reactions.add", react("eyes", json!(own))).await;
    check(
        &bed,
        vec![
            (
                "conversations.info",
                json!({ "channel": "C0" }),
                "channel_not_found",
                "responses/conversations.info.error_channel_not_found_3",
            ),
            (
                "conversations.members",
                json!({ "channel": dev, "cursor": "zz" }),
                "invalid_cursor",
                "responses/conversations.members.error_invalid_cursor",
            ),
            (
                "conversations.members",
                json!({ "channel": dev, "limit": "many" }),
                "invalid_limit",
                "methods/conversations.members",
            ),
            (
                "conversations.history",
                json!({ "channel": "C0" }),
                "channel_not_found",
                "responses/conversations.history.error_channel_not_found_3",
            ),
            (
                "conversations.history",
                json!({ "channel": dev, "oldest": "x" }),
                "invalid_ts_oldest",
                "methods/conversations.history",
            ),
            (
                "conversations.history",
                json!({ "channel": dev, "latest": "x" }),
                "invalid_ts_latest",
                "methods/conversations.history",
            ),
            (
                "conversations.replies",
                json!({ "channel": dev, "ts": "1.000100" }),
                "thread_not_found",
                "responses/conversations.replies.error_thread_not_found",
            ),
            ("conversations.open", json!({}), "users_list_not_supplied", "docs_methods/conversations.open"),
            ("conversations.open", json!({ "users": "U0NOBODY" }), "user_not_found", "docs_methods/conversations.open"),
            (
                "conversations.open",
                json!({ "channel": dev }),
                "channel_not_found",
                "responses/conversations.open.error_channel_not_found_2",
            ),
            ("conversations.open", json!({ "users": "U1,U2" }), "too_many_users", "docs_methods/conversations.open"),
            ("users.info", json!({ "user": "U0" }), "user_not_found", "responses/users.info.error_user_not_found"),
            (
                "usergroups.users.list",
                json!({ "usergroup": "S0" }),
                "no_such_subteam",
                "docs_methods/usergroups.users.list",
            ),
            (
                "reactions.add",
                react("eyes", json!(own)),
                "already_reacted",
                "responses/reactions.add.error_already_reacted",
            ),
            ("reactions.add", react("no spaces", json!(own)), "invalid_name", "docs_methods/reactions.add"),
            ("reactions.add", react("eyes", json!("x")), "bad_timestamp", "docs_methods/reactions.add"),
            ("reactions.add", react("eyes", json!("1.000100")), "message_not_found", "docs_methods/reactions.add"),
            (
                "reactions.add",
                json!({ "channel": dev, "name": "eyes" }),
                "no_item_specified",
                "docs_methods/reactions.add",
            ),
            (
                "views.open",
                json!({ "view": modal() }),
                "invalid_arguments",
                "responses/views.open.error_invalid_arguments",
            ),
            (
                "views.open",
                json!({ "trigger_id": "1.2.3", "view": modal() }),
                "invalid_trigger_id",
                "docs_methods/views.open",
            ),
            (
                "views.update",
                json!({ "view_id": "V0", "view": modal() }),
                "not_found",
                "responses/views.update.error_not_found",
            ),
            (
                "views.publish",
                json!({ "user_id": "U0", "view": { "type": "home", "blocks": [] } }),
                "invalid_arguments",
                "responses/views.publish.error_invalid_arguments",
            ),
            ("no.such.method", json!({}), "unknown_method", "methods/auth.test"),
        ],
    )
    .await;
}

pub(crate) fn modal() -> Value {
    json!({ "type": "modal", "title": { "type": "plain_text", "text": "Plan" }, "blocks": [{ "type": "divider" }] })
}

#[tokio::test]
async fn channels_that_the_bot_is_not_in() {
    let bed = Bed::with(|config| {
        config.seed.channels[1].members = gantry_workspace::Members::Only(vec!["developer".into()]);
    })
    .await;
    let dev = bed.channel("dev").await;
    check(
        &bed,
        vec![
            (
                "chat.postMessage",
                json!({ "channel": dev, "text": "hi" }),
                "not_in_channel",
                "docs_methods/chat.postMessage",
            ),
            ("conversations.history", json!({ "channel": dev }), "not_in_channel", "methods/conversations.history"),
        ],
    )
    .await;
}

#[tokio::test]
async fn tokens_and_scopes() {
    let bed = Bed::with(|config| config.seed.app.scopes.retain(|scope| scope != "chat:write")).await;
    let (bot, app) = (bed.secrets().bot_token.clone(), bed.secrets().app_token.clone());
    let rows = [
        ("auth.test", None, "not_authed", "responses/auth.test.error_not_authed_3"),
        ("auth.test", Some("xoxb-wrong"), "invalid_auth", "responses/auth.test.error_invalid_auth"),
        ("apps.connections.open", Some(bot.as_str()), "not_allowed_token_type", "methods/apps.connections.open"),
        ("users.list", Some(app.as_str()), "not_allowed_token_type", "methods/users.info"),
        ("chat.postMessage", Some(bot.as_str()), "missing_scope", "methods/chat.postMessage"),
    ];
    for (method, token, code, source) in rows {
        let answer = bed.raw_call(method, token, Body::Form(Vec::new())).await.unwrap().json();
        assert_eq!(answer["error"], code, "{method}");
        if let Some(vector) = vector(&format!("{source}.json")) {
            assert!(vector["error"] == code || !vector["errors"][code].is_null(), "{source} doesn't know {code}");
        }
        if code == "missing_scope" {
            assert_eq!(answer["needed"], "chat:write");
            assert!(answer["provided"].as_str().unwrap().contains("users:read"));
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_blocks_is_said() {
    let bed = Bed::start().await;
    let blocks = json!([{ "type": "header", "text": { "type": "plain_text", "text": "x".repeat(151) } }]);
    let answer = bed.call("chat.postMessage", json!({ "channel": "dev", "blocks": blocks })).await;
    assert_eq!(answer["error"], "invalid_blocks");
    let told = &answer["response_metadata"]["messages"];
    assert_eq!(told, &json!(["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"]));
}
