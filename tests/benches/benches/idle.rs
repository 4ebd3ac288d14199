//! How soon the bot listens, and what it holds when nobody asks for anything: the binary as people start it.
//!
//! `try` holds the bot and the embedded workspace in one process; `serve` is the bot alone, here with signed HTTP, against
//! a workspace in this process. The local runtime is a daemon of its own and isn't counted. `--gantry FILE` measures
//! another binary than the one that was built beside this one.

use gantry::clock::SystemClock;
use gantry_benches::{Child, Memory, Table, median, millis};
use gantry_engine::ports::Clock;
use gantry_workspace::{Workspace, WorkspaceConfig};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// How long a bot is left alone before it is looked at.
const IDLE: Duration = Duration::from_secs(5);
const STARTS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let given = arguments.iter().skip_while(|argument| *argument != "--gantry").nth(1).map(PathBuf::from);
    let gantry = given.unwrap_or_else(beside);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    let config = WorkspaceConfig::new(Arc::new(|| SystemClock.now()));
    let workspace = runtime.block_on(Workspace::start(config)).expect("a workspace");
    let token = dir.path().join("token");
    std::fs::write(&token, &workspace.secrets().bot_token).expect("a file");

    let (tried, served) = (dir.path().join("try"), dir.path().join("serve"));
    let started_try = |command: &mut Command| {
        command.args(["try", "--port", "0", "--dir"]).arg(&tried);
    };
    let started_serve = |command: &mut Command| {
        command.args(["serve", "--http", "127.0.0.1:0", "--signing-secret-file"]).arg(&token);
        command.arg("--bot-token-file").arg(&token).arg("--api-url").arg(workspace.api_url());
        command.arg("--project").arg(tried.join("mini-soa.toml")).arg("--dir").arg(&served);
    };
    let columns = [
        "process",
        "first start, ms",
        "later starts, ms",
        "RSS MB",
        "PSS MB",
        "own and written MB",
        "threads",
        "CPU ms/s",
    ];
    let mut table = Table::new("The idle bot (whole processes)", &columns);
    table.row(row("try: bot and workspace", &gantry, "Gantry is up", &started_try));
    table.row(row("serve --http: the bot alone", &gantry, "Gantry listens", &started_serve));
    table.print();
    for dir in [&tried, &served] {
        let stop =
            Command::new(&gantry).args(["runtime", "stop", "--tasks", "--dir"]).arg(dir).stdout(Stdio::null()).status();
        assert!(stop.expect("it starts").success(), "the local runtime stops");
    }
    runtime.block_on(workspace.shutdown());
}

/// The binary that the same build made.
fn beside() -> PathBuf {
    let own = std::env::current_exe().expect("a path");
    let found = own.ancestors().nth(2).map(|dir| dir.join("gantry")).filter(|file| file.is_file());
    found.expect("build the binary first: cargo build --release --package gantry")
}

fn row(name: &str, gantry: &Path, ready: &str, arguments: &dyn Fn(&mut Command)) -> Vec<String> {
    let start = || {
        let mut command = Command::new(gantry);
        arguments(&mut command);
        let mut child = Child::start(&mut command);
        let (_, took) = child.says(ready);
        (child, took)
    };
    let (first, took) = start();
    drop(first);
    let mut later: Vec<Duration> = (0..STARTS).map(|_| start().1).collect();
    later.sort_unstable();
    let (child, _) = start();
    let (memory, cpu) = idle(&child);
    let Memory { resident, proportional, private_dirty, threads } = memory;
    let megabytes = |kib: u64| format!("{:.1}", kib as f64 / 1024.0);
    vec![
        name.to_owned(),
        millis(took),
        millis(median(&later)),
        megabytes(resident),
        megabytes(proportional),
        megabytes(private_dirty),
        threads.to_string(),
        format!("{:.2}", cpu.as_secs_f64() * 1e3 / IDLE.as_secs_f64()),
    ]
}

/// What a process holds after a while of nothing, and what it does meanwhile.
#[expect(clippy::disallowed_methods, reason = "what is measured is doing nothing for a while")]
fn idle(child: &Child) -> (Memory, Duration) {
    std::thread::sleep(IDLE);
    let before = child.cpu();
    std::thread::sleep(IDLE);
    (child.memory(), child.cpu().saturating_sub(before))
}
