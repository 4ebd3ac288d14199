//! The bot on a Slack that somebody else has written: npm's `local-slack-linux-x64`. It listens on all of a machine's addresses, so it
//! gets a machine of its own, a network namespace with nothing but a loopback: this test is one process there, started by itself.
//!
//! It sends each envelope to all sockets, of which the bot has two, so a delivery comes twice here. It knows no user groups, so
//! rights are by name.

use gantry::message::{MarkState, PostMark};
use gantry_engine::journal::State;
use gantry_tests::wait::until;
use gantry_tests::{http, machine, process};
use serde_json::{Value, json};
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Tells this test that it is the one in the namespace, and where local-slack is: there is nothing to install it from.
const INSIDE: &str = "GANTRY_TEST_INSIDE";
const ADDRESS: &str = "127.0.0.1:3000";

#[expect(clippy::disallowed_methods, reason = "this is how the other process knows that it is the other process")]
#[tokio::test]
async fn a_command_a_mention_a_button_in_a_thread_and_two_deaths() {
    if let Some(modules) = std::env::var_os(INSIDE) {
        return story(Path::new(&modules)).await;
    }
    let modules = crate::node::modules("local-slack", "node").await;
    let name = "local_slack::a_command_a_mention_a_button_in_a_thread_and_two_deaths";
    let mut inside = Command::new("unshare");
    inside.args(["--user", "--map-root-user", "--net", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""]);
    inside.arg(std::env::current_exe().unwrap()).args(["--exact", name, "--nocapture"]);
    let done = inside.env(INSIDE, modules).stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

/// A message as local-slack has it.
#[derive(Debug)]
struct Message(Value);

impl Message {
    fn ts(&self) -> &str {
        self.0["ts"].as_str().unwrap()
    }

    fn state(&self) -> Option<State> {
        match PostMark::parse(self.0["blocks"][0]["block_id"].as_str()?)?.state {
            MarkState::Operation(state) => Some(state),
            _ => None,
        }
    }

    /// A button by what it reads, as a click sends it.
    fn button(&self, label: &str) -> Option<Value> {
        self.0["blocks"].as_array()?.iter().find_map(|block| {
            let mut elements = block["elements"].as_array()?.iter();
            let mut button = elements.find(|element| element["text"]["text"] == label)?.clone();
            button["block_id"] = block["block_id"].clone();
            Some(button)
        })
    }
}

/// The workspace, and the bot that is connected to it.
struct Plaza {
    dir: TempDir,
    slack: Child,
    bot: Option<Child>,
    /// The messages as they were last seen, for who looks for a fault.
    seen: Mutex<String>,
}

impl Plaza {
    async fn open(modules: &Path) -> Self {
        let dir = tempfile::Builder::new().prefix("gantry-plaza-").tempdir().unwrap();
        let members = ["U0DEVELOPER", "U0GANTRY"];
        let channel =
            |name: &str| json!({ "id": format!("C0{}", name.to_uppercase()), "name": name, "members": members });
        let channels = ["general", "dev"].map(channel);
        let config = json!({
            "workspace": { "name": "Plaza", "domain": "plaza", "teamId": "T0PLAZA" },
            "apps": [{ "appId": "A0GANTRY", "botUserId": "U0GANTRY", "botName": "gantry",
                "botToken": "the-bot", "appToken": "the-app" }],
            "users": [{ "id": "U0DEVELOPER", "name": "developer", "tz": "Europe/Berlin" }],
            "channels": channels,
        });
        fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
        let project = gantry_tests::EXAMPLE.replace("\"@developers\"", "\"user:developer\"");
        let project = project.replace("\"@platform\"", "\"user:developer\"");
        let project = project.replace("{ votes = 1, from = \"user:developer\" }", "\"confirm\"");
        fs::write(dir.path().join("gantry.toml"), project).unwrap();

        let mut slack = Command::new(modules.join("local-slack-linux-x64/bin/local-slack"));
        slack.args(["--config", "config.json", "--port", "3000", "--base-host", "127.0.0.1"]).current_dir(&dir);
        let slack = slack.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        let mut plaza = Self { dir, slack, bot: None, seen: Mutex::default() };
        until("local-slack answers", || async { http::get(&format!("http://{ADDRESS}/_control/state")).await.ok() })
            .await;
        plaza.start_bot(2).await;
        plaza
    }

    fn gantry(&self, args: &[&str]) -> Command {
        let mut command = Command::new(machine::program(self.dir.path()));
        command.args(args).arg("--dir").arg(self.dir.path().join("state")).current_dir(&self.dir);
        command.env("GANTRY_BOT_TOKEN", "the-bot").env("GANTRY_APP_TOKEN", "the-app").stdin(Stdio::null());
        command.kill_on_drop(true);
        command
    }

    /// Starts the bot, and waits for so many of its sockets: the second one follows five seconds later.
    async fn start_bot(&mut self, sockets: usize) {
        let before = self.opened().await;
        let log = OpenOptions::new().create(true).append(true).open(self.dir.path().join("bot.log")).unwrap();
        let api = format!("http://{ADDRESS}/api");
        let mut bot = self.gantry(&["serve", "--project", "gantry.toml", "--api-url", &api]);
        self.bot = Some(bot.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        until("the bot has its sockets", || async { (self.opened().await >= before + sockets).then_some(()) }).await;
    }

    /// How many sockets were opened since local-slack runs. What it has for an app without any is dropped.
    async fn opened(&self) -> usize {
        let log = http::get(&format!("http://{ADDRESS}/_control/log")).await.unwrap();
        log.body.matches("socket connected (hello)").count()
    }

    async fn kill_bot(&mut self) {
        self.bot.take().unwrap().kill().await.unwrap();
    }

    async fn act(&self, what: &str, body: Value) {
        let answer = http::send("POST", ADDRESS, ADDRESS, &format!("/_control/{what}"), Some(&body)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn messages(&self) -> Vec<Message> {
        let answer = http::get(&format!("http://{ADDRESS}/_control/messages/C0DEV")).await.unwrap();
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        *self.seen.lock().unwrap() = format!("{answer:#}");
        answer["messages"].as_array().unwrap().iter().map(|message| Message(message.clone())).collect()
    }

    /// Waits for a message of which this can be told.
    async fn see<T>(&self, what: &str, tell: impl Fn(&Message) -> Option<T>) -> T {
        until(what, || async { self.messages().await.iter().find_map(&tell) }).await
    }

    async fn close(mut self) {
        let mut bot = self.bot.take().unwrap();
        process::terminate(bot.id().unwrap());
        assert!(bot.wait().await.unwrap().success());
        let stopped = self.gantry(&["runtime", "stop", "--tasks"]).stdout(Stdio::null()).status().await.unwrap();
        assert!(stopped.success());
        self.slack.kill().await.unwrap();
    }
}

impl Drop for Plaza {
    #[expect(clippy::print_stderr, reason = "a failing test says what the bot said")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.dir.path().join("bot.log")).unwrap_or_default();
            eprintln!("{}\n{log}", self.seen.lock().unwrap());
        }
        process::end_all_of(self.dir.path());
    }
}

async fn story(modules: &Path) {
    let mut plaza = Plaza::open(modules).await;
    let (channel, user) = ("C0DEV", "U0DEVELOPER");
    let words = json!({ "channel": channel, "user": user, "command": "/gantry", "text": "deploy web to dev" });
    plaza.act("command", words).await;
    let ended = |message: &Message| (message.state() == Some(State::Succeeded)).then(|| message.ts().to_owned());
    let first = plaza.see("the command's operation succeeds", ended).await;

    let mention = json!({ "channel": channel, "user": user, "text": "<@U0GANTRY> deploy web to staging" });
    plaza.act("message", mention).await;
    let asks =
        |message: &Message| Some((message.ts().to_owned(), message.button("Approve")?, message.0["thread_ts"].clone()));
    let (card, button, thread) = plaza.see("the mention's operation asks", asks).await;
    assert!(thread.is_string(), "what answers a mention is in its thread");

    plaza.kill_bot().await;
    plaza.start_bot(1).await;
    plaza.act("interact", json!({ "channel": channel, "messageTs": card, "user": user, "action": button })).await;
    plaza
        .see("it runs", |message| (message.ts() == card && message.state() == Some(State::Running)).then_some(()))
        .await;
    plaza.kill_bot().await;
    plaza.start_bot(1).await;
    plaza.see("it succeeds", |message| ended(message).filter(|ts| *ts == card)).await;

    let news = |message: &Message| {
        let text = message.0["text"].as_str().filter(|_| message.0["thread_ts"] == thread && message.state().is_none());
        text.map(str::to_owned)
    };
    plaza.see("the thread tells the end", |message| news(message).filter(|text| text.contains("Done in"))).await;
    let messages = plaza.messages().await;
    let cards: Vec<&str> = messages.iter().filter(|message| message.state().is_some()).map(Message::ts).collect();
    assert_eq!(cards, [first.as_str(), &card], "each was one operation, though every delivery came twice");
    let told = messages.iter().filter_map(news).collect::<Vec<_>>().join("\n");
    for once in ["has started", "Done in"] {
        assert_eq!(told.matches(once).count(), 1, "{once}: {told}");
    }
    plaza.close().await;
}
