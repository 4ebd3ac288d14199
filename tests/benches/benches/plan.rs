//! How long a plan takes, by the number of resources, beside `terraform plan` on as many `terraform_data` resources with
//! the same fields and the same references between them. Neither asks anything of the outside.
//!
//! What isn't alike: terraform's figure is that of a whole process, which also starts and reads a file; its `validate`
//! reads the same file and plans nothing, so it is shown beside. Ours is the planner and the digest, in this process;
//! `--once COUNT` makes what is wanted, plans it once and ends, for whoever wants to measure a whole process of ours too.

use gantry_benches::{Cost, Spread, Table, cost_of_children, millis, rounds, times};
use gantry_engine::address::{Addr, Generation, Kind};
use gantry_engine::environment::Delta;
use gantry_engine::names::{Digest, EnvName, OpId};
use gantry_engine::plan::{Diff, Plan, Rules, Scope, Transition, plan};
use gantry_engine::resource::{Actual, Desired, PhysicalId, Resource, Row, RowState};
use gantry_engine::value::{Output, Ref, Spec, Value, When};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

const COUNTS: [usize; 3] = [100, 1_000, 10_000];
const ROUNDS: usize = 9;

/// Each resource refers to one before it, and so many refer to the same one.
const FAN_OUT: usize = 10;

const KIND: Kind = Kind::new("bench.thing");
const ID: Output = Output::new("id");

struct InPlace;

impl Rules for InPlace {
    fn transition(&self, _: &Diff<'_>) -> Transition {
        Transition::InPlace
    }

    fn holds_data(&self, _: &Kind) -> bool {
        false
    }
}

fn parent(number: usize) -> Option<usize> {
    (number > 0).then(|| (number - 1) / FAN_OUT)
}

fn addr(env: &EnvName, number: usize) -> Addr {
    Addr::new(env, &format!("group-{}", number / 100), &format!("r{number}")).expect("an address")
}

fn desired(env: &EnvName, count: usize) -> Desired {
    let resource = |number: usize| {
        let of = |to: usize| Ref { addr: addr(env, to), output: ID, when: When::Known };
        let parent = parent(number).map_or(Value::text("none"), |to| of(to).into());
        let size = i64::try_from(number % 7).expect("a small number");
        let zones = Value::List(vec!["a".into(), "b".into()]);
        let spec = Spec::new().with("name", format!("r{number}")).with("size", size).with("zones", zones);
        (addr(env, number), Resource { kind: KIND, spec: spec.with("parent", parent) })
    };
    Desired { resources: (0..count).map(resource).collect(), outputs: BTreeMap::new() }
}

/// Everything as it is wanted.
fn standing(desired: &Desired) -> Actual {
    let row = |(addr, resource): (&Addr, &Resource)| {
        let id = |addr: &Addr| format!("id-{}", addr.part);
        let row = Row {
            kind: resource.kind.clone(),
            incarnation: 1,
            state: RowState::Live,
            id: Some(PhysicalId(id(addr))),
            spec: resource.spec.clone(),
            known: None,
            resolved: resource.spec.refs().into_iter().map(|r| (r.clone(), id(&r.addr))).collect(),
            outputs: BTreeMap::from([(ID, id(addr))]),
            by: OpId(1),
        };
        ((addr.clone(), Generation::FIRST), row)
    };
    Actual { rows: desired.resources.iter().map(row).collect(), ..Actual::default() }
}

fn planned(desired: &Desired, actual: &Actual, env: &EnvName) -> (Plan, Digest) {
    let scope = Scope { env: env.clone(), components: None, addrs: None, remove_data: false };
    let plan = plan(desired, actual, &InPlace, &scope, Delta::default()).expect("a plan");
    let digest = plan.digest();
    (plan, digest)
}

/// The same resources in terraform's words.
fn terraform_file(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let parent = parent(number).map_or("\"none\"".to_owned(), |to| format!("terraform_data.r{to}.id"));
        let size = number % 7;
        writeln!(
            text,
            "resource \"terraform_data\" \"r{number}\" {{\n  \
             input = {{ name = \"r{number}\", size = {size}, zones = [\"a\", \"b\"], parent = {parent} }}\n}}"
        )
        .expect("memory is enough");
        text
    })
}

