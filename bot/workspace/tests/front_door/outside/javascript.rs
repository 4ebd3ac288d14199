//! Slack's own JavaScript SDK: its Web API client, and its Socket Mode client.

use std::path::{Path, PathBuf};

use gantry_workspace::{Action, Fault, Say, Submit, Ts};
use serde_json::{Value, json};
use tokio::process::Command;

use super::program::{Program, made};
use crate::bed::Bed;
use crate::commands::slash;
use crate::views::modal;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node")
}

/// Starts a program of this folder, beside the SDKs in the versions that are pinned there.
pub(super) async fn node(program: &str, given: &Value) -> Program {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slack-javascript");
    let modules = made(Command::new("sh").arg(folder().join("modules.sh")).arg(cache)).await;
    let mut command = Command::new("node");
    command.arg(folder().join(program)).env("NODE_PATH", modules);
    Program::start(command, given).await
}

#[tokio::test]
async fn its_web_api_client_posts_updates_pages_and_opens_views() {
    let bed = Bed::start().await;
    bed.people.fault(&Fault::rate_limited("reactions.add", 1)).await.unwrap();
    let trigger_id = bed.people.command(&slash("deploy")).await.unwrap().trigger_id;
    let token = &bed.secrets().bot_token;
    let given = json!({ "api_url": bed.running.api_url(), "bot_token": token, "trigger_id": trigger_id });
    let mut program = node("web_api.js", &given).await;
    let ts: Ts = program.step("done").await["ts"].as_str().unwrap().parse().unwrap();
    program.end().await;

    let messages = bed.people.messages("developer", "dev", None).await.unwrap();
    let posted = messages.iter().find(|message| message.ts == ts).unwrap();
    assert_eq!(posted.text, "Deploy web to dev, please?");
    assert_eq!(posted.reactions.iter().map(|reaction| reaction.name.as_str()).collect::<Vec<_>>(), ["eyes"]);
    let modal = bed.people.modal("developer").await.unwrap().view.unwrap();
    assert_eq!(modal["title"]["text"], "Deploy web");
    let home = bed.people.home("developer").await.unwrap().view.unwrap();
    assert_eq!(home["blocks"][0]["text"]["text"], "*Environments*");
}

#[tokio::test]
async fn its_socket_mode_client_takes_envelopes_and_connects_again() {
    let bed = Bed::start().await;
    let given = json!({ "api_url": bed.running.api_url(), "app_token": bed.secrets().app_token });
    let mut program = node("socket_mode.js", &given).await;
    program.step("connected").await;
    for reason in ["warning", "refresh_requested"] {
        let trigger = bed.people.command(&slash(reason)).await.unwrap().trigger_id;
        let told = program.step("envelope").await;
        assert_eq!((&told["type"], &told["body"]["text"]), (&json!("slash_commands"), &json!(reason)));
        assert_eq!(told["body"]["trigger_id"], json!(trigger));
        bed.people.disconnect(reason).await.unwrap();
        program.step("connected").await;
    }
    let (who, channel) = ("developer".to_owned(), "dev".to_owned());
    let say = Say { who: who.clone(), channel: channel.clone(), text: "@gantry hi".into(), ..Say::default() };
    let at = bed.people.message(&say).await.unwrap();
    // A mention in a channel is two events.
    for _ in 0..2 {
        let told = program.step("envelope").await;
        assert_eq!((&told["type"], &told["body"]["event"]["ts"]), (&json!("events_api"), &json!(at.ts)));
        assert_eq!(told["retry_num"], 0, "the first time");
    }
    let buttons = json!([{ "type": "actions", "elements": [
        { "type": "button", "action_id": "go", "value": "1", "text": { "type": "plain_text", "text": "Go" } }] }]);
    let message_ts = bed.post(json!({ "channel": bed.channel("dev").await, "text": "Go?", "blocks": buttons })).await;
    assert_eq!(program.step("envelope").await["body"]["event"]["ts"], json!(message_ts), "its own post is an event");
    let click = Action { who, channel, message_ts, label: Some("Go".into()), ..Action::default() };
    let trigger_id = bed.people.click(&click).await.unwrap().trigger_id;
    let told = program.step("envelope").await;
    assert_eq!(told["type"], "interactive");
    assert_eq!(told["body"]["actions"][0]["action_id"], "go");
    let opened = bed.ok("views.open", json!({ "trigger_id": trigger_id, "view": modal("Deploy") })).await;
    let view_id = opened["view"]["id"].as_str().unwrap().to_owned();
    let values = json!({ "why": "no" }).as_object().unwrap().clone();
    let verdict = bed.people.submit(&Submit { who: "developer".into(), view_id, values }).await.unwrap();
    assert_eq!(verdict.errors["why"], "that is no reason", "an acknowledgement carries its answer");
    assert_eq!(program.step("envelope").await["body"]["type"], "view_submission");
    program.end().await;
}
