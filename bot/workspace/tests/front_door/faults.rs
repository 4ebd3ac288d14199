//! Disturbances that tests of a bot ask for.

use gantry_workspace::Fault;
use serde_json::json;

use crate::bed::{Bed, Body};

#[tokio::test]
async fn rate_limits_look_like_slack_s_and_end() {
    let bed = Bed::start().await;
    bed.people.fault(&Fault::rate_limited("chat.postMessage", 7).times(2)).await.unwrap();
    let token = bed.secrets().bot_token.clone();
    for _ in 0..2 {
        let reply = bed
            .raw_call("chat.postMessage", Some(&token), Body::Json(json!({ "channel": "dev", "text": "x" })))
            .await
            .unwrap();
        assert_eq!(reply.status, 429);
        assert_eq!(reply.headers["retry-after"], "7");
        assert_eq!(reply.json()["error"], "ratelimited");
    }
    bed.post(json!({ "channel": "dev", "text": "third time lucky" })).await;
    assert_eq!(bed.people.messages("developer", "dev", None).await.unwrap().len(), 1, "nothing was done before");
}

#[tokio::test]
async fn a_lost_reply_is_lost_after_the_effect() {
    let bed = Bed::start().await;
    bed.people.fault(&Fault::lost_reply("chat.postMessage")).await.unwrap();
    let token = bed.secrets().bot_token.clone();
    let reply =
        bed.raw_call("chat.postMessage", Some(&token), Body::Json(json!({ "channel": "dev", "text": "done" }))).await;
    assert!(reply.is_err(), "{reply:?}");
    assert_eq!(bed.people.messages("developer", "dev", None).await.unwrap()[0].text, "done");
}

#[tokio::test]
async fn other_methods_are_left_alone() {
    let bed = Bed::start().await;
    bed.people.fault(&Fault::error("chat.update", "fatal_error")).await.unwrap();
    bed.people.fault(&Fault::status("users.info", 503)).await.unwrap();
    bed.post(json!({ "channel": "dev", "text": "x" })).await;
    assert_eq!(bed.call("chat.update", json!({})).await["error"], "fatal_error");
    let token = bed.secrets().bot_token.clone();
    assert_eq!(bed.raw_call("users.info", Some(&token), Body::Json(json!({}))).await.unwrap().status, 503);
}
