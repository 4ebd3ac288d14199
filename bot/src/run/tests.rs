//! Workers and the schedule over a fake cloud, a store in memory and a clock that stands still. Conversations are tested
//! through the front door, in the room `tests`.

use super::expiry::Expiry;
use super::inbox::Consumer;
use super::workers::Workers;
use crate::directory::{Directory, Groups, Person, Standing, Unknown};
use crate::form::Desk;
use crate::handle::Handler;
use crate::intake::{Inbox, Incoming, Way};
use crate::projects::ProjectFiles;
use crate::watch::{Below, Kill, Watchers};
use async_trait::async_trait;
use gantry_engine::address::{Generation, Mark};
use gantry_engine::apply::{Drive, Engine, Projects, Tuning};
use gantry_engine::change::{Actor, Change, Place, Request};
use gantry_engine::expiry::ASK_AGAIN;
use gantry_engine::journal::{Entry, Operation, Signal, State};
use gantry_engine::names::{ChannelId, DeliveryId, Holder, InstallationId, OpId, ProjectName, UserId};
use gantry_engine::ports::{Clock, OpFilter, Platform, Platforms, PostKey, Proposed, Store, Thread};
use gantry_engine::project::Project;
use gantry_engine::provider::{Killed, Live};
use gantry_testkit::clock::ManualClock;
use gantry_testkit::fake::{FakeCloud, FakePlatform, Weather, kind};
use gantry_testkit::memory_store::MemoryStore;
use gantry_testkit::sample;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

fn workers(engine: Engine, stop: &CancellationToken) -> Workers {
    Workers::new(engine, Arc::default(), Arc::default(), stop.clone())
}

/// Everybody is there, and nobody is in a group.
pub(crate) struct Nobody;

#[async_trait]
impl Directory for Nobody {
    async fn person(&self, id: &UserId) -> Result<Person, Unknown> {
        Ok(Person { id: id.clone(), handle: "somebody".to_owned(), time_zone: None, standing: Standing::Member })
    }

    async fn groups(&self) -> Result<Groups, Unknown> {
        Ok(Groups::new())
    }

    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown> {
        Ok(BTreeMap::new())
    }
}

/// A handler that knows no project, with workers that drive nothing by themselves.
pub(super) async fn handler(engine: Engine, directory: Arc<dyn Directory>) -> Handler {
    let stop = CancellationToken::new();
    stop.cancel();
    let projects = ProjectFiles::open(Vec::new(), engine.store.clone(), engine.clock.clone()).await.unwrap();
    Handler {
        projects: Arc::new(projects),
        directory,
        workers: workers(engine.clone(), &stop),
        watchers: Watchers::new(engine.clone(), Arc::default(), stop),
        arranged: Arc::default(),
        me: UserId::new("UBOT"),
        engine,
    }
}

struct Sample(Arc<Project>);

impl Projects for Sample {
    fn project(&self, _: &ProjectName) -> Option<Arc<Project>> {
        Some(self.0.clone())
    }
}

fn deploy() -> Change {
    Change::Deploy { services: vec![(sample::service_name("web"), None)], lifetime: None }
}

pub(super) struct Bed {
    pub(super) cloud: FakeCloud,
    pub(super) store: MemoryStore,
    pub(super) clock: Arc<ManualClock>,
    pub(super) engine: Engine,
}

impl Bed {
    pub(super) fn new() -> Self {
        let (cloud, store, clock) = (FakeCloud::new(Weather::FAIR), MemoryStore::new(), Arc::<ManualClock>::default());
        let platform: Arc<dyn Platform> = Arc::new(FakePlatform::new(&cloud));
        let engine = Engine {
            store: Arc::new(store.clone()),
            platforms: Platforms::from([(FakePlatform::platform_name(), platform)]),
            projects: Arc::new(Sample(Arc::new(sample::project(&FakePlatform::platform_name())))),
            clock: clock.clone(),
            installation: InstallationId::new("here"),
            holder: Holder::new("process"),
            tuning: Tuning::default(),
        };
        Self { cloud, store, clock, engine }
    }

    pub(super) async fn propose(&self, delivery: &str, change: Change) -> OpId {
        self.propose_for("dev", delivery, change).await
    }

    async fn propose_for(&self, env: &str, delivery: &str, change: Change) -> OpId {
        let request = Request {
            key: sample::key(env),
            words: change.verb().to_owned(),
            change,
            by: Actor::User(UserId::new("U1")),
            schedule: None,
            resumes: None,
            because: None,
            bypass: false,
            delivery: DeliveryId::new(delivery),
            place: Place { channel: ChannelId::new("C1"), thread: None },
            at: self.clock.now(),
            waits: false,
        };
        let (Proposed::New(op) | Proposed::Already(op), _) = self.engine.propose(request).await.unwrap();
        op
    }

    pub(super) async fn drive(&self, op: OpId) -> Drive {
        self.clock.run(self.engine.drive(op, &Notify::new())).await.unwrap()
    }

