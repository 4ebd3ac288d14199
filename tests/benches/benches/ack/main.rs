//! From a signed slash command to its acknowledgement: our intake with its durable write, beside the smallest possible
//! app of Bolt for JavaScript, which writes nothing. Both are processes of their own under the same load.
//!
//! What isn't measured here: the work after the acknowledgement. `--bolt DIR` says where `@slack/bolt` is installed;
//! without it there is nothing to compare with.

mod load;
mod server;

use gantry_benches::{Child, Table, median, micros, millis, say, times};
use load::{Load, Target};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const SECRET: &str = "a signing secret, for a bench";
const CONNECTIONS: [usize; 3] = [1, 16, 64];
const ROUNDS: usize = 5;

/// What the two are called in tables.
const OURS: &str = "Gantry, stored";
const BOLT: &str = "Bolt, not stored";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| arguments.iter().skip_while(|argument| *argument != flag).nth(1).map(PathBuf::from);
    if let Some(file) = after("--serve") {
        return server::run(&file, SECRET);
    }
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("gantry.db");
    let mut ours = Command::new(std::env::current_exe().expect("a path"));
    let mut targets = vec![start(OURS, "/slack/commands", ours.arg("--serve").arg(&file))];
    if let Some(dir) = after("--bolt") {
        let mut node = Command::new("node");
        let node = node.args(["-e", include_str!("echo.js"), SECRET]).current_dir(dir).env("NODE_ENV", "production");
        targets.push(start(BOLT, "/slack/events", node));
    }
    let stored = compare(&targets);
    drop(targets);
    let kept = server::count(&file);
    say(&format!("{stored} acknowledged by ours, {kept} in its database"));
}

fn start(name: &'static str, path: &'static str, command: &mut Command) -> (Target, Child) {
    let mut child = Child::start(command);
    let (line, _) = child.says("listening ");
    let address = line.trim_start_matches("listening ").parse().expect("an address");
    (Target { name, path, address }, child)
}

/// Loads both in turn; gives how many commands ours acknowledged.
fn compare(targets: &[(Target, Child)]) -> usize {
    let columns = ["connections", "server", "acks / s", "p50 ms", "p99 ms", "µs of server CPU each"];
    let mut table = Table::new("Signed slash command to acknowledgement (medians of rounds in turn)", &columns);
    let ratio_columns =
        ["connections", "acks / s, ours / Bolt", "p50, Bolt / ours", "p99, Bolt / ours", "CPU, Bolt / ours"];
    let mut ratios = Table::new("The same as ratios (medians, round by round); above 1 ours is better", &ratio_columns);
    let mut load = Load::new(SECRET);
    let mut stored = 0;
    for connections in CONNECTIONS {
        let mut runs: Vec<Vec<Figures>> = targets.iter().map(|_| Vec::new()).collect();
        for round in 0..=ROUNDS {
            for ((target, child), runs) in targets.iter().zip(&mut runs) {
                let before = child.cpu();
                let run = load.run(target, connections);
                let cpu = child.cpu().saturating_sub(before);
                stored += if target.name == OURS { run.all } else { 0 };
                // The first is for warming up.
                if round > 0 {
                    runs.push(Figures::of(&run, cpu));
                }
            }
        }
        for ((target, _), runs) in targets.iter().zip(&runs) {
            let middle = Figures::middle(runs);
            let cells = [millis(middle.p50), millis(middle.p99), micros(middle.cpu)];
            let start = [connections.to_string(), target.name.to_owned(), format!("{:.0}", middle.rate)];
            table.row(start.into_iter().chain(cells));
        }
        if let [ours, bolt] = runs.as_slice() {
            let ratio = |of: fn(&Figures, &Figures) -> f64| {
                let mut all: Vec<f64> = ours.iter().zip(bolt).map(|(ours, bolt)| of(ours, bolt)).collect();
                all.sort_by(f64::total_cmp);
                times(all[all.len() / 2], 1.0)
            };
            ratios.row([
                connections.to_string(),
                ratio(|ours, bolt| ours.rate / bolt.rate),
                ratio(|ours, bolt| bolt.p50.as_secs_f64() / ours.p50.as_secs_f64()),
                ratio(|ours, bolt| bolt.p99.as_secs_f64() / ours.p99.as_secs_f64()),
                ratio(|ours, bolt| bolt.cpu.as_secs_f64() / ours.cpu.as_secs_f64()),
            ]);
        }
    }
    table.print();
    ratios.print();
    stored
}

/// What one run gives.
#[derive(Clone, Copy)]
struct Figures {
    rate: f64,
    p50: Duration,
    p99: Duration,
    cpu: Duration,
}

impl Figures {
    fn of(run: &load::Run, cpu: Duration) -> Self {
        let all = u32::try_from(run.all).expect("a number of requests");
        Self { rate: run.all as f64 / run.took.as_secs_f64(), p50: run.p50, p99: run.p99, cpu: cpu / all.max(1) }
    }

    fn middle(runs: &[Self]) -> Self {
        let column = |of: fn(&Self) -> Duration| {
            let mut column: Vec<Duration> = runs.iter().map(of).collect();
            column.sort_unstable();
            median(&column)
        };
        let mut rates: Vec<f64> = runs.iter().map(|run| run.rate).collect();
        rates.sort_by(f64::total_cmp);
        Self {
            rate: rates[(rates.len() - 1) / 2],
            p50: column(|run| run.p50),
            p99: column(|run| run.p99),
            cpu: column(|run| run.cpu),
        }
    }
}
