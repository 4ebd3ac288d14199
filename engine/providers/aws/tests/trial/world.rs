//! A world: the stand-in, a store, a clock that both follow, and a project. Engines live and die in it.
//!
//! Nobody's own time counts here. The clock moves when no call is under way and everybody sleeps, to the next one's time
//! to wake, and the stand-in's with it. So a slow machine changes nothing, and durations are those of the stand-in.

use crate::process::{Process, Watched};
use gantry_aws::{Ecs, Endpoint, settings};
use gantry_engine::apply::{Drive, Engine, NoPlan, Projects, Tuning};
use gantry_engine::approval::{Ballot, Vote};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::journal::{Entry, Operation, Signal, Stamped, State, StepState};
use gantry_engine::names::{
    ChannelId, DeliveryId, EnvKey, EnvName, Holder, InstallationId, OpId, ProjectName, ServiceName, UserId, Version,
};
use gantry_engine::ports::{Clock, Commit, Platform, Platforms, Proposed, Store, StoreError, Writer};
use gantry_engine::project::Project;
use gantry_project::{Platform as Named, Vocabulary, inspect};
use gantry_standin::{Options, Standin};
use gantry_testkit::clock::ManualClock;
use gantry_testkit::memory_store::MemoryStore;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// The example's four services.
pub(crate) const MINI_SOA: &str = include_str!("../../../../../examples/mini-soa/gantry-aws.toml");
/// The least that has a task.
pub(crate) const SMALL: &str = include_str!("small.toml");

/// So many turns of the runtime without a call count as "everybody sleeps".
const SETTLED: usize = 48;
/// So many settled rounds in which nobody sleeps are a deadlock.
const STUCK: usize = 2_000;
/// How much faster than ours the pauses and limits of the SDK go: the world's time is no time of ours.
const SPEED: f64 = 1_000.0;
/// More drives than any operation needs; one that needs more goes in circles.
const DRIVES: usize = 400;
/// From so many deaths over one operation on people may be asked. Undisturbed processes never ask them.
const CRASH_LOOP: usize = 100;

struct Fixed(Arc<Project>);

impl Projects for Fixed {
    fn project(&self, name: &ProjectName) -> Option<Arc<Project>> {
        (&self.0.name == name).then(|| Arc::clone(&self.0))
    }
}

/// How many calls there were, as the stand-in counts them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Calls {
    /// Those that change nothing.
    pub(crate) reads: usize,
    /// Those that change something.
    pub(crate) writes: usize,
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} reads and {} writes", self.reads, self.writes)
    }
}

/// What a process finds when it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    /// How many processes have died over the same operation.
    pub(crate) deaths: usize,
    /// How many of its steps are done.
    pub(crate) done: usize,
}

/// Everything outside of a process.
pub(crate) struct World {
    pub(crate) standin: Standin,
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) key: EnvKey,
    project: Arc<Fixed>,
    tuning: Tuning,
    numbers: AtomicU64,
}

impl World {
    /// A world with an account as the project expects it: a zone, and images of three versions.
    pub(crate) fn new(project: &str, seed: u64) -> Self {
        Self::furnished(seed, |_| project.to_owned())
    }

    /// The same with more in its account, which the project names.
    pub(crate) fn furnished(seed: u64, project: impl FnOnce(&Standin) -> String) -> Self {
        let standin = Standin::start(Options { scale: 0.0, ..Options::default() });
        standin.post("reset", &json!({ "seed": seed }));
        standin.equip(&["1.0", "1.1", "1.2"]);
        let now = standin.get("now")["now"].as_f64().expect("it tells the time");
        let now = Timestamp::from_millisecond((now * 1_000.0) as i64).expect("a time");
        let project = read(&project(&standin));
        Self {
            key: EnvKey { project: project.name.clone(), env: EnvName::new("staging").expect("a name") },
            standin,
            store: MemoryStore::new(),
            clock: Arc::new(ManualClock::new(now)),
            project: Arc::new(Fixed(Arc::new(project))),
            // A world in which processes die all the time is given the time for it.
            tuning: Tuning { step: SignedDuration::from_hours(4), ..Tuning::default() },
            numbers: AtomicU64::new(0),
        }
    }

    /// The engine of a new process, with connections of its own.
    pub(crate) fn engine(&self, process: &Process) -> Engine {
        self.engine_over(Arc::new(self.store.seen_by(&process.life)), process)
    }

