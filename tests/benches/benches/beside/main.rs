//! The same job by Gantry and by Ansible's modules for AWS: two public services on Fargate behind a load balancer, made,
//! asked for again, and taken down. How many calls that takes, how long, and how much of it somebody has to write.
//!
//! Both work on the strict stand-in for AWS, each in a new world. `--ansible DIR` says in which virtual environment
//! Ansible is; without it there is nothing to compare with. `--latency` is for each of AWS's answers, in milliseconds (100).
//! `--scale` is how much faster than ours the stand-in's time goes: 1, as AWS does, or 1000, as if it took none.

mod ansible;
mod ours;

use gantry_benches::{Cost, Table, say};
use gantry_standin::{Options, Standin};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Where the job's files are.
const JOB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/beside");

/// Who does the job, and can do each part of it.
trait Tool {
    fn name(&self) -> &'static str;
    /// What somebody writes for it.
    fn files(&self) -> &'static [&'static str];
    /// Does a part of the job, and returns when it is done.
    fn does(&self, part: Part) -> Cost;
}

/// A part of the job.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Everything is made, and serves.
    Up,
    /// The same is asked for, and there is nothing to change.
    Again,
    /// Everything is taken down.
    Down,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| arguments.iter().skip_while(|argument| *argument != flag).nth(1);
    let number = |flag, usual| after(flag).map_or(usual, |text| text.parse().expect("a number"));
    let (scale, latency) = (number("--scale", 1.0), number("--latency", 100.0));
    let ansible = after("--ansible").map(PathBuf::from);
    let title = format!("The same job, {latency} ms an answer, AWS's own time {scale} times ours");
    let mut table = Table::new(&title, &["part", "tool", "writes", "refused", "reads", "seconds", "CPU seconds"]);
    let mut lines = Table::new("What somebody writes", &["tool", "files", "lines"]);
    compare(&mut table, &mut lines, (scale, latency), |standin| Box::new(ours::Gantry::on(standin)));
    if let Some(venv) = ansible {
        compare(&mut table, &mut lines, (scale, latency), |standin| Box::new(ansible::Ansible::on(standin, &venv)));
    }
    table.print();
    lines.print();
}

/// Has one tool do the job in a world of its own.
fn compare(
    table: &mut Table,
    lines: &mut Table,
    (scale, latency): (f64, f64),
    tool: impl Fn(&Standin) -> Box<dyn Tool>,
) {
    let standin = Standin::start(Options { scale, ..Options::default() });
    standin.equip(&["1.0"]);
    standin.faults(json!({ "latency": { "default": [latency, latency] } }));
    let tool = tool(&standin);
    let before = there(&standin);
    for part in [Part::Up, Part::Again, Part::Down] {
        standin.forget_calls();
        let cost = tool.does(part);
        let calls = standin.calls();
        let writes = calls.iter().filter(|call| call.mutating).count();
        let refused = calls.iter().filter(|call| call.mutating && call.code.is_some()).count();
        let seconds = |time: Duration| format!("{:.0}", time.as_secs_f64());
        let counts = [writes, refused, calls.len() - writes].map(|count| count.to_string());
        let row = [format!("{part:?}").to_lowercase(), tool.name().to_owned()].into_iter().chain(counts);
        let row: Vec<_> = row.chain([seconds(cost.wall), format!("{:.1}", cost.cpu.as_secs_f64())]).collect();
        say(&format!("{}; there is more than before: {:?}", row.join(" | "), more(&before, &there(&standin))));
        table.row(row);
    }
    let texts =
        tool.files().iter().map(|file| std::fs::read_to_string(PathBuf::from(JOB).join(file)).expect("it is there"));
    let written = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let count: usize = texts.map(|text| text.lines().filter(written).count()).sum();
    lines.row([tool.name().to_owned(), tool.files().join(", "), count.to_string()]);
}

/// How many things of each sort there are, by the stand-in's own account.
fn there(standin: &Standin) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for thing in standin.state() {
        *count.entry(format!("{}/{}", thing.service, thing.sort)).or_default() += 1;
    }
    count
}

/// Of what there are more than before.
fn more(before: &BTreeMap<String, usize>, now: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let more = |(sort, count): (&String, &usize)| {
        let more = count - before.get(sort).copied().unwrap_or_default().min(*count);
        (more > 0).then(|| (sort.clone(), more))
    };
    now.iter().filter_map(more).collect()
}
