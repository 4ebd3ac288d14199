//! How often methods may be called, as their pages say.

use serde_json::{Value, json};

use crate::bed::{Bed, Body, Reply};
use crate::vectors::vector;

/// Calls until it is too much. Gives how many were taken, and the refusal.
async fn until_refused(bed: &Bed, method: &str, token: &str, args: Value) -> (usize, Reply) {
    for taken in 0..500 {
        let reply = bed.raw_call(method, Some(token), Body::Json(args.clone())).await.unwrap();
        if reply.status != 200 {
            return (taken, reply);
        }
    }
    panic!("{method} may be called as often as one likes");
}

#[tokio::test]
async fn methods_take_as_many_calls_as_their_pages_say() {
    let bed = Bed::with(|config| config.limits = true).await;
    let token = bed.secrets().bot_token.clone();
    let (method, app) = ("apps.connections.open", bed.secrets().app_token.clone());
    let tiers = [("t2", 20), ("t3", 50), ("t4", 100)];
    let methods = [
        "chat.delete",
        "chat.postEphemeral",
        "chat.update",
        "conversations.info",
        "conversations.open",
        "conversations.replies",
        "reactions.add",
        "usergroups.list",
        "usergroups.users.list",
        "users.info",
        "views.open",
        "views.publish",
        "views.update",
    ];
    for (method, token) in methods.iter().map(|method| (*method, &token)).chain([(method, &app)]) {
        let Some(page) = vector(&format!("docs_methods/{method}.json")) else { return };
        let (_, most) = tiers.iter().find(|(tier, _)| page["rate_limits"] == **tier).expect("a tier");
        let (taken, refusal) = until_refused(&bed, method, token, json!({})).await;
        assert_eq!((taken, refusal.status), (*most, 429), "{method}");
        assert_eq!(refusal.json()["error"], "ratelimited", "{method}");
        let wait: u64 = refusal.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=3).contains(&wait), "{method}: {wait}");
    }
    bed.clock.pass(3);
    assert_eq!(until_refused(&bed, "usergroups.list", &token, json!({})).await.0, 1, "20 a minute is one in 3 s");
    assert_eq!(until_refused(&bed, "users.info", &token, json!({})).await.0, 5);
}

#[tokio::test]
async fn each_channel_takes_a_message_a_second_and_a_burst() {
    let bed = Bed::with(|config| config.limits = true).await;
    let token = bed.secrets().bot_token.clone();
    let dev = |name: &str| json!({ "channel": name, "text": "x" });
    assert_eq!(until_refused(&bed, "chat.postMessage", &token, dev("dev")).await.0, 20);
    let said = bed.people.messages("developer", "dev", None).await.unwrap().len();
    assert_eq!(said, 20, "nothing is done when it is refused");
    assert_eq!(until_refused(&bed, "chat.postMessage", &token, dev("#dev")).await.0, 0, "whatever it is called");
    assert_eq!(until_refused(&bed, "chat.postMessage", &token, dev("ops")).await.0, 20, "another one is another one");
    bed.clock.pass(5);
    assert_eq!(until_refused(&bed, "chat.postMessage", &token, dev("dev")).await.0, 5);
}
