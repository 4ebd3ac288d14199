//! Whole operations: the engine with a store in memory, this platform, and a clock that tells the time.

use super::bed::{LocalBed, bed, page, project};
use super::support::until;
use async_trait::async_trait;
use gantry_engine::apply::{Drive, Engine, Projects, Tuning};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::journal::{Entry, Operation, Outcome, Serving};
use gantry_engine::names::{ChannelId, DeliveryId, Holder, OpId, ProjectName, UserId, Version};
use gantry_engine::ports::{Clock, Proposed};
use gantry_engine::project::Project;
use gantry_testkit::memory_store::MemoryStore;
use gantry_testkit::provider_suite::Bed;
use gantry_testkit::sample::{key, service_name};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

struct RealTime;

#[async_trait]
impl Clock for RealTime {
    #[expect(clippy::disallowed_methods, reason = "real processes need real time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let left = at.duration_since(self.now());
        tokio::time::sleep(Duration::try_from(left).unwrap_or_default()).await;
    }
}

struct One(Arc<Project>);

impl Projects for One {
    fn project(&self, name: &ProjectName) -> Option<Arc<Project>> {
        (self.0.name == *name).then(|| self.0.clone())
    }
}

async fn engine(bed: &LocalBed) -> Engine {
    let platform = bed.client().await;
    Engine {
        store: Arc::new(MemoryStore::new()),
        platforms: [(platform.name(), platform)].into(),
        projects: Arc::new(One(Arc::new(project()))),
        clock: Arc::new(RealTime),
        installation: bed.installation(),
        holder: Holder::new("test"),
        tuning: Tuning::default(),
    }
}

/// Asks for a change and drives it to its end.
async fn run(engine: &Engine, number: u32, change: Change) -> (Operation, Outcome) {
    let request = Request {
        key: key("dev"),
        words: change.verb().to_owned(),
        change,
        by: Actor::User(UserId::new("U1")),
        because: None,
        bypass: false,
        schedule: None,
        resumes: None,
        delivery: DeliveryId::new(number.to_string()),
        place: Place { channel: ChannelId::new("C1"), thread: None },
        at: engine.clock.now(),
        waits: false,
    };
    let (proposed, _) = engine.propose(request).await.unwrap();
    let Proposed::New(id) = proposed else { panic!("a new delivery is a new operation") };
    assert_eq!(engine.drive(id, &tokio::sync::Notify::new()).await.unwrap(), Drive::Closed);
    outcome(engine, id).await
}

async fn outcome(engine: &Engine, id: OpId) -> (Operation, Outcome) {
    let journal = engine.store.history(id, 0).await.unwrap();
    let operation = Operation::fold(id, &journal).unwrap();
    match &journal.last().unwrap().entry {
        Entry::Closed(outcome) => (operation, outcome.clone()),
        other => panic!("not closed: {other:?}"),
    }
}

fn deploy(service: &str, version: Option<&str>) -> Change {
    Change::Deploy { services: vec![(service_name(service), version.map(Version::new))], lifetime: None }
}

/// What a page is, asked again and again while something goes on.
async fn while_asking<T>(url: &str, work: impl Future<Output = T>) -> (T, Vec<Option<String>>) {
    let mut pages = Vec::new();
    let asking = async {
        loop {
            pages.push(page(url).await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        done = work => (done, pages),
        () = asking => unreachable!("it asks for ever"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_environment_is_deployed_reverted_scaled_and_torn_down() {
    let bed = bed().await;
    let engine = engine(&bed).await;
    let (_, outcome) = run(&engine, 1, deploy("web", None)).await;
    let Outcome::Succeeded { outputs } = outcome else { panic!("{outcome:?}") };
    assert!(page(&outputs["web"]).await.unwrap().contains("Version <b>1.0</b>"), "{outputs:?}");

    let broken = run(&engine, 2, deploy("web", Some("broken")));
    let ((_, outcome), pages) = while_asking(&outputs["web"], broken).await;
    let Outcome::Reverted { services, .. } = outcome else { panic!("{outcome:?}") };
    let (serving, why) = &services[&service_name("web")];
    assert!(matches!(serving, Serving::Release { version, .. } if version.as_str() == "1.0"), "{serving:?}");
    assert!(why.contains("exited with code 1"), "{why}");
    assert!(pages.len() > 3, "{pages:?}");
    let old = |page: &Option<String>| page.as_ref().is_some_and(|page| page.contains("Version <b>1.0</b>"));
    assert!(pages.iter().all(old), "the old release serves throughout: {pages:?}");

    let (_, outcome) = run(&engine, 3, Change::Scale { service: service_name("api"), replicas: 5 }).await;
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");

    let (operation, outcome) = run(&engine, 4, Change::Teardown { volumes: true }).await;
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    let receipt = operation.receipt.unwrap();
    assert!(receipt.is_clean() && receipt.kept.is_empty() && receipt.destroyed > 10, "{receipt:?}");
    assert_eq!(bed.0.processes().len(), 1, "only the daemon is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_is_killed_in_the_middle_changes_nothing() {
    let bed = bed().await;
    let engine = engine(&bed).await;
    let killing = async {
        until("a task runs", || async { (!bed.0.pids().await.is_empty()).then_some(()) }).await;
        bed.0.kill_daemon().await;
    };
    let ((_, outcome), ()) = tokio::join!(run(&engine, 1, deploy("web", None)), killing);
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    // A daemon, and for each of the five tasks its shim and its program.
    assert_eq!(bed.0.processes().len(), 11, "no task twice, no orphan: {:?}", bed.0.processes());
}
