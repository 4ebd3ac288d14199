//! The machine's processes: started, killed, started again, and all ended at last.

use super::Machine;
use crate::wait::until;
use crate::{http, process};
use gantry_local::api;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// What the bot prints last when it is up.
const UP: &str = "Ctrl-C stops the bot";

/// The binary under its real name in `<dir>/bin`: tasks look for `gantry` beside the program that runs.
///
/// # Panics
/// If cargo didn't build it along with the tests.
#[must_use]
pub fn program(dir: &Path) -> PathBuf {
    let tests = std::env::current_exe().expect("a test knows where it lies");
    let built = tests.parent().and_then(Path::parent).expect("tests lie in target/<profile>/deps");
    let built = built.join("gantry-under-test");
    assert!(built.exists(), "there is no {}; cargo builds it with `cargo build -p gantry-tests`", built.display());
    let program = dir.join("bin/gantry");
    if !program.exists() {
        fs::create_dir_all(dir.join("bin")).expect("a directory can be made");
        // Another file system can't have a second name for it.
        let placed = fs::hard_link(&built, &program).or_else(|_| fs::copy(&built, &program).map(drop));
        placed.expect("the binary can be placed");
    }
    program
}

impl Machine {
    /// A machine with the bot started on the example project.
    pub async fn start() -> Self {
        Self::with_project(None).await
    }

    /// A machine on which programs find these in their environment.
    pub async fn with_env(text: &str, env: &[(&str, &str)]) -> Self {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::with(Some(text), env).await
    }

    /// The same with a project file of this text.
    ///
    /// # Panics
    /// If it can't be started.
    pub async fn with_project(text: Option<&str>) -> Self {
        Self::with(text, Vec::new()).await
    }

    async fn with(text: Option<&str>, env: Vec<(String, String)>) -> Self {
        let dir = tempfile::Builder::new().prefix("gantry-machine-").tempdir().expect("there is room for files");
        let project = text.map(|text| {
            let file = dir.path().join("gantry.toml");
            fs::write(&file, text).expect("the project file can be written");
            file
        });
        let program = program(dir.path());
        let mut machine = Self { dir, program, project, env, bot: None, printed: Arc::default() };
        machine.start_bot().await;
        machine
    }

    /// Where state lives.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// The binary with arguments, and `--dir`.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).arg("--dir").arg(self.state()).env_remove("GANTRY_DIR").env_remove("GANTRY_LOG");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Starts the bot, and waits until it says that it is up.
    ///
    /// # Panics
    /// If it isn't up in time.
    pub async fn start_bot(&mut self) {
        let project = self.project.as_ref().map(|file| file.to_string_lossy().into_owned());
        let mut args = vec!["try", "--port", "0"];
        args.extend(project.as_deref().map(|file| ["--project", file]).into_iter().flatten());
        let log = OpenOptions::new().create(true).append(true).open(self.log()).expect("a log can be written");
        let mut bot = self.command(&args).stdout(Stdio::piped()).stderr(log).spawn().expect("the binary starts");
        let printed = Arc::<Mutex<String>>::default();
        let mut lines = BufReader::new(bot.stdout.take().expect("its output is ours")).lines();
        let to = printed.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                to.lock().unwrap_or_else(PoisonError::into_inner).push_str(&format!("{line}\n"));
            }
        });
        self.printed = printed;
        self.bot = Some(bot);
        until("the bot is up", || async {
            self.printed().contains(UP).then_some(()).or_else(|| {
                assert!(self.bot_pid().is_some_and(process::alive), "the bot ended: {}", self.logs());
                None
            })
        })
        .await;
    }

    /// What the bot printed since its last start.
    #[must_use]
    pub fn printed(&self) -> String {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bot's process.
    #[must_use]
    pub fn bot_pid(&self) -> Option<u32> {
        self.bot.as_ref().and_then(Child::id)
    }

    /// `kill -9` of the bot, and gone.
    ///
    /// # Panics
    /// If it doesn't run.
    pub async fn kill_bot(&mut self) {
        let mut bot = self.bot.take().expect("the bot runs");
        bot.kill().await.expect("the bot can be killed");
    }

    /// Asks the bot to end, as Ctrl-C does, and waits for it.
    ///
    /// # Panics
    /// If it doesn't run, or doesn't end well.
    pub async fn stop_bot(&mut self) {
        let mut bot = self.bot.take().expect("the bot runs");
        process::terminate(bot.id().expect("the bot runs"));
        let status = bot.wait().await.expect("the bot ends");
        assert!(status.success(), "the bot ended with {status}: {}", self.logs());
    }

    /// `kill -9` of the runtime, and gone.
    pub async fn kill_runtime(&self) {
        let pid = self.runtime_pid().await;
        process::kill9(pid);
        until("the runtime is gone", || async { (!process::alive(pid)).then_some(()) }).await;
    }

    /// The runtime's process.
    ///
    /// # Panics
    /// If it doesn't run.
    pub async fn runtime_pid(&self) -> u32 {
        self.runtime().await.status().await.expect("the runtime answers").pid
    }

    /// A client of the runtime.
    pub async fn runtime(&self) -> api::Client {
        until("the runtime answers", || async { api::Client::connect(&self.state()).await.ok() }).await
    }

    /// The end of a test: everything is stopped as a person would do it, and nothing is left.
    ///
    /// # Panics
    /// If something is.
    pub async fn leave(mut self) {
        if self.bot.is_some() {
            self.stop_bot().await;
        }
        let stop = self.command(&["runtime", "stop", "--tasks"]).stdout(Stdio::null()).status().await;
        assert!(stop.expect("the binary starts").success(), "the runtime can't be stopped: {}", self.logs());
        until("no process is left", || async { process::of(self.dir.path()).is_empty().then_some(()) }).await;
    }

    /// Asks one of the machine's sites for its page.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub async fn page(&self, url: &str) -> Result<http::Answer, String> {
        http::get(url).await
    }

    /// Every process of this machine.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        process::of(self.dir.path())
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("bot.log")
    }

    fn logs(&self) -> String {
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let runtime = read(&self.state().join("runtime/daemon.log"));
        format!("\n-- bot\n{}\n-- runtime\n{runtime}", read(&self.log()))
    }
}

impl Drop for Machine {
    #[expect(clippy::print_stderr, reason = "a failing test says what its processes said")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
        process::end_all_of(self.dir.path());
    }
}