    /// The same, with a store of one's choice.
    pub(crate) fn engine_over(&self, store: Arc<dyn Store>, process: &Process) -> Engine {
        let installation = InstallationId::new("0a1b2c3d");
        let to =
            Endpoint { url: self.standin.url().to_owned(), region: "eu-central-1".to_owned(), speed: SPEED, dns: None };
        let platform: Arc<dyn Platform> = Arc::new(Watched::new(installation.clone(), to, process));
        Engine {
            store,
            platforms: Platforms::from([(Ecs::platform_name(), platform)]),
            projects: self.project.clone(),
            clock: self.clock.clone(),
            installation,
            holder: Holder::new(format!("process-{}", self.number())),
            tuning: self.tuning,
        }
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::SeqCst)
    }

    /// Runs what a process does to its end, or to that of the process.
    pub(crate) async fn run<F: Future>(&self, process: &Process, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let mut stuck = 0;
        loop {
            tokio::select! {
                biased;
                () = process.life.stopped() => return None,
                output = &mut future => return Some(output),
                () = settle(process) => {}
            }
            if process.held() > 0 {
                return None;
            }
            match self.clock.next_wake() {
                Some(wake) => {
                    self.go_to(wake);
                    stuck = 0;
                }
                None => stuck += 1,
            }
            assert!(stuck < STUCK, "nobody sleeps and nothing moves: it waits for something that never comes");
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.go_to(self.clock.now().saturating_add(time).expect("a time"));
    }

    /// First the stand-in's time, so that whoever wakes finds it done.
    fn go_to(&self, then: Timestamp) {
        self.standin.advance(then.duration_since(self.clock.now()).as_secs_f64().max(0.0));
        self.clock.set(then);
    }

    pub(crate) fn request(&self, change: Change) -> Request {
        Request {
            key: self.key.clone(),
            words: change.verb().to_owned(),
            change,
            by: Actor::User(UserId::new("U1")),
            because: None,
            bypass: false,
            schedule: None,
            resumes: None,
            delivery: self.delivery(),
            place: Place { channel: ChannelId::new("C1"), thread: None },
            at: self.clock.now(),
            waits: false,
        }
    }

    /// Asks for a change, as somebody does in a process that doesn't die.
    pub(crate) async fn propose(&self, change: Change) -> OpId {
        let process = Process::forever();
        let (engine, request) = (self.engine(&process), self.request(change));
        let asked = self.run(&process, async {
            loop {
                match engine.propose(request.clone()).await {
                    Ok((Proposed::New(op) | Proposed::Already(op), _)) => return op,
                    Err(NoPlan::Survey(_)) => {
                        self.clock.sleep_until(self.clock.now() + SignedDuration::from_secs(1)).await;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        });
        let op = asked.await.expect("this process doesn't die");
        if self.operation(op).await.state() == State::Voting {
            self.confirm(op).await;
        }
        op
    }

    /// Whoever asked for it confirms the plan.
    async fn confirm(&self, id: OpId) {
        let (digest, at) = (self.operation(id).await.motion().digest(), self.clock.now());
        let (by, groups) = (UserId::new("U1"), BTreeSet::new());
        self.say(id, Entry::Voted(Vote { by, ballot: Ballot::Approve, digest, plan: None, groups, because: None, at }))
            .await;
    }

    /// A person's word on an operation.
    pub(crate) async fn say(&self, id: OpId, entry: Entry) {
        let (mut op, at) = (self.operation(id).await, self.clock.now());
        let after = op.seq;
        op.apply(&Stamped { seq: after + 1, at, entry: entry.clone() }).expect("it can follow");
        let (writer, state) = (Writer::Delivery(self.delivery()), op.state());
        let (rows, releases) = (Vec::new(), Vec::new());
        let commit = Commit { op: id, writer, after, entries: vec![entry], at, state, rows, record: None, releases };
        self.store.append(commit).await.expect("nobody else writes");
    }

    /// Drives an operation to its end, with as many processes as that takes: each is the next of `processes`.
    pub(crate) async fn finish(&self, op: OpId, mut processes: impl FnMut(Left) -> Process) -> (State, usize) {
        let mut deaths = 0;
        loop {
            let steps = self.operation(op).await.steps;
            let done = steps.iter().filter(|state| matches!(state, StepState::Done { .. })).count();
            let process = processes(Left { deaths, done });
            let engine = self.engine(&process);
            let ended = self.run(&process, self.drive(&engine, op)).await;
            drop(engine);
            match ended {
                Some(state) => return (state, deaths),
                None => deaths += 1,
            }
        }
    }

    async fn drive(&self, engine: &Engine, op: OpId) -> State {
        let bell = Notify::new();
        for _ in 0..DRIVES {
            let pause = SignedDuration::from_secs(1);
            match engine.drive(op, &bell).await {
                Ok(Drive::Closed) => return self.operation(op).await.state(),
                Ok(Drive::People { .. }) if self.is_crash_loop(op).await => {
                    println!("people are asked, and say `retry`: {}", self.open(op).await);
                    let by = Actor::User(UserId::new("U1"));
                    self.say(op, Entry::Signalled { signal: Signal::Retry, by, because: None }).await;
                }
                Ok(Drive::People { .. }) => panic!("{op} asks people: {}", self.open(op).await),
                Ok(Drive::Busy { until } | Drive::Held { until }) => self.clock.sleep_until(until).await,
                Ok(Drive::Queued) | Err(StoreError::Unavailable(_) | StoreError::Fenced(_)) => {
                    self.clock.sleep_until(self.clock.now() + pause).await;
                }
                Err(error) => panic!("{op}: {error}"),
            }
        }
        panic!("{op} goes in circles: {}", self.open(op).await);
    }

    /// Whether processes died so often that a step may have run out of tries: each death makes it wait anew until what
    /// was made meanwhile would show up.
    async fn is_crash_loop(&self, op: OpId) -> bool {
        let journal = self.journal(op).await;
        journal.iter().filter(|stamped| matches!(stamped.entry, Entry::Resumed { .. })).count() > CRASH_LOOP
    }

    async fn open(&self, op: OpId) -> String {
        let op = self.operation(op).await;
        let idle = |state: &StepState| matches!(state, StepState::Done { .. } | StepState::Todo);
        let steps = op.plan.steps.iter().zip(&op.steps).filter(|(_, state)| !idle(state));
        let open: Vec<_> = steps.map(|(step, state)| format!("{} {state:?}", step.addr)).collect();
        open.join("\n")
    }

    fn delivery(&self) -> DeliveryId {
        DeliveryId::new(format!("delivery-{}", self.number()))
    }

    /// The calls since they were last asked for.
    pub(crate) fn calls(&self) -> Calls {
        let all = self.standin.calls();
        self.standin.forget_calls();
        let writes = all.iter().filter(|call| call.mutating).count();
        Calls { reads: all.len() - writes, writes }
    }

    pub(crate) async fn journal(&self, op: OpId) -> Vec<Stamped> {
        self.store.history(op, 0).await.expect("it is there")
    }

    /// The operation that its journal tells: so the journal is legal.
    pub(crate) async fn operation(&self, op: OpId) -> Operation {
        Operation::fold(op, &self.journal(op).await).expect("the journal is legal")
    }
}

fn read(text: &str) -> Project {
    let settings::Schemas { project, cluster, service, environment } = settings::schemas();
    let ours = Named { name: settings::PLATFORM.to_owned(), project, cluster, service, environment };
    let platforms = [ours, Named::named("local")];
    let seen = inspect(text, "gantry.toml", &Vocabulary { verbs: &[], platforms: &platforms });
    seen.project.unwrap_or_else(|| panic!("{}", seen.findings.in_lines()))
}

/// `deploy SERVICE[:VERSION]`.
pub(crate) fn deploy(service: &str, version: Option<&str>) -> Change {
    let services = vec![(ServiceName::new(service).expect("a name"), version.map(Version::new))];
    Change::Deploy { services, lifetime: None }
}

pub(crate) const TEARDOWN: Change = Change::Teardown { volumes: true };

/// Returns when no call is under way and everybody else on the runtime has had their turns.
async fn settle(process: &Process) {
    let mut turns = 0;
    while turns < SETTLED {
        if process.busy.is_busy() {
            process.busy.idle().await;
            turns = 0;
        }
        tokio::task::yield_now().await;
        turns += 1;
    }
}

/// A number that whoever runs the tests sets, or the usual one.
#[expect(clippy::disallowed_methods, reason = "how much is run is asked of who runs it")]
pub(crate) fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// The part of them that whoever runs the tests chose: every `GANTRY_TRIAL_EVERY`-th from `GANTRY_TRIAL_FROM` on.
pub(crate) fn chosen<T>(all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    all.skip(number("GANTRY_TRIAL_FROM", 0)).step_by(number("GANTRY_TRIAL_EVERY", 1))
}
