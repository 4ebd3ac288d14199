//! Socket Mode: hello, envelopes to one socket each, acknowledgements, redelivery, disconnects.

use gantry_workspace::{Say, Slash};
use serde_json::{Value, json};

use crate::bed::{Bed, Body, Socket, eventually, quick};

fn say(text: &str) -> Say {
    Say { who: "developer".into(), channel: "dev".into(), text: text.into(), ..Say::default() }
}

fn slash(text: &str) -> Slash {
    Slash {
        who: "developer".into(),
        channel: "dev".into(),
        command: "/gantry".into(),
        text: text.into(),
        ..Slash::default()
    }
}

#[tokio::test]
async fn hello_says_what_clients_rely_on() {
    let bed = Bed::start().await;
    let mut first = bed.bare_socket().await;
    let hello = first.next().await;
    assert_eq!(hello["type"], "hello");
    assert_eq!(hello["num_connections"], 1);
    assert!(hello["connection_info"]["app_id"].as_str().unwrap().starts_with('A'));
    assert!(hello["debug_info"]["host"].is_string());
    let mut second = bed.bare_socket().await;
    assert_eq!(second.next().await["num_connections"], 2);
}

#[tokio::test]
async fn a_ticket_opens_one_socket_and_not_for_ever() {
    let bed = Bed::start().await;
    let token = bed.secrets().app_token.clone();
    let url = async || {
        let reply = bed.raw_call("apps.connections.open", Some(&token), Body::Form(Vec::new())).await.unwrap();
        reply.json()["url"].as_str().unwrap().to_owned()
    };
    let once = url().await;
    tokio_tungstenite::connect_async(&once).await.unwrap();
    assert!(tokio_tungstenite::connect_async(&once).await.is_err(), "used twice");
    let late = url().await;
    bed.clock.pass(61);
    assert!(tokio_tungstenite::connect_async(&late).await.is_err(), "used late");
}

#[tokio::test]
async fn each_envelope_goes_to_one_socket_in_turn() {
    let bed = Bed::start().await;
    let (mut one, mut two) = (bed.socket().await, bed.socket().await);
    bed.people.command(&slash("first")).await.unwrap();
    bed.people.command(&slash("second")).await.unwrap();
    let mut texts = [one.next().await, two.next().await].map(|e| e["payload"]["text"].as_str().unwrap().to_owned());
    texts.sort();
    assert_eq!(texts, ["first", "second"]);
    assert!(one.is_quiet().await && two.is_quiet().await);
}

#[tokio::test]
async fn without_ack_it_comes_again_on_another_socket_with_its_reason() {
    let bed = Bed::with(|config| config.timings = quick()).await;
    let mut sockets = [bed.socket().await, bed.socket().await];
    bed.people.message(&say("hello")).await.unwrap();
    let mut seen: Vec<(usize, Value)> = Vec::new();
    for attempt in 0..4 {
        let (index, envelope) = either(&mut sockets).await;
        assert_eq!(envelope["retry_attempt"], attempt);
        assert_eq!(envelope["retry_reason"], if attempt == 0 { "" } else { "timeout" });
        seen.push((index, envelope));
    }
    for pair in seen.windows(2) {
        assert_eq!(pair[0].1["envelope_id"], pair[1].1["envelope_id"], "the same envelope");
        assert_ne!(pair[0].0, pair[1].0, "on the other socket");
    }
    assert!(sockets[0].is_quiet().await && sockets[1].is_quiet().await, "three retries, no more");
}

async fn either(sockets: &mut [Socket; 2]) -> (usize, Value) {
    let [one, two] = sockets;
    tokio::select! {
        envelope = one.next() => (0, envelope),
        envelope = two.next() => (1, envelope),
    }
}

#[tokio::test]
async fn an_ack_ends_it() {
    let bed = Bed::with(|config| config.timings = quick()).await;
    let mut socket = bed.socket().await;
    bed.people.command(&slash("status")).await.unwrap();
    let envelope = socket.next().await;
    socket.ack(&envelope).await;
    socket.ack(&envelope).await;
    bed.people.command(&slash("again")).await.unwrap();
    assert_eq!(socket.next().await["payload"]["text"], "again", "nothing of the first in between");
}

