//! A world in memory: a fake cloud, a store, a clock and a project, and engines that live and die in it.
//!
//! The cloud and the store outlive every engine; the clock moves whenever everybody sleeps.

use gantry_engine::address::{Generation, Mark};
use gantry_engine::apply::{Drive, Engine, NoPlan, Planned, Projects, Tuning};
use gantry_engine::approval::{Ballot, Vote};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::journal::{Entry, Operation, Outcome, Signal, Stamped, State, StepState};
use gantry_engine::names::{ChannelId, DeliveryId, Holder, InstallationId, OpId, ProjectName, UserId, Version};
use gantry_engine::ports::{Clock, Commit, Platform, Platforms, Proposed, Store, StoreError, Writer};
use gantry_engine::project::Project;
use gantry_testkit::clock::ManualClock;
use gantry_testkit::fake::{FakeCloud, FakePlatform, Weather};
use gantry_testkit::life::Life;
use gantry_testkit::memory_store::MemoryStore;
use gantry_testkit::sample;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// More drives than any operation needs; one that needs more goes in circles.
const DRIVES: usize = 400;

/// The newest revision of the project.
pub(crate) struct Revision(Mutex<Arc<Project>>);

impl Projects for Revision {
    fn project(&self, name: &ProjectName) -> Option<Arc<Project>> {
        let project = self.0.lock().expect("no test panics while it edits").clone();
        (&project.name == name).then_some(project)
    }
}

/// Everything outside of a process.
pub(crate) struct World {
    pub(crate) cloud: FakeCloud,
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<ManualClock>,
    project: Arc<Revision>,
    deliveries: AtomicU64,
    processes: AtomicU64,
}

impl World {
    pub(crate) fn new(weather: Weather) -> Self {
        let project = sample::project(&FakePlatform::platform_name());
        let clock = Arc::default();
        Self {
            cloud: FakeCloud::new(weather).timed(&clock),
            store: MemoryStore::new(),
            clock,
            project: Arc::new(Revision(Mutex::new(Arc::new(project)))),
            deliveries: AtomicU64::new(0),
            processes: AtomicU64::new(0),
        }
    }