    /// A schedule with workers that drive nothing by themselves.
    pub(super) fn expiry(&self) -> Expiry {
        let stop = CancellationToken::new();
        stop.cancel();
        Expiry {
            engine: self.engine.clone(),
            workers: workers(self.engine.clone(), &stop),
            directory: Arc::new(Nobody),
            moved: Arc::default(),
            news: Arc::default(),
            fallback: ChannelId::new("C1"),
        }
    }

    async fn state(&self, op: OpId) -> State {
        Operation::fold(op, &self.store.history(op, 0).await.unwrap()).unwrap().state()
    }
}

#[tokio::test]
async fn an_end_that_can_not_be_is_told_once_a_day() {
    let mut bed = Bed::new();
    let change = Change::Deploy {
        services: vec![(sample::service_name("web"), None)],
        lifetime: Some(SignedDuration::from_hours(1)),
    };
    let op = bed.propose("d1", change).await;
    bed.drive(op).await;
    // The next process knows no such platform.
    bed.engine.platforms.clear();
    bed.clock.advance(SignedDuration::from_hours(1));
    for told in [1, 1, 2] {
        bed.expiry().look(bed.clock.now()).await.unwrap();
        let posts = bed.store.unsent(100).await.unwrap().into_iter();
        let about: Vec<_> = posts.filter(|post| post.draft.key.0.starts_with("end-fails/")).collect();
        assert_eq!(about.len(), told, "{about:#?}");
        assert!(about.iter().all(|post| post.draft.body.contains("it can't be torn down")), "{about:#?}");
        bed.clock.advance(SignedDuration::from_hours(13));
    }
}

#[tokio::test]
async fn what_cant_be_driven_is_looked_at_now_and_then() {
    let bed = Bed::new();
    let op = bed.propose("d1", deploy()).await;
    // It is admitted, and then this process ends; the next one knows no such platform.
    let store = bed.store.clone();
    let admitted = async {
        while store.environment(&sample::key("dev")).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = admitted => {}
        drive = bed.drive(op) => panic!("{drive:?}"),
    }
    let stop = CancellationToken::new();
    let engine = Engine { platforms: Platforms::new(), ..bed.engine.clone() };
    let workers = workers(engine, &stop);
    let before = bed.store.writes();
    workers.ring(op);
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert!(bed.store.writes() - before < 10, "{} writes while no time passed", bed.store.writes() - before);
    assert!(workers.busy(), "it isn't forgotten either");
    stop.cancel();
    workers.stopped().await;
}

#[tokio::test]
async fn an_end_cancels_what_was_asked_later_and_admitted_before() {
    let bed = Bed::new();
    let first = bed.propose("d1", Change::Provision { lifetime: None }).await;
    assert_eq!(bed.drive(first).await, Drive::Closed);
    let env = bed.store.environment(&sample::key("dev")).await.unwrap().unwrap();
    bed.clock.set(env.expiry.unwrap());
    let schedule = bed.expiry();
    schedule.look(bed.clock.now()).await.unwrap();
    let open = bed.store.operations(&OpFilter { open: true, ..OpFilter::default() }).await.unwrap();
    let [teardown] = &open[..] else { panic!("{open:?}") };
    let mark = Mark {
        installation: InstallationId::new("somebody-else"),
        project: sample::project_name("other"),
        incarnation: 1,
        addr: "x/y/z".parse().unwrap(),
        generation: Generation::FIRST,
    };
    bed.cloud.plant(&kind::RECORD, "www.dev.shop.fake", &mark);
    let parked = bed.propose("d2", deploy()).await;
    assert!(parked > teardown.id);
    assert_eq!(bed.drive(parked).await, Drive::People { until: None });
    assert_eq!(bed.state(parked).await, State::Parked);
    schedule.look(bed.clock.now()).await.unwrap();
    assert_eq!(bed.state(parked).await, State::Cancelling);
}

#[tokio::test]
async fn a_damaged_journal_stops_no_other_end() {
    let bed = Bed::new();
    for env in ["brief", "dev"] {
        let op = bed.propose_for(env, &format!("d-{env}"), Change::Provision { lifetime: None }).await;
        assert_eq!(bed.drive(op).await, Drive::Closed);
    }
    let damaged = bed.propose_for("brief", "d2", deploy()).await;
    bed.store.damage(damaged);
    let ends = bed.store.environments().await.unwrap().into_iter().filter_map(|env| env.expiry);
    bed.clock.set(ends.max().unwrap());
    bed.expiry().look(bed.clock.now()).await.unwrap();
    let open = bed.store.operations(&OpFilter { open: true, ..OpFilter::default() }).await.unwrap();
    let torn: Vec<_> = open.iter().filter(|record| record.id != damaged).map(|record| &record.key).collect();
    assert_eq!(torn, [&sample::key("dev")]);
    let posts = bed.store.unsent(100).await.unwrap();
    assert!(posts.iter().any(|post| post.draft.key.0.starts_with("end-fails/shop/brief")), "{posts:#?}");
}

