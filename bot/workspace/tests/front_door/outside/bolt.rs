//! An app made with Slack's own framework: what people do in the workspace reaches it, and what it does reaches them.

use gantry_workspace::{Action, Message, Say, Shortcut, Submit, Ts};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

use super::javascript::node;
use super::program::Program;
use crate::bed::{Bed, eventually};
use crate::commands::slash;

/// The first message of the developer's that fits.
async fn message(bed: &Bed, thread: Option<Ts>, what: &str, fits: impl Fn(&Message) -> bool) -> Message {
    eventually(what, async || {
        let messages = bed.people.messages("developer", "dev", thread).await.unwrap();
        messages.into_iter().find(|message| fits(message))
    })
    .await
}

async fn click(bed: &Bed, message_ts: Ts, label: &str) {
    let (who, channel) = ("developer".to_owned(), "dev".to_owned());
    let click = Action { who, channel, message_ts, label: Some(label.to_owned()), ..Action::default() };
    bed.people.click(&click).await.unwrap();
}

/// A command, a button, another one that opens a form; the form refused and taken.
async fn a_command_and_its_buttons(bed: &Bed) {
    bed.people.command(&slash("deploy web")).await.unwrap();
    message(bed, None, "the answer to the command", |message| {
        message.is_ephemeral && message.text == "On it: deploy web"
    })
    .await;
    let asked = message(bed, None, "the question", |message| message.text == "Run deploy web?").await.ts;
    click(bed, asked, "approve").await;
    let by = format!("Approved by <@{}>", bed.user("developer").await);
    message(bed, None, "the question's new text", |message| message.ts == asked && message.text == by).await;
    let (thread, started) = (Some(asked), "It has started");
    message(bed, thread, "the answer in the thread", |message| message.text == started).await;
    click(bed, asked, "why").await;
    let view = eventually("the form", async || bed.people.modal("developer").await.unwrap().view).await;
    let filled = |why: &str| {
        let values = json!({ "why": why }).as_object().unwrap().clone();
        Submit { who: "developer".into(), view_id: view["id"].as_str().unwrap().to_owned(), values }
    };
    let refused = bed.people.submit(&filled("so")).await.unwrap();
    assert_eq!(refused.errors["why"], "That is no reason");
    assert!(bed.people.submit(&filled("it is ready")).await.unwrap().is_accepted());
    message(bed, thread, "the reason", |message| message.text == "Because it is ready").await;
}

/// A mention, an entry of a message's menu, and the Home tab.
async fn what_else_people_do(bed: &Bed) {
    let say = Say { who: "developer".into(), channel: "dev".into(), text: "@gantry hi".into(), ..Say::default() };
    let at = bed.people.message(&say).await.unwrap().ts;
    message(bed, Some(at), "the answer to the mention", |message| message.text.starts_with("You said")).await;
    let about = Shortcut {
        who: "developer".into(),
        callback_id: "about_message".into(),
        channel: Some("dev".into()),
        message_ts: Some(at),
    };
    bed.people.shortcut(&about).await.unwrap();
    message(bed, None, "what the menu's entry tells", |message| {
        message.is_ephemeral && message.text.starts_with("It says")
    })
    .await;
    bed.people.visit("developer").await.unwrap();
    let home = eventually("the Home tab", async || bed.people.home("developer").await.unwrap().view).await;
    assert_eq!(home["blocks"][0]["text"]["text"], "Welcome");
}

async fn works(bed: &Bed, app: Program) {
    a_command_and_its_buttons(bed).await;
    what_else_people_do(bed).await;
    app.end().await;
}

#[tokio::test]
async fn over_socket_mode() {
    let bed = Bed::start().await;
    let mut given = given(&bed);
    given["app_token"] = json!(bed.secrets().app_token);
    let mut app = node("bolt.js", &given).await;
    app.step("started").await;
    works(&bed, app).await;
}

#[tokio::test]
async fn over_signed_requests() {
    let bed = Bed::start().await;
    let mut given = given(&bed);
    given["signing_secret"] = json!(bed.secrets().signing_secret);
    let mut app = node("bolt.js", &given).await;
    let port = app.step("started").await["port"].clone();
    // It has only its own clock, and refuses what is older than five minutes by that.
    bed.clock.set(now());
    bed.running.deliver_to(&format!("http://127.0.0.1:{port}/slack"));
    works(&bed, app).await;
}

fn given(bed: &Bed) -> Value {
    json!({ "api_url": bed.running.api_url(), "bot_token": bed.secrets().bot_token })
}

#[expect(clippy::disallowed_methods, reason = "another program's clock can't be held still")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}
