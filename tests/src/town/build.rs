//! Building a town, visiting it, and making sure that it is left as it should be.

use super::Town;
use crate::chronicle::Chronicle;
use crate::wait::until;
use crate::{calls, machine, process};
use gantry_engine::names::{InstallationId, PlatformName};
use gantry_engine::ports::{Clock, Platform, Platforms, Store};
use gantry_local::api::Client as Runtime;
use gantry_local::provider::Local;
use gantry_store::SqliteStore;
use gantry_testkit::clock::ManualClock;
use gantry_testkit::fake::{FakeCloud, FakePlatform, Wanted, Weather};
use gantry_testkit::life::Edge;
use gantry_testkit::memory_store::MemoryStore;
use gantry_workspace::{SeedPerson, Standing, Workspace, WorkspaceConfig};
use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

/// What a town is to be like.
#[derive(Debug, Clone)]
pub struct Plot {
    weather: Weather,
    project: String,
    real: bool,
    in_memory: bool,
    others: Vec<SeedPerson>,
    signed: bool,
    #[cfg(feature = "aws")]
    standin: Option<Arc<gantry_standin::Standin>>,
}

impl Default for Plot {
    fn default() -> Self {
        Self {
            weather: Weather::FAIR,
            project: crate::EXAMPLE.to_owned(),
            real: false,
            in_memory: false,
            others: Vec::new(),
            signed: false,
            #[cfg(feature = "aws")]
            standin: None,
        }
    }
}

impl Plot {
    /// The example project on the fake cloud in fair weather, with a database on disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The cloud's weather.
    #[must_use]
    pub fn weather(self, weather: Weather) -> Self {
        Self { weather, ..self }
    }

    /// The project file with one text in place of another.
    ///
    /// # Panics
    /// If the text isn't in it.
    #[must_use]
    pub fn replacing(mut self, from: &str, to: &str) -> Self {
        assert!(self.project.contains(from), "the project file doesn't say `{from}`");
        self.project = self.project.replace(from, to);
        self
    }

    /// On a real local runtime, with real processes.
    #[must_use]
    pub fn real(self) -> Self {
        Self { real: true, ..self }
    }

    /// The example for AWS, on a stand-in for it that has what the example expects of an account; its clock is the
    /// town's.
    #[cfg(feature = "aws")]
    #[must_use]
    pub fn aws(standin: &Arc<gantry_standin::Standin>) -> Self {
        Self { project: crate::AWS_EXAMPLE.to_owned(), standin: Some(Arc::clone(standin)), ..Self::default() }
    }

    /// With one more person in the workspace, who is in the group `platform` too.
    #[must_use]
    pub fn with(mut self, name: &str, standing: Standing) -> Self {
        self.others.push(SeedPerson { name: name.to_owned(), tz: "UTC".to_owned(), standing });
        self
    }

    /// With a bot that takes signed requests and opens no sockets. It can be started once.
    #[must_use]
    pub fn signed(self) -> Self {
        Self { signed: true, ..self }
    }

    /// With a store in memory, whose writes can be [made to lose their answer](Town::lose_next_write).
    #[must_use]
    pub fn in_memory(self) -> Self {
        Self { in_memory: true, ..self }
    }

    /// Builds the town, visits it and leaves it.
    ///
    /// # Panics
    /// If the visit does, if anything else does meanwhile, or if something is left undone.
    pub async fn visit(self, visit: impl AsyncFnOnce(&mut Town)) {
        watch_for_panics();
        let mut town = self.build().await;
        visit(&mut town).await;
        town.settle().await;
        town.leave().await;
        assert_eq!(PANICS.get(), 0, "something panicked in the background; see the output above");
    }

    /// Visits two such towns: one whose bot opens sockets, and one whose bot takes signed requests. Name the snapshots that
    /// the visit takes, so that both compare with the same ones.
    ///
    /// # Panics
    /// If one of the visits does.
    pub async fn visit_both_ways(self, visit: impl AsyncFn(&mut Town)) {
        self.clone().visit(&visit).await;
        self.signed().visit(&visit).await;
    }

