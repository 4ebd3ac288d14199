//! Error codes, one row each: the arguments, and the code that they are refused with. Where Slack's pages are at hand
//! (`docs_methods/`, `methods/` and `responses/` of the vectors), they must know each code for its method.

use gantry_workspace::{Members, Say};
use serde_json::{Value, json};

use crate::bed::{Bed, Body};
use crate::vectors;

async fn refuses(bed: &Bed, method: &str, rows: &[(Value, &str)]) {
    for (args, code) in rows {
        let answer = bed.call(method, args.clone()).await;
        assert_eq!((&answer["ok"], &answer["error"]), (&json!(false), &json!(code)), "{method} {args}");
        assert!(vectors::knows(method, code), "no vector of {method} knows {code}");
    }
}

#[tokio::test]
async fn posting() {
    let bed = Bed::start().await;
    let heavy = vec![json!({ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(3000) } }); 5];
    let post = |args: Value| {
        let mut all = json!({ "channel": "dev" });
        all.as_object_mut().unwrap().extend(args.as_object().unwrap().clone());
        all
    };
    let rows = [
        (json!({ "text": "hi" }), "channel_not_found"),
        (post(json!({ "channel": "C0NOWHERE", "text": "hi" })), "channel_not_found"),
        (post(json!({})), "no_text"),
        (post(json!({ "text": "" })), "no_text"),
        (post(json!({ "blocks": "[{" })), "invalid_blocks_format"),
        (post(json!({ "blocks": { "type": "divider" } })), "invalid_blocks_format"),
        (post(json!({ "blocks": vec![json!({ "type": "divider" }); 51] })), "invalid_blocks"),
        (post(json!({ "blocks": heavy })), "msg_blocks_too_long"),
        (post(json!({ "text": "a", "markdown_text": "b" })), "markdown_text_conflict"),
        (post(json!({ "text": "a", "attachments": vec![json!({}); 101] })), "too_many_attachments"),
        (post(json!({ "text": "a", "metadata": "x" })), "invalid_metadata_format"),
    ];
    refuses(&bed, "chat.postMessage", &rows).await;
    // No page lists this one for posting; conversations.replies has the code.
    let lost = bed.call("chat.postMessage", post(json!({ "text": "a", "thread_ts": "1.000100" }))).await;
    assert_eq!(lost["error"], "thread_not_found");
    let rows = [
        (post(json!({ "text": "a", "user": "U0NOBODY" })), "user_not_in_channel"),
        (post(json!({ "channel": "C0", "text": "a", "user": "U0" })), "channel_not_found"),
    ];
    refuses(&bed, "chat.postEphemeral", &rows).await;
}

#[tokio::test]
async fn changing_and_removing() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    let (who, channel) = ("developer".to_owned(), "dev".to_owned());
    let say = Say { who, channel, text: "mine".into(), ..Say::default() };
    let theirs = json!(bed.people.message(&say).await.unwrap().ts);
    let own = json!(bed.post(json!({ "channel": dev, "text": "own" })).await);
    let developer = bed.user("developer").await;
    let secret = json!({ "channel": dev, "user": developer, "text": "psst" });
    let secret = &bed.ok("chat.postEphemeral", secret).await["message_ts"];
    let update = |ts: &Value, text: &str| json!({ "channel": dev, "ts": ts, "text": text });
    let rows = [
        (update(&json!("1.000100"), "x"), "message_not_found"),
        (update(&json!("nonsense"), "x"), "message_not_found"),
        (json!({ "channel": dev, "text": "x" }), "message_not_found"),
        (update(&theirs, "x"), "cant_update_message"),
        (update(secret, "x"), "message_not_found"),
        (update(&own, &"x".repeat(4001)), "msg_too_long"),
        (update(&own, ""), "no_text"),
        (json!({ "channel": "C0", "ts": own, "text": "x" }), "channel_not_found"),
    ];
    refuses(&bed, "chat.update", &rows).await;
    let rows = [
        (json!({ "channel": dev, "ts": theirs }), "cant_delete_message"),
        (json!({ "channel": dev, "ts": "1.000100" }), "message_not_found"),
    ];
    refuses(&bed, "chat.delete", &rows).await;
    let rows = [
        (json!({ "channel": dev, "message_ts": "1.000100" }), "message_not_found"),
        (json!({ "channel": "C0", "message_ts": own }), "channel_not_found"),
    ];
    refuses(&bed, "chat.getPermalink", &rows).await;
}

