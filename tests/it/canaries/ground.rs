//! Where the program runs, and the workspace that it works in: each with secrets of choice.

use super::nest::{Nest, Traces};
use gantry_engine::ports::Clock;
use gantry_tests::chronicle::Chronicle;
use gantry_tests::wait::until;
use gantry_tests::{machine, process};
use gantry_workspace::{ApiCall, Client, Running, Secrets, Slash, Workspace, WorkspaceConfig};
use nix::unistd::{Gid, Uid, chown, geteuid};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Who runs the program where the tests are root's: nothing is ever refused to root. (The number is `nobody`'s.)
const SOMEBODY: u32 = 65_534;

/// A directory for the program, and one beside it with what it is given; only the first one is searched.
pub(super) struct Ground {
    pub(super) dir: TempDir,
    pub(super) env: Vec<(String, String)>,
}

impl Ground {
    pub(super) fn lay_out() -> Self {
        let dir = tempfile::Builder::new().prefix("gantry-canaries-").tempdir().unwrap();
        fs::create_dir(dir.path().join("given")).unwrap();
        fs::create_dir(dir.path().join("own")).unwrap();
        if geteuid().is_root() {
            let hand_over =
                |dir: &Path| chown(dir, Some(Uid::from_raw(SOMEBODY)), Some(Gid::from_raw(SOMEBODY))).unwrap();
            ["", "given", "own"].iter().for_each(|name| hand_over(&dir.path().join(name)));
        }
        Self { dir, env: Vec::new() }
    }

    /// A file with a secret, and where it is.
    pub(super) fn give(&self, name: &str, text: &str) -> String {
        let file = self.dir.path().join("given").join(name);
        fs::write(&file, text).unwrap();
        file.display().to_string()
    }

    pub(super) fn own(&self) -> PathBuf {
        self.dir.path().join("own")
    }

    pub(super) fn gantry(&self, args: &[&str]) -> Command {
        let mut command = self.command(&machine::program(self.dir.path()));
        command.args(args).arg("--dir").arg(self.own().join("state")).env_clear().envs(self.env.iter().cloned());
        command.envs([
            ("GANTRY_LOG", "trace"),
            ("RUST_LOG", "trace"),
            ("RUST_BACKTRACE", "full"),
            ("PATH", "/usr/bin:/bin"),
        ]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// A program that is run by whoever runs Gantry.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if geteuid().is_root() {
            command.uid(SOMEBODY).gid(SOMEBODY);
        }
        command
    }

    /// From now on a process may start so many more threads and processes: none, or as many as the machine lets it.
    pub(super) async fn limit_threads(&self, pid: u32, limit: &str) {
        let limit = format!("--nproc={limit}:");
        let limited = self.command(Path::new("prlimit")).arg("--pid").arg(pid.to_string()).arg(limit).status();
        assert!(limited.await.unwrap().success());
    }

    /// A command to its end: what it printed.
    pub(super) async fn run(&self, args: &[&str], env: &[(&str, &str)], fails: bool, traces: &mut Traces) -> String {
        let done = self.gantry(args).envs(env.iter().copied()).output().await.unwrap();
        let printed = [done.stdout, done.stderr].concat();
        let text = String::from_utf8_lossy(&printed).into_owned();
        assert_eq!(done.status.success(), !fails, "{args:?}: {text}");
        traces.add(format!("what `gantry {}` prints", args.join(" ")), printed);
        text
    }

    /// The bot, with what it prints in files of its own.
    pub(super) fn start(&self, name: &str, args: &[&str], env: &[(&str, &str)]) -> Child {
        let file = |kind: &str| fs::File::create(self.own().join(format!("{name}.{kind}"))).unwrap();
        let mut bot = self.gantry(args);
        bot.envs(env.iter().copied()).stdout(file("out")).stderr(file("log")).spawn().unwrap()
    }

    pub(super) fn printed(&self, name: &str) -> String {
        fs::read_to_string(self.own().join(name)).unwrap()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        process::end_all_of(self.dir.path());
    }
}

/// A workspace with secrets of choice, and what it was asked.
pub(super) struct Square {
    pub(super) workspace: Running,
    pub(super) people: Client,
    chronicle: Chronicle,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Square {
    pub(super) async fn open(nest: &Nest, name: &str) -> Self {
        let sent = Arc::<Mutex<Vec<u8>>>::default();
        let to = sent.clone();
        let mut config = WorkspaceConfig::new(Arc::new(|| gantry::clock::SystemClock.now()));
        config.watch = Some(Arc::new(move |call: ApiCall<'_>| {
            let mut to = to.lock().unwrap();
            to.extend_from_slice(call.query.as_bytes());
            to.extend_from_slice(call.body);
        }));
        config.secrets = Some(Secrets {
            bot_token: nest.lay(format!("the bot token, {name}")),
            app_token: if name == "in variables" { nest.lay("the app token") } else { nest.text() },
            control_token: nest.text(),
            verification_token: nest.lay(format!("the token in payloads, {name}")),
            signing_secret: if name == "in files" { nest.lay("the signing secret") } else { nest.text() },
        });
        let workspace = Workspace::start(config).await.unwrap();
        let people = workspace.client();
        Self { chronicle: Chronicle::begin(&people).await, workspace, people, sent }
    }

    pub(super) async fn say(&self, text: &str) {
        let (who, channel) = ("platform".to_owned(), "dev".to_owned());
        let slash = Slash { who, channel, command: "/gantry".to_owned(), text: text.to_owned(), thread_ts: None };
        self.people.command(&slash).await.unwrap();
    }

    /// Says something, and waits for one more message.
    pub(super) async fn ask(&self, text: &str) -> String {
        let before = self.chronicle.messages().len();
        self.say(text).await;
        until(text, || async { self.chronicle.messages().get(before).map(|(_, message)| message.text.clone()) }).await
    }

    /// Waits for a message with these words.
    pub(super) async fn hear(&self, words: &str) -> String {
        until(words, || async {
            let all = self.chronicle.messages().into_iter().map(|(_, message)| message.text);
            all.into_iter().find(|text| text.contains(words))
        })
        .await
    }

    pub(super) async fn close(self, name: &str, traces: &mut Traces) {
        traces.add(format!("what was sent to Slack, {name}"), self.sent.lock().unwrap().as_slice());
        self.workspace.shutdown().await;
    }
}

/// One request as it stands, and the whole answer.
pub(super) async fn raw(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut in the middle has said what it had to say.
    let _cut = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
