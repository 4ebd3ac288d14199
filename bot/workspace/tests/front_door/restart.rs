//! A workspace that stops and starts again on the same directory is the same workspace.

use std::os::unix::fs::PermissionsExt;

use gantry_workspace::{Client, Say, Slash, Workspace, WorkspaceConfig, WorkspaceError};
use serde_json::json;

use crate::bed::Bed;

#[tokio::test]
async fn everything_is_there_again() {
    let dir = tempfile::tempdir().unwrap();
    let bed = Bed::in_dir(dir.path()).await;
    let tokens = bed.secrets().clone();
    let (dev, developer) = (bed.channel("dev").await, bed.user("developer").await);
    let parent = bed.post(json!({ "channel": dev, "text": "parent" })).await;
    bed.post(json!({ "channel": dev, "text": "reply", "thread_ts": parent })).await;
    bed.ok("chat.update", json!({ "channel": dev, "ts": parent, "text": "edited" })).await;
    bed.ok("reactions.add", json!({ "channel": dev, "timestamp": parent, "name": "eyes" })).await;
    bed.ok("chat.postEphemeral", json!({ "channel": dev, "user": developer, "text": "psst" })).await;
    bed.ok("conversations.open", json!({ "users": developer })).await;
    let last = bed.post(json!({ "channel": dev, "text": "deleted" })).await;
    bed.ok("chat.delete", json!({ "channel": dev, "ts": last })).await;
    let before = serde_json::to_value(bed.people.messages("developer", "dev", None).await.unwrap()).unwrap();
    let seq = bed.people.state().await.unwrap().seq;
    bed.running.shutdown().await;

    let bed = Bed::in_dir(dir.path()).await;
    assert_eq!(bed.secrets().bot_token, tokens.bot_token);
    assert_eq!(bed.secrets().app_token, tokens.app_token);
    assert_eq!((bed.channel("dev").await, bed.user("developer").await), (dev.clone(), developer.clone()));
    let after = serde_json::to_value(bed.people.messages("developer", "dev", None).await.unwrap()).unwrap();
    assert_eq!(before, after);
    assert_eq!(bed.people.state().await.unwrap().seq, seq);
    assert_eq!(bed.ok("conversations.open", json!({ "users": developer })).await["already_open"], true);
    bed.clock.set(1_000_000_000);
    assert!(bed.post(json!({ "channel": dev, "text": "next" })).await > last, "no timestamp comes again");
}

#[tokio::test]
async fn what_was_not_acknowledged_is_delivered_after_the_restart() {
    let dir = tempfile::tempdir().unwrap();
    let bed = Bed::in_dir(dir.path()).await;
    let mut socket = bed.socket().await;
    let slash = |text: &str| Slash {
        who: "developer".into(),
        channel: "dev".into(),
        command: "/gantry".into(),
        text: text.into(),
        ..Slash::default()
    };
    bed.people.command(&slash("taken")).await.unwrap();
    assert_eq!(socket.take("slash_commands").await["payload"]["text"], "taken");
    bed.people.command(&slash("open")).await.unwrap();
    let open = socket.next().await;
    let say = Say { who: "developer".into(), channel: "dev".into(), text: "said".into(), ..Say::default() };
    bed.people.message(&say).await.unwrap();
    // Killed: nothing is told to anybody.
    drop(bed);

    let bed = Bed::in_dir(dir.path()).await;
    let mut socket = bed.socket().await;
    let again = socket.next().await;
    assert_eq!(again["envelope_id"], open["envelope_id"], "the same envelope");
    assert_eq!(again["payload"], open["payload"]);
    socket.ack(&again).await;
    assert_eq!(socket.next().await["payload"]["event"]["text"], "said");
    assert!(socket.is_quiet().await, "what was taken doesn't come again");
}

#[tokio::test]
async fn files_with_secrets_are_for_their_owner_and_tools_find_the_workspace() {
    let dir = tempfile::tempdir().unwrap();
    let bed = Bed::in_dir(dir.path()).await;
    for name in ["tokens.json", "workspace.json", "log.jsonl"] {
        let mode = std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let found = Client::from_dir(dir.path()).unwrap();
    assert_eq!(found.base_url(), bed.running.base_url());
    found.state().await.unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    let error = Client::from_dir(nowhere.path()).unwrap_err().to_string();
    assert!(error.contains("no running workspace"), "{error}");
}

#[tokio::test]
async fn one_directory_has_one_workspace() {
    let dir = tempfile::tempdir().unwrap();
    let bed = Bed::in_dir(dir.path()).await;
    let again = || {
        let mut config = WorkspaceConfig::new(std::sync::Arc::new(|| jiff::Timestamp::UNIX_EPOCH));
        config.dir = Some(dir.path().to_owned());
        Workspace::start(config)
    };
    assert!(matches!(again().await.unwrap_err(), WorkspaceError::Busy(_)));
    bed.running.shutdown().await;
    again().await.unwrap();
}
