//! The job by Gantry: its engine over the platform on AWS, with a store in memory. Nobody chats.

use crate::{JOB, Part, Tool};
use gantry::clock::SystemClock;
use gantry::projects;
use gantry_aws::{Ecs, Endpoint};
use gantry_benches::{Cost, cost};
use gantry_engine::apply::{Drive, Engine, Projects, Tuning};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::journal::{Operation, State};
use gantry_engine::names::{
    ChannelId, DeliveryId, EnvKey, EnvName, Holder, InstallationId, ProjectName, ServiceName, UserId,
};
use gantry_engine::ports::{Platform, Platforms, Proposed};
use gantry_engine::project::Project;
use gantry_standin::Standin;
use gantry_testkit::memory_store::MemoryStore;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

/// What somebody writes.
const FILE: &str = "gantry.toml";

struct One(Arc<Project>);

impl Projects for One {
    fn project(&self, name: &ProjectName) -> Option<Arc<Project>> {
        (&self.0.name == name).then(|| Arc::clone(&self.0))
    }
}

pub(crate) struct Gantry {
    engine: Engine,
    key: EnvKey,
    runtime: Runtime,
    deliveries: AtomicU64,
}

impl Gantry {
    pub(crate) fn on(standin: &Standin) -> Self {
        let project = projects::read(&Path::new(JOB).join(FILE)).expect("a project file").project;
        let installation = InstallationId::new("0a1b2c3d");
        let to = Endpoint { url: standin.url().to_owned(), region: "eu-central-1".to_owned(), speed: 1.0, dns: None };
        let ecs: Arc<dyn Platform> = Arc::new(Ecs::at(installation.clone(), to));
        Self {
            key: EnvKey { project: project.name.clone(), env: EnvName::new("staging").expect("a name") },
            engine: Engine {
                store: Arc::new(MemoryStore::new()),
                platforms: Platforms::from([(Ecs::platform_name(), ecs)]),
                projects: Arc::new(One(Arc::new(project))),
                clock: Arc::new(SystemClock),
                installation,
                holder: Holder::new("bench"),
                tuning: Tuning::default(),
            },
            runtime: Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime"),
            deliveries: AtomicU64::new(0),
        }
    }

    fn request(&self, change: Change) -> Request {
        Request {
            key: self.key.clone(),
            words: change.verb().to_owned(),
            change,
            by: Actor::User(UserId::new("U1")),
            because: None,
            bypass: false,
            schedule: None,
            resumes: None,
            delivery: DeliveryId::new(self.deliveries.fetch_add(1, Ordering::SeqCst).to_string()),
            place: Place { channel: ChannelId::new("C1"), thread: None },
            at: self.engine.clock.now(),
            waits: false,
        }
    }

    /// Asks for a change and does it.
    async fn changes(&self, change: Change) {
        let (proposed, _) = self.engine.propose(self.request(change)).await.expect("a plan");
        let (Proposed::New(op) | Proposed::Already(op)) = proposed;
        while self.engine.drive(op, &Notify::new()).await.expect("the store answers") != Drive::Closed {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let journal = self.engine.store.history(op, 0).await.expect("it is there");
        let operation = Operation::fold(op, &journal).expect("the journal is legal");
        assert_eq!(operation.state(), State::Succeeded, "{:?}", operation.outcome);
    }
}

fn deploy() -> Change {
    let services = ["web", "api"].map(|name| (ServiceName::new(name).expect("a name"), None));
    Change::Deploy { services: services.into(), lifetime: None }
}

impl Tool for Gantry {
    fn name(&self) -> &'static str {
        "Gantry"
    }

    fn files(&self) -> &'static [&'static str] {
        &[FILE]
    }

    fn does(&self, part: Part) -> Cost {
        match part {
            Part::Up => cost(|| self.runtime.block_on(self.changes(deploy()))).0,
            Part::Again => {
                let (cost, planned) = cost(|| self.runtime.block_on(self.engine.plan(&self.request(deploy()))));
                assert!(planned.expect("a plan").plan.is_empty(), "there is nothing to change");
                cost
            }
            Part::Down => cost(|| self.runtime.block_on(self.changes(Change::Teardown { volumes: true }))).0,
        }
    }
}