/// Doesn't answer about one person.
struct Silent(&'static str);

#[async_trait]
impl Directory for Silent {
    async fn person(&self, id: &UserId) -> Result<Person, Unknown> {
        if id.as_str() == self.0 {
            std::future::pending::<()>().await;
        }
        Nobody.person(id).await
    }

    async fn groups(&self) -> Result<Groups, Unknown> {
        Nobody.groups().await
    }

    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown> {
        Nobody.channels().await
    }
}

#[tokio::test]
async fn a_channel_that_takes_long_holds_up_no_other() {
    let bed = Bed::new();
    let store = bed.engine.store.clone();
    let handler = handler(bed.engine.clone(), Arc::new(Silent("U1"))).await;
    let arrived = Arc::<Notify>::default();
    let inbox = Inbox::new(store.clone(), bed.clock.clone(), arrived.clone());
    let say = async |user: &str, number: usize| {
        let (user, channel) = (UserId::new(user), ChannelId::new(format!("C{user}")));
        let id = DeliveryId::new(format!("{user}-{number}"));
        let text = "help".to_owned();
        let (thread, digest, scheduled) = (None, None, None);
        let incoming = Incoming { way: Way::Mention, user, channel, thread, text, digest, scheduled };
        inbox.accept(id, &incoming).await.unwrap();
    };
    let waiting = async |ours: &str| {
        let all = store.unhandled(1_000).await.unwrap();
        all.iter().filter(|delivery| delivery.id.as_str().starts_with(ours)).count()
    };
    // More than are looked at at once, and then somebody elsewhere, twice.
    for number in 0..200 {
        say("U1", number).await;
    }
    let consumer = Consumer::new(handler, Desk::new().0, (arrived, Arc::default()));
    let others = async {
        for number in 0..2 {
            say("U2", number).await;
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
            assert_eq!(waiting("U2").await, 0, "the other channel's are handled");
        }
        assert_eq!(waiting("U1").await, 200);
    };
    tokio::select! {
        () = consumer.run() => {}
        () = others => {}
    }
}

#[tokio::test]
async fn an_end_asks_again_after_a_teardown_that_didnt_happen() {
    let bed = Bed::new();
    let first = bed.propose("d1", Change::Provision { lifetime: None }).await;
    assert_eq!(bed.drive(first).await, Drive::Closed);
    let env = bed.store.environment(&sample::key("dev")).await.unwrap().unwrap();
    let end = env.expiry.unwrap();
    bed.clock.set(end);
    let schedule = bed.expiry();
    schedule.look(end).await.unwrap();
    let all = OpFilter { key: Some(sample::key("dev")), ..OpFilter::default() };
    let teardown = bed.store.operations(&all).await.unwrap()[0].id;
    assert_ne!(teardown, first);
    let cancel = |_: &Operation, _| {
        let by = Actor::User(UserId::new("U1"));
        Ok::<_, Infallible>(Entry::Signalled { signal: Signal::Cancel, by, because: None })
    };
    crate::handle::write(&bed.engine, teardown, &DeliveryId::new("d2"), cancel).await.unwrap();
    assert_eq!(bed.drive(teardown).await, Drive::Closed);
    assert_eq!(bed.state(teardown).await, State::Cancelled);

    schedule.look(end).await.unwrap();
    assert_eq!(bed.store.operations(&all).await.unwrap()[0].id, teardown, "not at once");
    let later = end.checked_add(ASK_AGAIN).unwrap();
    bed.clock.set(later);
    schedule.look(later).await.unwrap();
    let again = bed.store.operations(&all).await.unwrap()[0].id;
    assert_ne!(again, teardown);
    assert_eq!(bed.drive(again).await, Drive::Closed);
    assert_eq!(bed.state(again).await, State::Succeeded);
}

#[tokio::test]
async fn who_waits_for_a_loss_to_be_got_over_is_told_that_nobody_looks_any_more() {
    let bed = Bed::new();
    let op = bed.propose("d1", deploy()).await;
    assert_eq!(bed.drive(op).await, Drive::Closed);
    let stop = CancellationToken::new();
    let watchers = Watchers::new(bed.engine.clone(), Arc::default(), stop.clone());
    let below = Below { delivery: DeliveryId::new("d2"), channel: ChannelId::new("C1"), thread: Thread::None };
    let (killed, before) = (Killed::Task("web-1".to_owned()), Live::default());
    watchers.mend(Kill { key: sample::key("dev"), killed, before, at: bed.clock.now(), below });
    stop.cancel();
    watchers.stopped().await;
    let post = bed.store.post(&PostKey("mended/d2".to_owned())).await.unwrap().expect("it is told");
    assert!(post.draft.body.contains("Gantry stops or restarts"), "{}", post.draft.body);
}