#[tokio::test]
async fn what_a_closed_socket_left_behind_goes_to_another() {
    let bed = Bed::start().await;
    let mut one = bed.socket().await;
    bed.people.message(&say("hello")).await.unwrap();
    let first = one.next().await;
    one.close().await;
    let mut two = bed.socket().await;
    let again = two.next().await;
    assert_eq!(again["envelope_id"], first["envelope_id"]);
    assert_eq!(again["retry_reason"], "connection_failed");
}

#[tokio::test]
async fn a_command_waits_for_the_bot_then_fails_as_slack_says_it() {
    let bed = Bed::with(|config| config.timings = quick()).await;
    bed.people.command(&slash("early")).await.unwrap();
    let mut socket = bed.socket().await;
    assert_eq!(socket.take("slash_commands").await["payload"]["text"], "early");
    socket.close().await;

    eventually("the socket's end", async || (bed.people.state().await.unwrap().sockets == 0).then_some(())).await;
    bed.people.command(&slash("too early")).await.unwrap();
    let told =
        eventually("the failure", async || bed.people.messages("developer", "dev", None).await.unwrap().pop()).await;
    assert_eq!(told.text, "/gantry failed with the error \"dispatch_failed\"");
    assert!(told.is_ephemeral);
    assert!(bed.people.messages("platform", "dev", None).await.unwrap().is_empty(), "nobody else sees it");
}

#[tokio::test]
async fn a_command_that_is_never_acknowledged_times_out() {
    let bed = Bed::with(|config| config.timings = quick()).await;
    let mut socket = bed.socket().await;
    bed.people.command(&slash("hang")).await.unwrap();
    assert_eq!(socket.next().await["payload"]["text"], "hang");
    let told =
        eventually("the failure", async || bed.people.messages("developer", "dev", None).await.unwrap().pop()).await;
    assert_eq!(told.text, "/gantry failed with the error \"operation_timeout\"");
}

#[tokio::test]
async fn an_answer_in_the_ack_is_shown_to_the_one_who_asked() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    bed.people.command(&slash("help")).await.unwrap();
    let envelope = socket.next().await;
    assert_eq!(envelope["accepts_response_payload"], true);
    socket.reply(&envelope, json!({ "text": "Here is help" })).await;
    let told =
        eventually("the answer", async || bed.people.messages("developer", "dev", None).await.unwrap().pop()).await;
    assert!(told.is_ephemeral && told.text == "Here is help");
}

#[tokio::test]
async fn disconnects_are_announced_with_their_reason() {
    let bed = Bed::start().await;
    for reason in ["warning", "refresh_requested", "link_disabled"] {
        let mut socket = bed.socket().await;
        bed.people.disconnect(reason).await.unwrap();
        let frame = socket.next().await;
        assert_eq!((frame["type"].as_str(), frame["reason"].as_str()), (Some("disconnect"), Some(reason)));
        assert!(frame["debug_info"]["host"].is_string());
        assert_eq!(socket.next().await, Value::Null, "then it closes");
    }
}

#[tokio::test]
async fn the_eleventh_socket_is_one_too_many() {
    let bed = Bed::start().await;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(bed.socket().await);
    }
    let mut eleventh = bed.bare_socket().await;
    assert_eq!(eleventh.next().await["reason"], "too_many_websockets");
}

#[tokio::test]
async fn stopping_says_goodbye_and_ends_in_time() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let mut events = bed.people.events("developer", None).await.unwrap();
    let start = std::time::Instant::now();
    bed.running.shutdown().await;
    assert!(start.elapsed() < crate::bed::DEADLINE);
    assert_eq!(socket.next().await["type"], "disconnect");
    assert!(futures::StreamExt::next(&mut events).await.is_none_or(|event| event.is_err()), "the stream ends");
}