#[tokio::test]
async fn reading() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    refuses(&bed, "conversations.info", &[(json!({ "channel": "C0" }), "channel_not_found")]).await;
    let rows = [
        (json!({ "channel": dev, "cursor": "zz" }), "invalid_cursor"),
        (json!({ "channel": dev, "limit": "many" }), "invalid_limit"),
    ];
    refuses(&bed, "conversations.members", &rows).await;
    let rows = [
        (json!({ "channel": "C0" }), "channel_not_found"),
        (json!({ "channel": dev, "oldest": "x" }), "invalid_ts_oldest"),
        (json!({ "channel": dev, "latest": "x" }), "invalid_ts_latest"),
    ];
    refuses(&bed, "conversations.history", &rows).await;
    let rows = [(json!({ "channel": dev, "ts": "1.000100" }), "thread_not_found")];
    refuses(&bed, "conversations.replies", &rows).await;
    let rows = [
        (json!({}), "users_list_not_supplied"),
        (json!({ "users": "U0NOBODY" }), "user_not_found"),
        (json!({ "channel": dev }), "channel_not_found"),
        (json!({ "users": "U1,U2" }), "too_many_users"),
    ];
    refuses(&bed, "conversations.open", &rows).await;
    refuses(&bed, "users.info", &[(json!({ "user": "U0" }), "user_not_found")]).await;
    refuses(&bed, "usergroups.users.list", &[(json!({ "usergroup": "S0" }), "no_such_subteam")]).await;
    assert_eq!(bed.call("no.such.method", json!({})).await["error"], "unknown_method");
}

#[tokio::test]
async fn reacting() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    let own = json!(bed.post(json!({ "channel": dev, "text": "own" })).await);
    let react = |name: &str, ts: &Value| json!({ "channel": dev, "name": name, "timestamp": ts });
    bed.ok("reactions.add", react("eyes", &own)).await;
    let rows = [
        (react("eyes", &own), "already_reacted"),
        (react("no spaces", &own), "invalid_name"),
        (react("eyes", &json!("x")), "bad_timestamp"),
        (react("eyes", &json!("1.000100")), "message_not_found"),
        (json!({ "channel": dev, "name": "eyes" }), "no_item_specified"),
    ];
    refuses(&bed, "reactions.add", &rows).await;
}

#[tokio::test]
async fn views() {
    let bed = Bed::start().await;
    let rows = [
        (json!({ "view": modal() }), "invalid_arguments"),
        (json!({ "trigger_id": "1.2.3", "view": modal() }), "invalid_trigger_id"),
    ];
    refuses(&bed, "views.open", &rows).await;
    refuses(&bed, "views.update", &[(json!({ "view_id": "V0", "view": modal() }), "not_found")]).await;
    let home = json!({ "user_id": "U0", "view": { "type": "home", "blocks": [] } });
    refuses(&bed, "views.publish", &[(home, "invalid_arguments")]).await;
}

pub(crate) fn modal() -> Value {
    json!({ "type": "modal", "title": { "type": "plain_text", "text": "Plan" }, "blocks": [{ "type": "divider" }] })
}

#[tokio::test]
async fn channels_that_the_bot_is_not_in() {
    let bed = Bed::with(|config| config.seed.channels[1].members = Members::Only(vec!["developer".into()])).await;
    let dev = bed.channel("dev").await;
    refuses(&bed, "chat.postMessage", &[(json!({ "channel": dev, "text": "hi" }), "not_in_channel")]).await;
    refuses(&bed, "conversations.history", &[(json!({ "channel": dev }), "not_in_channel")]).await;
}

#[tokio::test]
async fn tokens_and_scopes() {
    let bed = Bed::with(|config| config.seed.app.scopes.retain(|scope| scope != "chat:write")).await;
    let (bot, app) = (bed.secrets().bot_token.clone(), bed.secrets().app_token.clone());
    let rows = [
        ("auth.test", None, "not_authed"),
        ("auth.test", Some("xoxb-wrong"), "invalid_auth"),
        ("apps.connections.open", Some(bot.as_str()), "not_allowed_token_type"),
        ("users.info", Some(app.as_str()), "not_allowed_token_type"),
        ("chat.postMessage", Some(bot.as_str()), "missing_scope"),
    ];
    for (method, token, code) in rows {
        let answer = bed.raw_call(method, token, Body::Form(Vec::new())).await.unwrap().json();
        assert_eq!(answer["error"], code, "{method}");
        assert!(vectors::knows(method, code), "no vector of {method} knows {code}");
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