    async fn build(self) -> Town {
        let dir = tempfile::Builder::new().prefix("gantry-town-").tempdir().expect("there is room for files");
        let clock = Arc::new(ManualClock::default());
        let ticks = clock.clone();
        let mut config = WorkspaceConfig::new(Arc::new(move || ticks.now()));
        config.watch = calls::keep();
        config.limits = true;
        let names = self.others.iter().map(|person| person.name.clone());
        config.seed.groups.iter_mut().filter(|group| group.handle == "platform").for_each(|group| {
            group.members.extend(names.clone());
        });
        config.seed.people.extend(self.others.iter().cloned());
        let workspace = Workspace::start(config).await.expect("the workspace starts");
        let people = workspace.client();
        let installation = InstallationId::new("town");
        let cloud = FakeCloud::new(self.weather).timed(&clock);
        let (runtime, platform) = if self.real {
            let runtime = runtime(dir.path()).await;
            let programs = vec![machine::program(dir.path()).parent().map(Path::to_owned).unwrap_or_default()];
            let local = Local::new(installation.clone(), runtime.clone(), programs);
            (Some(runtime), Arc::new(local) as Arc<dyn Platform>)
        } else {
            (None, Arc::new(FakePlatform::new(&cloud)) as Arc<dyn Platform>)
        };
        let name = PlatformName::new(Local::NAME).expect("a name");
        let platforms = Platforms::from([(name, platform)]);
        #[cfg(feature = "aws")]
        let platforms = self.standin.iter().fold(platforms, |mut platforms, standin| {
            let ecs: Arc<dyn Platform> = Arc::new(super::aws::platform(&installation, standin));
            platforms.insert(ecs.name(), ecs);
            platforms
        });
        let lose_a_write = Arc::new(AtomicBool::new(false));
        let store = if self.in_memory { in_memory(&lose_a_write) } else { on_disk(dir.path()).await };
        let project = dir.path().join("gantry.toml");
        std::fs::write(&project, &self.project).expect("the project file can be written");
        let mut town = Town {
            chronicle: Chronicle::begin(&people).await,
            clock,
            store,
            cloud,
            runtime,
            people,
            project,
            installation,
            platforms,
            #[cfg(feature = "aws")]
            standin: self.standin,
            workspace,
            signed: self.signed,
            bot: None,
            lose_a_write,
            left: Arc::default(),
            dir,
        };
        town.start_bot().await;
        town
    }
}

async fn runtime(dir: &Path) -> Runtime {
    Runtime::connect_or_start(dir, &machine::program(dir)).await.expect("the runtime starts")
}

async fn on_disk(dir: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(&dir.join("gantry.db")).await.expect("the database opens"))
}

fn in_memory(lose_a_write: &Arc<AtomicBool>) -> Arc<dyn Store> {
    let lose = lose_a_write.clone();
    Arc::new(MemoryStore::new().refusing(move |_| lose.swap(false, Ordering::SeqCst).then_some(Edge::After)))
}

impl Town {
    async fn leave(mut self) {
        self.stop_bot().await;
        self.workspace.shutdown().await;
        if let Some(runtime) = &self.runtime {
            runtime.stop(gantry_local::api::Stop { tasks: true }).await.expect("the runtime stops");
            until("no process is left", || async { process::of(self.dir.path()).is_empty().then_some(()) }).await;
        }
        process::end_all_of(self.dir.path());
    }

    /// How many of the bot's calls the workspace refused because there were too many.
    #[must_use]
    pub fn refused_as_too_many(&self) -> u64 {
        self.workspace.refused_as_too_many()
    }

    /// The next write to the store happens, and is answered as if it hadn't. Only with [`Plot::in_memory`].
    pub fn lose_next_write(&self) {
        self.lose_a_write.store(true, Ordering::SeqCst);
    }
}

thread_local! {
    /// A town lives on one thread, so what panics on it is the town's.
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

/// The bot goes on after a panic; a test has to know of those that nobody wanted.
fn watch_for_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.payload().is::<Wanted>() {
                return;
            }
            PANICS.set(PANICS.get() + 1);
            before(info);
        }));
    });
}
