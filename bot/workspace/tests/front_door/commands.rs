//! Slash commands as people type them.

use gantry_workspace::{ClientError, Slash};
use serde_json::json;

use crate::bed::Bed;
use crate::refusals::modal;

pub(crate) fn slash(text: &str) -> Slash {
    Slash {
        who: "developer".into(),
        channel: "dev".into(),
        command: "/gantry".into(),
        text: text.into(),
        ..Slash::default()
    }
}

#[tokio::test]
async fn the_bot_gets_what_was_typed_with_references() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let trigger = bed.people.command(&slash("deploy web to dev because <!channel> & @platform said so")).await.unwrap();
    let payload = socket.take("slash_commands").await["payload"].clone();
    let platform = bed.user("platform").await;
    let expected = format!("deploy web to dev because &lt;!channel&gt; &amp; <@{platform}|platform> said so");
    assert_eq!(payload["text"], expected);
    assert_eq!(payload["command"], "/gantry");
    assert_eq!(payload["user_name"], "developer");
    assert_eq!(payload["channel_name"], "dev");
    assert_eq!(payload["trigger_id"], json!(trigger.trigger_id));
}

#[tokio::test]
async fn commands_do_not_work_in_threads_or_by_other_names() {
    let bed = Bed::start().await;
    let ts = bed.post(json!({ "channel": "dev", "text": "parent" })).await;
    let in_thread = Slash { thread_ts: Some(ts), ..slash("status") };
    let error = bed.people.command(&in_thread).await.unwrap_err();
    assert!(matches!(&error, ClientError::Refused { code, .. } if code == "not_in_threads"), "{error}");
    let other = Slash { command: "/terraform".into(), ..slash("apply") };
    let error = bed.people.command(&other).await.unwrap_err();
    assert_eq!(error.to_string(), "/terraform is not a valid command; there is /gantry");
}

#[tokio::test]
async fn a_trigger_opens_one_modal_within_three_seconds() {
    let bed = Bed::start().await;
    let first = bed.people.command(&slash("one")).await.unwrap().trigger_id;
    let opened = bed.ok("views.open", json!({ "trigger_id": first, "view": modal() })).await;
    assert!(opened["view"]["id"].as_str().unwrap().starts_with('V'));
    let again = bed.call("views.open", json!({ "trigger_id": first, "view": modal() })).await;
    assert_eq!(again["error"], "exchanged_trigger_id");
    let second = bed.people.command(&slash("two")).await.unwrap().trigger_id;
    bed.clock.pass(4);
    let late = bed.call("views.open", json!({ "trigger_id": second, "view": modal() })).await;
    assert_eq!(late["error"], "expired_trigger_id");
}

#[tokio::test]
async fn a_response_address_works_five_times_within_half_an_hour() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let address = async |socket: &mut crate::bed::Socket| {
        bed.people.command(&slash("x")).await.unwrap();
        socket.take("slash_commands").await["payload"]["response_url"].as_str().unwrap().to_owned()
    };
    let answer = async |url: &str, body: serde_json::Value| {
        let request = http::Request::post(url).header("content-type", "application/json");
        let reply = bed.request(request.body(body.to_string().into()).unwrap()).await.unwrap();
        (reply.status, reply.text)
    };
    let url = address(&mut socket).await;
    assert_eq!(answer(&url, json!({ "text": "psst" })).await, (200, "ok".into()));
    assert_eq!(answer(&url, json!({ "text": "all", "response_type": "in_channel" })).await.0, 200);
    for _ in 0..3 {
        answer(&url, json!({ "text": "more" })).await;
    }
    assert_eq!(answer(&url, json!({ "text": "too much" })).await, (404, "used_url".into()));
    let seen = bed.people.messages("platform", "dev", None).await.unwrap();
    assert_eq!(seen.iter().map(|m| m.text.as_str()).collect::<Vec<_>>(), ["all"]);
    let url = address(&mut socket).await;
    bed.clock.pass(31 * 60);
    assert_eq!(answer(&url, json!({ "text": "late" })).await, (404, "expired_url".into()));
}
