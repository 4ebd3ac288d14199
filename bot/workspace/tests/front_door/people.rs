//! What people type, and what the bot hears of it.

use gantry_workspace::{Event, Say};
use serde_json::{Value, json};

use crate::bed::{Bed, Socket};

fn say(channel: &str, text: &str) -> Say {
    Say { who: "developer".into(), channel: channel.into(), text: text.into(), ..Say::default() }
}

async fn event(socket: &mut Socket) -> Value {
    socket.take("events_api").await["payload"]["event"].clone()
}

#[tokio::test]
async fn hostile_text_reaches_the_bot_escaped() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    for (typed, heard) in [
        ("<!channel> & <b>", "&lt;!channel&gt; &amp; &lt;b&gt;"),
        ("{{7*7}} \u{202e}abc \u{1b}[31m", "{{7*7}} \u{202e}abc \u{1b}[31m"),
    ] {
        bed.people.message(&say("dev", typed)).await.unwrap();
        let event = event(&mut socket).await;
        assert_eq!(event["text"], heard);
        assert_eq!(event["blocks"][0]["elements"][0]["elements"][0]["text"], typed, "rich text holds what was typed");
    }
}

#[tokio::test]
async fn a_mention_is_two_events_with_one_timestamp() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let bot = bed.user("gantry").await;
    let mark = bed.people.message(&say("dev", "@gantry status")).await.unwrap();
    let mut both = [event(&mut socket).await, event(&mut socket).await];
    both.sort_by_key(|event| event["type"].as_str().unwrap().to_owned());
    assert_eq!(both[0]["type"], "app_mention");
    assert!(both[0]["channel_type"].is_null());
    assert_eq!((&both[1]["type"], &both[1]["channel_type"]), (&json!("message"), &json!("channel")));
    for event in &both {
        assert_eq!(event["ts"], json!(mark.ts));
        assert_eq!(event["text"], format!("<@{bot}> status"));
        assert_eq!(event["user"], json!(bed.user("developer").await));
        assert!(event["bot_id"].is_null());
    }
}

#[tokio::test]
async fn a_mention_in_a_direct_message_is_one_event() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    bed.people.message(&say("@gantry", "@gantry help")).await.unwrap();
    let heard = event(&mut socket).await;
    assert_eq!((&heard["type"], &heard["channel_type"]), (&json!("message"), &json!("im")));
    assert!(socket.is_quiet().await);
}

#[tokio::test]
async fn replies_carry_their_thread() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let parent = bed.people.message(&say("dev", "parent")).await.unwrap();
    event(&mut socket).await;
    let reply = Say { thread_ts: Some(parent.ts), ..say("dev", "reply") };
    bed.people.message(&reply).await.unwrap();
    let heard = event(&mut socket).await;
    assert_eq!(heard["thread_ts"], json!(parent.ts));
    assert_eq!(heard["parent_user_id"], heard["user"]);
    let thread = bed.people.messages("platform", "dev", Some(parent.ts)).await.unwrap();
    assert_eq!(thread.len(), 2);
    assert_eq!(bed.people.messages("platform", "dev", None).await.unwrap()[0].reply_count, Some(1));
}

#[tokio::test]
async fn the_bot_hears_its_own_messages_marked_as_such() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    bed.post(json!({ "channel": "dev", "text": "mine" })).await;
    let heard = event(&mut socket).await;
    assert!(heard["bot_id"].as_str().unwrap().starts_with('B'));
    assert_eq!(heard["user"], json!(bed.user("gantry").await));
}

#[tokio::test]
async fn nobody_can_act_as_the_bot_or_as_nobody() {
    let bed = Bed::start().await;
    for who in ["gantry", "stranger", ""] {
        let error = bed.people.message(&Say { who: who.into(), ..say("dev", "x") }).await.unwrap_err().to_string();
        assert!(error.contains("there are developer, platform, platform-two, newcomer"), "{who}: {error}");
    }
    let error = bed.people.message(&say("nowhere", "x")).await.unwrap_err().to_string();
    assert!(error.contains("#dev"), "{error}");
    assert!(bed.people.message(&say("dev", "   ")).await.is_err());
}

#[tokio::test]
async fn events_are_numbered_and_resume_where_they_stopped() {
    use futures::StreamExt;
    let bed = Bed::start().await;
    let mut live = bed.people.events("developer", None).await.unwrap();
    bed.people.message(&say("dev", "one")).await.unwrap();
    let first = live.next().await.unwrap().unwrap();
    assert!(matches!(&first.event, Event::Posted { message, .. } if message.text == "one"));
    drop(live);
    bed.people.message(&say("dev", "two")).await.unwrap();
    let own = bed.post(json!({ "channel": "dev", "text": "three" })).await;
    let dev = bed.channel("dev").await;
    bed.ok("chat.delete", json!({ "channel": dev, "ts": own })).await;
    let mut resumed = bed.people.events("developer", Some(first.seq)).await.unwrap();
    let second = resumed.next().await.unwrap().unwrap();
    assert!(matches!(&second.event, Event::Posted { message, .. } if message.text == "two"));
    let third = resumed.next().await.unwrap().unwrap();
    assert!(matches!(&third.event, Event::Deleted { ts, .. } if *ts == own), "what is gone isn't shown: {third:?}");
    let mut lost = bed.people.events("developer", Some(1_000_000)).await.unwrap();
    assert!(matches!(lost.next().await.unwrap().unwrap().event, Event::Reset));
}
