//! The app at Slack: its manifest, and what `doctor` says of the one that is there.

use gantry_engine::ports::Clock as _;
use gantry_testkit::clock::ManualClock;
use gantry_tests::machine;
use gantry_workspace::{Workspace, WorkspaceConfig};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tokio::process::Command;

/// The binary, to its end: its exit code and what it printed.
async fn gantry(dir: &Path, args: &[&str], env: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(machine::program(dir));
    command.args(args).arg("--dir").arg(dir.join("state")).envs(env.iter().copied()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn doctor_names_each_scope_that_lacks_and_what_it_is_for() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), ManualClock::default());
    let mut config = WorkspaceConfig::new(Arc::new(move || clock.now()));
    config.seed.app.scopes.retain(|scope| scope != "usergroups:read");
    let workspace = Workspace::start(config).await.unwrap();
    let secrets = workspace.secrets();
    let (bot, app) = (secrets.bot_token.clone(), secrets.app_token.clone());
    let address = workspace.api_url();
    let args = ["doctor", "--slack", "--api-url", &address];
    let (exit, said) = gantry(dir.path(), &args, &[("GANTRY_BOT_TOKEN", &bot), ("GANTRY_APP_TOKEN", &app)]).await;
    assert_eq!(exit, Some(1), "{said}");
    let faults: Vec<&str> = said.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert_eq!(faults.len(), 1, "{said}");
    assert!(faults[0].contains("usergroups:read") && faults[0].contains("votes"), "{said}");

    // As `serve` takes them: from files.
    let file = |name: &str, secret: &str| {
        std::fs::write(dir.path().join(name), secret).unwrap();
        dir.path().join(name).display().to_string()
    };
    let (bot_file, app_file) = (file("bot.token", &bot), file("app.token", &app));
    let files = [&args[..], &["--bot-token-file", &bot_file, "--app-token-file", &app_file]].concat();
    let (_, said) = gantry(dir.path(), &files, &[]).await;
    assert!(said.contains("the bot token is good") && said.contains("the app token is good"), "{said}");
    let (_, said) = gantry(dir.path(), &[&args[..], &["--bot-token-file", "nowhere"]].concat(), &[]).await;
    assert!(said.contains("nowhere can't be read"), "{said}");

    // Requests over HTTP need no app token; only Slack could send one.
    let http = [("GANTRY_BOT_TOKEN", bot.as_str()), ("GANTRY_SIGNING_SECRET", "not-a-secret")];
    let (_, said) = gantry(dir.path(), &args, &http).await;
    assert!(said.contains("note  Slack's way in"), "{said}");
    let (_, said) = gantry(dir.path(), &args, &[("GANTRY_BOT_TOKEN", &bot)]).await;
    assert!(said.contains("FAIL  Slack's way in"), "{said}");
    assert!(!said.contains(&bot), "{said}");
    workspace.shutdown().await;
}

#[tokio::test]
async fn a_manifest_makes_an_app_that_lacks_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (exit, printed) = gantry(dir.path(), &["slack", "manifest"], &[]).await;
    let manifest: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(exit, Some(0));
    let scopes: Vec<String> = serde_json::from_value(manifest["oauth_config"]["scopes"]["bot"].clone()).unwrap();

    let clock = ManualClock::default();
    let mut config = WorkspaceConfig::new(Arc::new(move || clock.now()));
    config.seed.app.scopes = scopes;
    let workspace = Workspace::start(config).await.unwrap();
    let (bot, app) = (workspace.secrets().bot_token.clone(), workspace.secrets().app_token.clone());
    let args = ["doctor", "--slack", "--api-url", &workspace.api_url()];
    let (exit, said) = gantry(dir.path(), &args, &[("GANTRY_BOT_TOKEN", &bot), ("GANTRY_APP_TOKEN", &app)]).await;
    assert_eq!(exit, Some(0), "{said}");
    workspace.shutdown().await;

    let (_, link) = gantry(dir.path(), &["slack", "manifest", "--http", "https://gantry.example", "--link"], &[]).await;
    assert!(link.starts_with("https://api.slack.com/apps?new_app=1&manifest_json=%7B"), "{link}");
}