fn terraform(dir: &Path, arguments: &[&str]) -> Option<Cost> {
    let mut command = Command::new("terraform");
    command.args(arguments).current_dir(dir).env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
    let (cost, status) = cost_of_children(|| command.stdout(Stdio::null()).stderr(Stdio::null()).status());
    status.ok().filter(std::process::ExitStatus::success).map(|_| cost)
}

/// What terraform takes to plan the same, and to read it only; nothing where it isn't on the machine.
fn beside(count: usize) -> Option<(Spread, Cost)> {
    const PLAN: [&str; 5] = ["plan", "-refresh=false", "-lock=false", "-input=false", "-no-color"];
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("main.tf"), terraform_file(count)).expect("a file");
    terraform(dir.path(), &["init", "-input=false"])?;
    let validate = terraform(dir.path(), &["validate"])?;
    let runs = if count > 1_000 { 1 } else { 3 };
    let plans: Option<Vec<Cost>> = (0..runs).map(|_| terraform(dir.path(), &PLAN)).collect();
    Some((Spread::of(&plans?), validate))
}

fn main() {
    let env = EnvName::new("dev").expect("a name");
    let once = std::env::args().skip_while(|argument| argument != "--once").nth(1);
    if let Some(count) = once.and_then(|count| count.parse().ok()) {
        black_box(planned(&desired(&env, count), &Actual::default(), &env));
        return;
    }
    let create = ours(&env);
    terraforms(&create);
}

/// Ours, by what changes; gives what it takes to create everything, by count.
fn ours(env: &EnvName) -> BTreeMap<usize, Cost> {
    let title = "Plan and digest (median; the CPU of one thread)";
    let mut ours =
        Table::new(title, &["resources", "change", "steps", "ms of CPU", "ms on the wall", "µs of CPU each"]);
    let mut create = BTreeMap::new();
    for count in COUNTS {
        let nothing = Actual::default();
        let desired = desired(env, count);
        let standing = standing(&desired);
        let mut changed = desired.clone();
        if let Some(one) = changed.resources.get_mut(&addr(env, count / 2)) {
            one.spec = one.spec.clone().with("size", 99_i64);
        }
        let gone = Desired::default();
        let cases = [
            ("create all", &desired, &nothing),
            ("none", &desired, &standing),
            ("one", &changed, &standing),
            ("remove all", &gone, &standing),
        ];
        for (what, desired, actual) in cases {
            let steps = planned(desired, actual, env).0.steps.len();
            let spread = rounds(ROUNDS, || black_box(planned(desired, actual, env)));
            if what == "create all" {
                create.insert(count, spread.median);
            }
            let each = spread.median.cpu.as_secs_f64() * 1e6 / count as f64;
            let median = [millis(spread.median.cpu), millis(spread.median.wall), format!("{each:.1}")];
            ours.row([count.to_string(), what.to_owned(), steps.to_string()].into_iter().chain(median));
        }
    }
    ours.print();
    create
}

/// Beside terraform.
fn terraforms(create: &BTreeMap<usize, Cost>) {
    let columns =
        ["resources", "ours, ms of CPU", "terraform plan, ms of CPU", "terraform validate, ms of CPU", "plan / ours"];
    let mut table = Table::new("Create all, beside terraform (whole process, -refresh=false)", &columns);
    for count in COUNTS {
        let Some((plan, validate)) = beside(count) else {
            table
                .row([count.to_string(), millis(create[&count].cpu)].into_iter().chain((0..3).map(|_| "-".to_owned())));
            continue;
        };
        let ratio = times(plan.median.cpu.as_secs_f64(), create[&count].cpu.as_secs_f64());
        let cells =
            [count.to_string(), millis(create[&count].cpu), millis(plan.median.cpu), millis(validate.cpu), ratio];
        table.row(cells);
    }
    table.print();
}
