//! What methods do when all is well.

use serde_json::{Value, json};

use crate::bed::{Bed, Body};

#[tokio::test]
async fn a_thread_is_posted_updated_read_and_removed() {
    let bed = Bed::start().await;
    let parent = bed.post(json!({ "channel": "dev", "text": "Deploying" })).await;
    let dev = bed.channel("dev").await;
    let reply = bed.post(json!({ "channel": dev, "text": "Network ready", "thread_ts": parent })).await;
    let nested = bed.post(json!({ "channel": dev, "text": "more", "thread_ts": reply })).await;
    bed.ok("chat.update", json!({ "channel": dev, "ts": parent, "text": "Deployed" })).await;

    let thread = bed.ok("conversations.replies", json!({ "channel": dev, "ts": parent })).await;
    let messages = thread["messages"].as_array().unwrap();
    let texts: Vec<_> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Deployed", "Network ready", "more"]);
    assert_eq!(messages[0]["reply_count"], 2);
    assert_eq!(messages[0]["thread_ts"], json!(parent), "a parent names itself");
    assert_eq!(messages[1]["thread_ts"], json!(parent));
    assert_eq!(messages[2]["thread_ts"], json!(parent), "a reply to a reply joins its thread");
    assert!(messages[0]["edited"]["ts"].is_string());
    let by_reply = bed.ok("conversations.replies", json!({ "channel": dev, "ts": nested })).await;
    assert_eq!(by_reply["messages"].as_array().unwrap().len(), 3, "any message of it leads to the thread");

    let history = bed.ok("conversations.history", json!({ "channel": dev })).await;
    assert_eq!(history["messages"].as_array().unwrap().len(), 1, "replies aren't in the channel");
    bed.ok("chat.delete", json!({ "channel": dev, "ts": reply })).await;
    let thread = bed.ok("conversations.replies", json!({ "channel": dev, "ts": parent })).await;
    assert_eq!(thread["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn forms_and_json_say_the_same() {
    let bed = Bed::start().await;
    let blocks = json!([{ "type": "section", "block_id": "b", "text": { "type": "mrkdwn", "text": "*hi*" } }]);
    let dev = bed.channel("dev").await;
    let token = bed.secrets().bot_token.clone();
    let form = Body::Form(vec![
        ("token", token),
        ("channel", dev.clone()),
        ("text", "hi & <bye>".into()),
        ("blocks", blocks.to_string()),
    ]);
    let by_form = bed.raw_call("chat.postMessage", None, form).await.unwrap().json();
    let by_json = bed.ok("chat.postMessage", json!({ "channel": dev, "text": "hi & <bye>", "blocks": blocks })).await;
    assert_eq!(by_form["ok"], true, "{by_form}");
    for field in ["text", "blocks"] {
        assert_eq!(by_form["message"][field], by_json["message"][field]);
    }
}

#[tokio::test]
async fn timestamps_grow_even_when_the_clock_goes_back() {
    let bed = Bed::start().await;
    let mut all = Vec::new();
    for seconds in [1_700_000_000, 1_700_000_000, 1_600_000_000, 1_700_000_001] {
        bed.clock.set(seconds);
        all.push(bed.post(json!({ "channel": "dev", "text": "tick" })).await);
    }
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
    assert_eq!(all[0].to_string(), "1700000000.000000");
    assert_eq!(all[1].to_string(), "1700000000.000100");
}

#[tokio::test]
async fn history_comes_in_pages_and_windows() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    let mut all = Vec::new();
    for number in 0..5 {
        bed.clock.pass(10);
        all.push(bed.post(json!({ "channel": dev, "text": number.to_string() })).await);
    }
    let texts = |answer: &Value| -> String {
        answer["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect()
    };
    let first = bed.ok("conversations.history", json!({ "channel": dev, "limit": 2 })).await;
    assert_eq!((texts(&first).as_str(), &first["has_more"]), ("43", &json!(true)));
    bed.post(json!({ "channel": dev, "text": "new" })).await;
    let cursor = &first["response_metadata"]["next_cursor"];
    let rest = bed.ok("conversations.history", json!({ "channel": dev, "limit": 9, "cursor": cursor })).await;
    assert_eq!((texts(&rest).as_str(), &rest["has_more"]), ("210", &json!(false)), "unmoved by what came since");
    let window = json!({ "channel": dev, "oldest": all[1], "latest": all[3] });
    assert_eq!(texts(&bed.ok("conversations.history", window.clone()).await), "2");
    let mut inclusive = window;
    inclusive["inclusive"] = json!(true);
    assert_eq!(texts(&bed.ok("conversations.history", inclusive).await), "321");
}

#[tokio::test]
async fn an_update_with_text_alone_takes_the_blocks_away() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    let ts = bed.post(json!({ "channel": dev, "text": "card", "blocks": [{ "type": "divider" }] })).await;
    let updated = bed.ok("chat.update", json!({ "channel": dev, "ts": ts, "text": "words" })).await;
    assert!(updated["message"]["blocks"].is_null());
}

#[tokio::test]
async fn blocks_without_ids_get_them() {
    let bed = Bed::start().await;
    let blocks = json!([{ "type": "actions", "elements": [{ "type": "button", "text": { "type": "plain_text", "text": "Go" } }] }]);
    let posted = bed.ok("chat.postMessage", json!({ "channel": "dev", "text": "t", "blocks": blocks })).await;
    let block = &posted["message"]["blocks"][0];
    assert!(!block["block_id"].as_str().unwrap().is_empty());
    assert!(!block["elements"][0]["action_id"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn long_text_is_cut_as_slack_cuts_it() {
    let bed = Bed::start().await;
    let posted = bed.ok("chat.postMessage", json!({ "channel": "dev", "text": "ä".repeat(40_001) })).await;
    assert_eq!(posted["message"]["text"].as_str().unwrap().chars().count(), 40_000);
}

#[tokio::test]
async fn direct_messages_go_to_one_person() {
    let bed = Bed::start().await;
    let developer = bed.user("developer").await;
    let opened = bed.ok("conversations.open", json!({ "users": developer })).await;
    assert!(opened["already_open"].is_null());
    assert_eq!(bed.ok("conversations.open", json!({ "users": developer })).await["already_open"], true);
    let dm = bed.channel("@developer").await;
    assert_eq!(opened["channel"]["id"], json!(dm));
    assert!(dm.starts_with('D'));
    bed.post(json!({ "channel": developer, "text": "for you" })).await;
    assert_eq!(bed.people.messages("developer", "@gantry", None).await.unwrap()[0].text, "for you");
    let error = bed.people.messages("platform", &dm, None).await.unwrap_err().to_string();
    assert!(error.contains("no channel"), "{error}");
}

#[tokio::test]
async fn ephemeral_messages_are_seen_by_one_and_read_by_no_api() {
    let bed = Bed::start().await;
    let (dev, developer) = (bed.channel("dev").await, bed.user("developer").await);
    bed.ok("chat.postEphemeral", json!({ "channel": dev, "user": developer, "text": "psst" })).await;
    assert_eq!(bed.people.messages("developer", "dev", None).await.unwrap().len(), 1);
    assert!(bed.people.messages("platform", "dev", None).await.unwrap().is_empty());
    let history = bed.ok("conversations.history", json!({ "channel": dev })).await;
    assert_eq!(history["messages"], json!([]));
}

#[tokio::test]
async fn metadata_stays_until_it_is_taken_away() {
    let bed = Bed::start().await;
    let dev = bed.channel("dev").await;
    let metadata = json!({ "event_type": "op", "event_payload": { "id": "7" } });
    let ts = bed.post(json!({ "channel": dev, "text": "a", "metadata": metadata })).await;
    let kept = bed.ok("chat.update", json!({ "channel": dev, "ts": ts, "text": "b" })).await;
    assert_eq!(kept["message"]["metadata"], metadata);
}

#[tokio::test]
async fn a_home_tab_is_kept_for_its_person() {
    let bed = Bed::start().await;
    let developer = bed.user("developer").await;
    let view = json!({ "type": "home", "blocks": [{ "type": "divider" }] });
    let first = bed.ok("views.publish", json!({ "user_id": developer, "view": view })).await;
    let stale = json!({ "user_id": developer, "view": view, "hash": "0.old" });
    assert_eq!(bed.call("views.publish", stale).await["error"], "hash_conflict");
    let again =
        bed.ok("views.publish", json!({ "user_id": developer, "view": view, "hash": first["view"]["hash"] })).await;
    assert_eq!(first["view"]["id"], again["view"]["id"]);
    assert!(bed.people.home("developer").await.unwrap().view.is_some());
    assert!(bed.people.home("platform").await.unwrap().view.is_none());
}
