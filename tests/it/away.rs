//! A start without Slack: the real program against a workspace that answers nothing, and then answers again.

use gantry_engine::ports::Clock;
use gantry_tests::chronicle::Chronicle;
use gantry_tests::http;
use gantry_tests::wait::until;
use gantry_tests::{machine, process};
use gantry_workspace::{Client, Fault, Running, Slash, Workspace, WorkspaceConfig};
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A directory for the program, and a workspace.
struct Place {
    dir: TempDir,
    workspace: Running,
    people: Client,
    chronicle: Chronicle,
}

impl Place {
    async fn find() -> Self {
        let dir = tempfile::Builder::new().prefix("gantry-away-").tempdir().unwrap();
        fs::write(dir.path().join("gantry.toml"), gantry_tests::EXAMPLE).unwrap();
        let config = WorkspaceConfig::new(Arc::new(|| gantry::clock::SystemClock.now()));
        let workspace = Workspace::start(config).await.unwrap();
        let people = workspace.client();
        Self { chronicle: Chronicle::begin(&people).await, dir, workspace, people }
    }

    /// `gantry serve` with this token, printing to a file of this name.
    fn serve(&self, name: &str, token: &str) -> Child {
        let mut command = Command::new(machine::program(self.dir.path()));
        let project = self.dir.path().join("gantry.toml");
        command.args(["serve", "--metrics", "0", "--api-url", &self.workspace.api_url(), "--project"]).arg(project);
        command.arg("--dir").arg(self.dir.path().join("state")).env_remove("GANTRY_DIR").env_remove("GANTRY_LOG");
        command.env("GANTRY_BOT_TOKEN", token).env("GANTRY_APP_TOKEN", &self.workspace.secrets().app_token);
        let file = |kind: &str| fs::File::create(self.dir.path().join(format!("{name}.{kind}"))).unwrap();
        command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err")).kill_on_drop(true).spawn().unwrap()
    }

    fn printed(&self, file: &str) -> String {
        fs::read_to_string(self.dir.path().join(file)).unwrap()
    }

    async fn prints(&self, file: &str, what: &str) -> String {
        until(what, || async { Some(self.printed(file)).filter(|printed| printed.contains(what)) }).await
    }

    /// From now on Slack answers nothing, or again.
    async fn down(&self, down: bool) {
        let times = if down { u32::MAX } else { 0 };
        self.people.fault(&Fault::status("*", 503).times(times)).await.unwrap();
    }

    fn texts(&self) -> Vec<String> {
        self.chronicle.messages().into_iter().map(|(_, message)| message.text).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        process::end_all_of(self.dir.path());
    }
}

#[tokio::test]
async fn a_start_without_slack_goes_on_with_what_was_begun() {
    let place = Place::find().await;
    let token = place.workspace.secrets().bot_token.clone();

    // Nothing is known yet.
    place.down(true).await;
    assert!(!place.serve("first", &token).wait().await.unwrap().success());
    let told = place.printed("first.err");
    assert!(told.contains("the first start on this directory needs Slack"), "{told}");

    place.down(false).await;
    let mut bot = place.serve("second", &token);
    place.prints("second.out", "Gantry listens").await;
    let (who, channel) = ("developer".to_owned(), "dev".to_owned());
    let text = "deploy web to dev".to_owned();
    let slash = Slash { who, channel, command: "/gantry".to_owned(), text, thread_ts: None };
    place.people.command(&slash).await.unwrap();
    until("it has started", || async { place.texts().iter().any(|text| text.contains("has started")).then_some(()) })
        .await;
    place.down(true).await;
    bot.kill().await.unwrap();
    let before = place.texts();
    assert!(!before.iter().any(|text| text.contains("Done in")), "{before:?}");

    let mut bot = place.serve("third", &token);
    let printed = place.prints("third.out", "Slack can't be reached").await;
    let metrics = printed.split_once("Metrics are at ").unwrap().1.split_once("/metrics").unwrap().0.to_owned();
    until("the deployment ends", || async {
        let page = http::get(&format!("{metrics}/metrics")).await.ok()?;
        page.body.contains("gantry_operations_total{verb=\"deploy\",outcome=\"succeeded\"} 1").then_some(())
    })
    .await;
    assert_eq!(place.texts(), before, "nothing could be said");
    assert!(!place.printed("third.out").contains("Gantry listens"));

    place.down(false).await;
    place.prints("third.out", "Gantry listens").await;
    until("it is told", || async { place.texts().iter().any(|text| text.contains("Done in")).then_some(()) }).await;
    process::terminate(bot.id().unwrap());
    assert!(bot.wait().await.unwrap().success());

    // Who answers and refuses is believed.
    assert!(!place.serve("fourth", "another-token").wait().await.unwrap().success());
    let told = place.printed("fourth.err");
    assert!(told.contains("Slack refuses the bot token"), "{told}");
}
