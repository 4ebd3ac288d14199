//! The bot as one value: everything wired up, started and stopped.

use super::expiry::Expiry;
use super::forms::Opener;
use super::homes::Homes;
use super::inbox::Consumer;
use super::locks::LockKeeper;
use super::reminders::Reminders;
use super::retention::Keeper;
use super::schedules::{Held, Schedules};
use super::workers::Workers;
use crate::chat::Chat;
use crate::directory::Directory;
use crate::form::Desk;
use crate::handle::Handler;
use crate::intake::Inbox;
use crate::projects::ProjectFiles;
use crate::report::{Deliverer, Elsewhere, Reporter};
use crate::watch::Watchers;
use futures::FutureExt;
use futures::future::BoxFuture;
use gantry_engine::apply::{Engine, Tuning};
use gantry_engine::names::{ChannelId, Holder, InstallationId, UserId};
use gantry_engine::ports::{Clock, Keeping, Platforms, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::any::type_name;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a part that panicked rests before it begins anew.
const REST: SignedDuration = SignedDuration::from_secs(2);

/// What the bot is made of.
pub struct Parts {
    /// The journal's home.
    pub store: Arc<dyn Store>,
    /// Where environments run.
    pub platforms: Platforms,
    /// What is meant.
    pub projects: Arc<ProjectFiles>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Speaks.
    pub chat: Arc<dyn Chat>,
    /// Knows people.
    pub directory: Arc<dyn Directory>,
    /// Part of every ownership mark.
    pub installation: InstallationId,
    /// What this process is called in leases.
    pub holder: Holder,
    /// The bot's own user.
    pub me: UserId,
    /// Where an environment without a channel is talked about.
    pub fallback: ChannelId,
    /// How long things may take.
    pub tuning: Tuning,
    /// How long things are kept.
    pub keeping: Keeping,
}

/// The bot, running.
pub struct App {
    inbox: Inbox,
    workers: Workers,
    watchers: Watchers,
    stop: CancellationToken,
    tasks: Tasks,
}

impl Parts {
    fn engine(&self) -> Engine {
        Engine {
            store: self.store.clone(),
            platforms: self.platforms.clone(),
            projects: self.projects.clone(),
            clock: self.clock.clone(),
            installation: self.installation.clone(),
            holder: self.holder.clone(),
            tuning: self.tuning,
        }
    }
}

/// Tasks that end when the bot is told to.
struct Tasks {
    running: JoinSet<()>,
    stop: CancellationToken,
    clock: Arc<dyn Clock>,
}

impl Tasks {
    fn until(stop: CancellationToken, clock: Arc<dyn Clock>) -> Self {
        Self { running: JoinSet::new(), stop, clock }
    }

    /// Runs a part of the bot. One that panics begins anew: what it is about is stored, and no other part would do it.
    fn add<T, R>(&mut self, part: T, run: R)
    where
        T: Send + Sync + 'static,
        R: for<'a> Fn(&'a T) -> BoxFuture<'a, ()> + Send + 'static,
    {
        let (stop, clock) = (self.stop.clone().cancelled_owned(), self.clock.clone());
        let again = async move {
            while AssertUnwindSafe(run(&part)).catch_unwind().await.is_err() {
                tracing::error!(part = type_name::<T>(), "a part of the bot panicked; it begins anew");
                clock.sleep_until(clock.now().saturating_add(REST).unwrap_or(Timestamp::MAX)).await;
            }
        };
        self.running.spawn(async move {
            tokio::select! {
                () = stop => {}
                () = again => {}
            }
        });
    }

    async fn ended(mut self) {
        while self.running.join_next().await.is_some() {}
    }
}

impl App {
    /// Starts everything, and goes on with what was going on.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses.
    pub async fn start(parts: Parts) -> Result<Self, StoreError> {
        let [arrived, news, moved, arranged] = std::array::from_fn(|_| Arc::new(Notify::new()));
        let stop = CancellationToken::new();
        let engine = parts.engine();
        let workers = Workers::new(engine.clone(), news.clone(), moved.clone(), stop.clone());
        let watchers = Watchers::new(engine.clone(), news.clone(), stop.clone());
        let handler = Handler {
            engine: engine.clone(),
            projects: parts.projects.clone(),
            directory: parts.directory.clone(),
            workers: workers.clone(),
            watchers: watchers.clone(),
            arranged: arranged.clone(),
            me: parts.me,
        };
        let mut tasks = Tasks::until(stop.clone(), parts.clock.clone());
        let (store, clock, projects) = (parts.store, parts.clock, parts.projects);
        let locks = LockKeeper { engine: engine.clone(), workers: workers.clone(), news: news.clone() };
        let (desk, queues) = Desk::new();
        let inbox = Inbox::new(store.clone(), clock.clone(), arrived.clone()).with_desk(desk.clone(), projects.clone());
        let bells = (arrived.clone(), news.clone());
        let opener = Opener::new(&store, &parts.chat, &handler, &desk, bells);
        let homes = Homes { handler: handler.clone(), chat: parts.chat.clone(), clock: clock.clone() };
        let consumer = Consumer::new(handler.clone(), desk, (arrived, news.clone()));
        let reminders = Reminders { engine: engine.clone(), directory: parts.directory.clone(), news: news.clone() };
        let elsewhere =
            Elsewhere { store: store.clone(), directory: parts.directory.clone(), fallback: parts.fallback.clone() };
        let expiry = Expiry {
            engine: engine.clone(),
            workers: workers.clone(),
            directory: parts.directory,
            moved,
            news: news.clone(),
            fallback: parts.fallback,
        };
        let (inbox_of_runs, held) = (inbox.clone(), Held::default());
        let schedules = Schedules { engine, inbox: inbox_of_runs, arranged, news: news.clone(), handler, held };
        let told = Arc::new(Notify::new());
        let reporter =
            Reporter::new(store.clone(), parts.platforms, clock.clone(), news, told.clone()).knowing(projects);
        let keeper = Keeper { store: store.clone(), clock: clock.clone(), keeping: parts.keeping };
        let deliverer = Deliverer::new(store, parts.chat, clock, told).with(elsewhere);
        tasks.add(consumer, |it| it.run().boxed());
        tasks.add(locks, |it| it.run().boxed());
        tasks.add(reminders, |it| it.run().boxed());
        tasks.add(expiry, |it| it.run().boxed());
        tasks.add(schedules, |it| it.run().boxed());
        tasks.add(reporter, |it| it.run().boxed());
        tasks.add(deliverer, |it| it.run().boxed());
        tasks.add(keeper, |it| it.run().boxed());
        tasks.add((opener, Mutex::new(queues.forms)), |(it, asked)| {
            async { it.run(&mut *asked.lock().await).await }.boxed()
        });
        tasks.add((homes, Mutex::new(queues.homes)), |(it, visitors)| {
            async { it.run(&mut *visitors.lock().await).await }.boxed()
        });
        workers.resume().await?;
        Ok(Self { inbox, workers, watchers, stop, tasks })
    }

    /// Where what comes in is stored.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// Stops everything. Whatever was going on goes on at the next start.
    pub async fn stop(self) {
        self.stop.cancel();
        self.workers.stopped().await;
        self.watchers.stopped().await;
        self.tasks.ended().await;
    }
}
