//! What the engine itself costs per step: an operation of many steps on a provider whose every effect is done at once.
//!
//! On the store in memory nothing is committed, so the figure is the engine's own (with that store's copying); on SQLite
//! the commits come on top. Chat, workers and reports are left out: they run beside an operation, not in it.

use async_trait::async_trait;
use gantry::clock::SystemClock;
use gantry_benches::{Cost, Spread, Table, cost, micros};
use gantry_engine::address::{Addr, Kind};
use gantry_engine::apply::{Drive, Engine, Projects, Tuning};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::environment::Environment;
use gantry_engine::names::{
    ChannelId, DeliveryId, EnvKey, Holder, InstallationId, OpId, PlatformName, ProjectName, UserId,
};
use gantry_engine::plan::{Diff, Rules, Transition};
use gantry_engine::ports::{Driver, Findings, Platform, Platforms, Proposed, Store, Survey, Whose};
use gantry_engine::project::Project;
use gantry_engine::provider::{
    Facts, Handle, Killed, Live, LogLine, LogQuery, Observed, Progress, ProviderError, Put, Remove,
};
use gantry_engine::receipt::Found;
use gantry_engine::resource::{Desired, PhysicalId, Resource};
use gantry_engine::value::{Output, Ref, Spec, Value, When};
use gantry_store::SqliteStore;
use gantry_testkit::memory_store::MemoryStore;
use gantry_testkit::sample;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Builder;
use tokio::sync::Notify;

const STEPS: usize = 1_000;
const ROUNDS: usize = 5;
const FAN_OUT: usize = 10;

const KIND: Kind = Kind::new("bench.thing");
const ID: Output = Output::new("id");

type Result<T> = std::result::Result<T, ProviderError>;

/// A platform of many small things that are there as soon as they are wanted.
struct Instant;

impl Rules for Instant {
    fn transition(&self, _: &Diff<'_>) -> Transition {
        Transition::InPlace
    }

    fn holds_data(&self, _: &Kind) -> bool {
        false
    }
}

fn platform() -> PlatformName {
    PlatformName::new("instant").expect("a name")
}

#[async_trait]
impl Platform for Instant {
    fn name(&self) -> PlatformName {
        platform()
    }

    async fn survey(&self, _: &Environment) -> Result<Survey> {
        Ok(Survey::default())
    }

    fn lower(&self, env: &Environment, _: &Facts) -> std::result::Result<Desired, Findings> {
        let addr = |number: usize| Addr::new(&env.key.env, "bench", &format!("r{number}")).expect("an address");
        let resource = |number: usize| {
            let of = |to| Ref { addr: addr(to), output: ID, when: When::Known };
            let parent = number.checked_sub(1).map_or(Value::text("none"), |before| of(before / FAN_OUT).into());
            (addr(number), Resource { kind: KIND, spec: Spec::new().with("parent", parent).with("size", 3_i64) })
        };
        Ok(Desired { resources: (0..STEPS).map(resource).collect(), outputs: BTreeMap::new() })
    }

    fn rules(&self) -> &dyn Rules {
        self
    }

    fn driver(&self, _: &Kind) -> Option<&dyn Driver> {
        Some(self)
    }

    async fn inventory(&self, _: &InstallationId, _: Whose<'_>) -> Result<Vec<Found>> {
        Ok(Vec::new())
    }

    async fn live(&self, _: &EnvKey) -> Result<Live> {
        Ok(Live::default())
    }

    async fn logs(&self, _: &EnvKey, _: &LogQuery) -> Result<Vec<LogLine>> {
        Ok(Vec::new())
    }

    async fn kill(&self, _: &EnvKey, target: &str) -> Result<Killed> {
        Err(ProviderError::Invalid(format!("there is no {target}")))
    }
}

#[async_trait]
impl Driver for Instant {
    async fn read(&self, _: &Handle) -> Result<Option<Observed>> {
        Ok(None)
    }

    async fn put(&self, want: &Put) -> Result<Progress> {
        let id = format!("id-{}", want.at.mark.addr.part);
        Ok(Progress::Done(Observed { outputs: BTreeMap::from([(ID, id.clone())]), id: Some(PhysicalId(id)) }))
    }

    async fn remove(&self, _: &Remove) -> Result<Progress> {
        Ok(Progress::Done(Observed::default()))
    }

    async fn abort(&self, _: &Put) -> Result<()> {
        Ok(())
    }
}

struct Sample(Arc<Project>);

impl Projects for Sample {
    fn project(&self, name: &ProjectName) -> Option<Arc<Project>> {
        (&self.0.name == name).then(|| self.0.clone())
    }
}

fn engine(store: Arc<dyn Store>) -> Engine {
    Engine {
        store,
        platforms: Platforms::from([(platform(), Arc::new(Instant) as Arc<dyn Platform>)]),
        projects: Arc::new(Sample(Arc::new(sample::project(&platform())))),
        clock: Arc::new(SystemClock),
        installation: InstallationId::new("bench"),
        holder: Holder::new("bench"),
        tuning: Tuning::default(),
    }
}

async fn propose(engine: &Engine) -> OpId {
    let request = Request {
        key: sample::key("dev"),
        words: "provision dev".to_owned(),
        change: Change::Provision { lifetime: None },
        by: Actor::User(UserId::new("U1")),
        schedule: None,
        resumes: None,
        because: None,
        bypass: false,
        delivery: DeliveryId::new("1"),
        place: Place { channel: ChannelId::new("C1"), thread: None },
        at: engine.clock.now(),
        waits: false,
    };
    let (proposed, planned) = engine.propose(request).await.expect("a plan");
    assert_eq!(planned.plan.steps.len(), STEPS);
    let (Proposed::New(op) | Proposed::Already(op)) = proposed;
    op
}

/// One operation from its approval to its end.
fn run(store: Arc<dyn Store>, runtime: &tokio::runtime::Runtime) -> Cost {
    let engine = engine(store);
    let op = runtime.block_on(propose(&engine));
    let (cost, drive) = cost(|| runtime.block_on(engine.drive(op, &Notify::new())));
    assert_eq!(drive.expect("a store that answers"), Drive::Closed);
    cost
}

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (mut memory, mut sqlite, mut commits) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        memory.push(run(Arc::new(MemoryStore::new()), &runtime));
        let dir = tempfile::tempdir().expect("a directory");
        let store = runtime.block_on(SqliteStore::open(dir.path().join("gantry.db"))).expect("a database");
        let store = Arc::new(store);
        let before = store.commits();
        sqlite.push(run(Arc::<SqliteStore>::clone(&store), &runtime));
        commits = store.commits() - before;
        runtime.block_on(store.close());
    }
    let title = format!("One operation of {STEPS} steps, per step (µs; median of {ROUNDS})");
    let mut table = Table::new(&title, &["store", "CPU", "wall", "least wall", "most wall", "commits in all"]);
    let each = |took: std::time::Duration| micros(took / u32::try_from(STEPS).expect("not many"));
    for (name, all, commits) in [("memory", memory, "-".to_owned()), ("SQLite, durable", sqlite, commits.to_string())] {
        let Spread { median, least, most } = Spread::of(&all);
        table.row([name.to_owned(), each(median.cpu), each(median.wall), each(least.wall), each(most.wall), commits]);
    }
    table.print();
}
