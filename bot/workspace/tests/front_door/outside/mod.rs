//! Slack's own Python SDK as a client: posts, updates, opens a socket, receives envelopes. Needs `python3` and PyPI; fails,
//! rather than being skipped, where there is neither.

use std::path::Path;
use std::process::Stdio;

use gantry_workspace::{Action, Say, Slash, Ts};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::bed::Bed;

/// The interpreter of an environment that has `slack_sdk`, made on first use.
async fn interpreter() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/venv.sh");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slack-sdk");
    let made = Command::new("sh").arg(script).arg(folder).output().await.expect("a shell");
    assert!(made.status.success(), "no Python with slack_sdk: {}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

struct Client {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Client {
    async fn start(bed: &Bed) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/slack_sdk_client.py");
        let mut command = Command::new(interpreter().await);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let secrets = bed.secrets();
        let given =
            json!({ "api_url": bed.running.api_url(), "bot_token": secrets.bot_token, "app_token": secrets.app_token });
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(given.to_string().as_bytes()).await.unwrap();
        drop(stdin);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next step that it tells. It gives up by itself when something doesn't come.
    async fn step(&mut self, expected: &str) -> Value {
        let line = self.lines.next_line().await.unwrap();
        let line = line.unwrap_or_else(|| panic!("it ended before {expected}; its words are above"));
        let step: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(step["step"], expected, "{step}");
        step
    }
}

#[tokio::test]
async fn slack_sdk_posts_updates_and_takes_envelopes() {
    let bed = Bed::start().await;
    let mut client = Client::start(&bed).await;
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
    assert!(client.child.wait().await.unwrap().success());
}