    /// Somebody edits the project file.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Project)) {
        let mut project = self.project.0.lock().expect("no test panics while it edits");
        edit(Arc::make_mut(&mut project));
    }

    /// A new process.
    pub(crate) fn engine(&self, life: &Life) -> Engine {
        self.engine_over(Arc::new(self.store.seen_by(life)), life)
    }

    /// A new process, with a store of one's choice.
    pub(crate) fn engine_over(&self, store: Arc<dyn Store>, life: &Life) -> Engine {
        let number = self.processes.fetch_add(1, Ordering::SeqCst);
        let platform: Arc<dyn Platform> = Arc::new(FakePlatform::seen_by(&self.cloud, life));
        Engine {
            store,
            platforms: Platforms::from([(FakePlatform::platform_name(), platform)]),
            projects: self.project.clone(),
            clock: self.clock.clone(),
            installation: InstallationId::new("here"),
            holder: Holder::new(format!("process-{number}")),
            tuning: Tuning::default(),
        }
    }

    pub(crate) fn delivery(&self) -> DeliveryId {
        DeliveryId::new(format!("delivery-{}", self.deliveries.fetch_add(1, Ordering::SeqCst)))
    }

    pub(crate) fn request(&self, env: &str, change: Change) -> Request {
        Request {
            key: sample::key(env),
            words: change.verb().to_owned(),
            change,
            by: Actor::User(UserId::new("U1")),
            schedule: None,
            resumes: None,
            because: None,
            bypass: false,
            delivery: self.delivery(),
            place: Place { channel: ChannelId::new("C1"), thread: None },
            at: self.clock.now(),
            waits: false,
        }
    }

    /// Asks for a change until there is an answer.
    pub(crate) async fn propose(&self, env: &str, change: Change) -> OpId {
        self.ask(env, change).await.expect("it can be asked for")
    }

    /// Asks for a change until there is an answer; none if it is refused.
    pub(crate) async fn ask(&self, env: &str, change: Change) -> Option<OpId> {
        let engine = self.engine(&Life::forever());
        let request = self.request(env, change);
        loop {
            match engine.propose(request.clone()).await {
                Ok((Proposed::New(op) | Proposed::Already(op), _)) => return Some(op),
                Err(NoPlan::Refused(_)) => return None,
                Err(error) if error.is_passing() => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The plan for a change as the world is now.
    pub(crate) async fn plan(&self, env: &str, change: Change) -> Planned {
        let engine = self.engine(&Life::forever());
        let request = self.request(env, change);
        loop {
            match engine.plan(&request).await {
                Ok(planned) => return planned,
                Err(NoPlan::Survey(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Drives an operation to its end, whatever it takes: waits, takes turns, tries again what is parked.
    pub(crate) async fn finish(&self, engine: &Engine, op: OpId) -> State {
        let bell = Notify::new();
        for _ in 0..DRIVES {
            let pause = SignedDuration::from_secs(1);
            match engine.drive(op, &bell).await {
                Ok(Drive::Closed) => return self.operation(op).await.state(),
                Ok(Drive::People { .. }) if self.operation(op).await.state() == State::Parked => {
                    self.signal(op, Signal::Retry).await;
                }
                Ok(Drive::People { .. }) => return self.operation(op).await.state(),
                // Nobody can take the lease of what is closed, either.
                Ok(Drive::Busy { .. }) if self.operation(op).await.outcome.is_some() => {
                    return self.operation(op).await.state();
                }
                Ok(Drive::Busy { until }) => self.clock.sleep_until(until).await,
                Ok(Drive::Queued | Drive::Held { .. }) | Err(StoreError::Unavailable(_) | StoreError::Fenced(_)) => {
                    self.clock.sleep_until(self.clock.now() + pause).await;
                }
                Err(error) => panic!("{op}: {error}"),
            }
        }
        let op = self.operation(op).await;
        let steps = op.plan.steps.iter().zip(&op.steps).filter(|(_, state)| !matches!(state, StepState::Done { .. }));
        let open: Vec<_> = steps.map(|(step, state)| format!("{} {} {state:?}", step.addr, step.generation)).collect();
        panic!("{} goes in circles: {open:#?}", op.id);
    }

    /// Asks for a change and does it, in a process that doesn't die.
    pub(crate) async fn done(&self, env: &str, change: Change) -> OpId {
        let op = self.propose(env, change).await;
        let engine = self.engine(&Life::forever());
        self.clock.run(self.finish(&engine, op)).await;
        op
    }

    /// The requester confirms the plan.
    pub(crate) async fn confirm(&self, op: OpId) {
        let digest = self.operation(op).await.motion().digest();
        let (by, at) = (UserId::new("U1"), self.clock.now());
        let vote = Vote { by, ballot: Ballot::Approve, digest, plan: None, groups: BTreeSet::new(), because: None, at };
        self.write(op, Entry::Voted(vote)).await;
    }

    /// Somebody signals, through a delivery.
    pub(crate) async fn signal(&self, op: OpId, signal: Signal) {
        let entry = Entry::Signalled { signal, by: Actor::User(UserId::new("U1")), because: None };
        self.write(op, entry).await;
    }

    /// Somebody writes to a journal, through a delivery.
    pub(crate) async fn write(&self, id: OpId, entry: Entry) {
        let mut op = self.operation(id).await;
        let (after, at) = (op.seq, self.clock.now());
        op.apply(&Stamped { seq: after + 1, at, entry: entry.clone() }).expect("it can follow");
        let commit = Commit {
            op: id,
            writer: Writer::Delivery(self.delivery()),
            after,
            entries: vec![entry],
            at,
            state: op.state(),
            rows: Vec::new(),
            record: None,
            releases: Vec::new(),
        };
        self.store.append(commit).await.expect("nobody else writes");
    }

    pub(crate) async fn journal(&self, op: OpId) -> Vec<Stamped> {
        self.store.history(op, 0).await.expect("it is there")
    }

    /// The operation that its journal tells: so the journal is legal.
    pub(crate) async fn operation(&self, op: OpId) -> Operation {
        Operation::fold(op, &self.journal(op).await).expect("the journal is legal")
    }

    pub(crate) async fn outcome(&self, op: OpId) -> Outcome {
        self.operation(op).await.outcome.expect("it is over")
    }

    /// What must hold whenever no operation is on its way.
    pub(crate) async fn check(&self, env: &str, context: &str) {
        self.check_nothing_twice(context);
        let rows = self.store.rows(&sample::key(env)).await.expect("the store answers").rows;
        let known: BTreeSet<_> = (rows.iter())
            .map(|((addr, generation), row)| format!("{} {addr}@{generation} #{}", row.kind, row.incarnation))
            .collect();
        let marks = self.cloud.marks().into_iter().filter(|(mark, _)| mark.env() == sample::key(env));
        let there: BTreeSet<_> = marks
            .map(|(mark, kind)| format!("{kind} {}@{} #{}", mark.addr, mark.generation, mark.incarnation))
            .collect();
        let orphans: Vec<_> = there.difference(&known).collect();
        let ghosts: Vec<_> = known.difference(&there).collect();
        assert!(orphans.is_empty() && ghosts.is_empty(), "{context}: orphans {orphans:?}, ghosts {ghosts:?}");
    }

    /// What must hold at any time.
    pub(crate) fn check_nothing_twice(&self, context: &str) {
        assert_eq!(self.cloud.tally().duplicates, Vec::<String>::new(), "{context}: made twice");
    }

    /// What must hold of the journal of an operation that is over.
    pub(crate) async fn check_journal(&self, op: OpId, context: &str) {
        let journal = self.journal(op).await;
        let closed = journal.iter().filter(|stamped| matches!(stamped.entry, Entry::Closed(_))).count();
        assert_eq!(closed, 1, "{context}: it ends once");
        let record = self.store.operation(op).await.expect("the store answers").expect("it is there");
        assert_eq!(record.state, self.operation(op).await.state(), "{context}: the stored state is the journal's");
        assert!(record.state.is_closed(), "{context}");
    }
}

/// A mark of this installation's, at `ENVIRONMENT/COMPONENT/PART`.
pub(crate) fn stray(addr: &str, incarnation: u32) -> Mark {
    Mark {
        installation: InstallationId::new("here"),
        project: sample::project_name("shop"),
        incarnation,
        addr: addr.parse().expect("a test's address is one"),
        generation: Generation::FIRST,
    }
}

/// `deploy SERVICE[:VERSION]`.
pub(crate) fn deploy(service: &str, version: Option<&str>) -> Change {
    let services = vec![(sample::service_name(service), version.map(Version::new))];
    Change::Deploy { services, lifetime: None }
}
