//! Slack's own Python SDK: posts, updates, opens a socket, receives envelopes.

use std::path::Path;

use gantry_workspace::{Action, Say, Slash, Ts};
use serde_json::json;
use tokio::process::Command;

use super::program::{Program, made};
use crate::bed::Bed;

/// The client, in an environment that has `slack_sdk`.
async fn client(bed: &Bed) -> Program {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slack-sdk");
    let python = made(Command::new("sh").arg(folder.join("venv.sh")).arg(cache)).await;
    let mut command = Command::new(python);
    command.arg(folder.join("slack_sdk_client.py"));
    let (api_url, secrets) = (bed.running.api_url(), bed.secrets());
    let given = json!({ "api_url": api_url, "bot_token": secrets.bot_token, "app_token": secrets.app_token });
    Program::start(command, &given).await
}

#[tokio::test]
async fn slack_sdk_posts_updates_and_takes_envelopes() {
    let bed = Bed::start().await;
    let mut client = client(&bed).await;
    let ts: Ts = client.step("posted").await["ts"].as_str().unwrap().parse().unwrap();
    client.step("connected").await;
    let (who, channel) = ("developer".to_owned(), "dev".to_owned());
    let slash = Slash { who, channel, command: "/gantry".into(), text: "status".into(), ..Slash::default() };
    bed.people.command(&slash).await.unwrap();
    let say = Say { who: "developer".into(), channel: "dev".into(), text: "@gantry hi".into(), ..Say::default() };
    bed.people.message(&say).await.unwrap();
    let click = Action {
        who: "platform".into(),
        channel: "dev".into(),
        message_ts: ts,
        label: Some("Approve".into()),
        ..Action::default()
    };
    bed.people.click(&click).await.unwrap();
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let envelope = client.step("envelope").await;
        kinds.push(envelope["type"].as_str().unwrap().to_owned());
        if envelope["type"] == "slash_commands" {
            assert_eq!(envelope["payload"]["text"], "status");
        }
    }
    kinds.sort();
    assert_eq!(kinds, ["events_api", "interactive", "slash_commands"]);
    client.step("done").await;
    client.end().await;
}
