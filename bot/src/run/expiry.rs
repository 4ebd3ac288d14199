//! Ends that come near: warnings, then a teardown like any other; and environments whose owner has left. Level-triggered:
//! each look asks what is due now. The warning that stands is stored with its message, so that each is given once and
//! none that isn't so keeps its buttons; delivery ids make each teardown one.

use super::workers::Workers;
use crate::directory::{Directory, Standing};
use crate::handle::{self, Written};
use crate::metrics;
use crate::report::{self, Asked, Void};
use gantry_engine::apply::{Engine, NoPlan};
use gantry_engine::change::{Actor, Place, Request};
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::expiry::{Due, Warned, due, teardown};
use gantry_engine::journal::{Entry, Signal, State};
use gantry_engine::names::{ChannelId, DeliveryId, EnvKey, GroupName, OpId, UserId};
use gantry_engine::ports::{OpFilter, OpRecord, PostKey, Proposed, StoreError, Thread};
use gantry_engine::project::Project;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::Notify;

/// How long a look waits at the most: an end may have moved meanwhile.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// How long a look waits after something refused.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// How often it is asked whether owners are still there: nothing ends because of it.
const ASK_OWNERS: SignedDuration = SignedDuration::from_hours(1);

/// Looks after ends.
pub(super) struct Expiry {
    pub(super) engine: Engine,
    pub(super) workers: Workers,
    pub(super) directory: Arc<dyn Directory>,
    /// Rung when an end may have moved.
    pub(super) moved: Arc<Notify>,
    pub(super) news: Arc<Notify>,
    /// Where an environment without a channel is talked about.
    pub(super) fallback: ChannelId,
}

impl Expiry {
    pub(super) async fn run(&self) {
        let mut owners = Timestamp::MIN;
        loop {
            let now = self.engine.clock.now();
            let later = |wait| now.saturating_add(wait).unwrap_or(Timestamp::MAX);
            let mut look = self.look(now).await;
            if look.is_ok() {
                metrics::looked(now);
            }
            if look.is_ok() && now.duration_since(owners).abs() >= ASK_OWNERS {
                owners = now;
                look = self.owners().await.and(look);
            }
            let wake = match look {
                Ok(wake) => wake.unwrap_or(Timestamp::MAX).min(later(LOOK_AGAIN)),
                Err(error) => {
                    tracing::warn!(%error, "what ends can't be read; it is tried again");
                    later(TRY_AGAIN)
                }
            };
            tokio::select! {
                () = self.engine.clock.sleep_until(wake) => {}
                () = self.moved.notified() => {}
            }
        }
    }

    /// Does what is due; gives when to look again.
    pub(super) async fn look(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut wake: Option<Timestamp> = None;
        let standing = self.engine.store.warned().await?;
        let mut standing: BTreeMap<EnvKey, Warned> =
            standing.into_iter().map(|warned| (warned.key.clone(), warned)).collect();
        for env in self.engine.store.environments().await? {
            let until = match self.one(&env, standing.remove(&env.key), now).await {
                Err(error) if error.is_of_one() => {
                    tracing::error!(env = %env.key, %error, "whether an environment ends can't be told; the others' ends go on");
                    None
                }
                until => until?,
            };
            wake = [wake, until].into_iter().flatten().min();
        }
        Ok(wake)
    }

    /// Does what is due of one environment; gives when to look again.
    async fn one(
        &self,
        env: &Environment,
        warned: Option<Warned>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let project = self.engine.projects.project(&env.key.project);
        let due = due(env, project.as_ref().and_then(|project| project.quiet.as_ref()), now);
        if due == Due::End {
            self.end(env, now).await?;
        }
        let warned = self.still(env, project.as_deref(), warned, now).await?;
        Ok(match due {
            Due::End => None,
            Due::Nothing { until } => until,
            Due::Warning { distance, left, end, until } => {
                let (key, incarnation) = (env.key.clone(), env.incarnation);
                let new = Warned { key, incarnation, end, distance, left };
                self.warn(env, project.as_deref(), warned, new).await?;
                Some(until)
            }
        })
    }

    /// The warning that stands, if it is still so; else it loses its buttons.
    async fn still(
        &self,
        env: &Environment,
        project: Option<&Project>,
        warned: Option<Warned>,
        now: Timestamp,
    ) -> Result<Option<Warned>, StoreError> {
        let Some(warned) = warned else { return Ok(None) };
        if warned.holds(Some(env), now) {
            return Ok(Some(warned));
        }
        let over = env.phase == Phase::Live && env.incarnation == warned.incarnation && env.expiry == Some(warned.end);
        let spoken = !warned.distance.is_zero();
        if over && !spoken {
            return Ok(Some(warned));
        }
        // An end that has come is remembered: where the clock is put back, nothing is said again.
        let standing = over.then(|| Warned { distance: SignedDuration::ZERO, ..warned.clone() });
        let why = if over { Void::Over } else { Void::Changed };
        let void = spoken.then(|| report::in_zone(&zone(project), || report::voided(&warned, Some(env), why)));
        self.engine.store.warn(&env.key, standing.clone(), void.into_iter().collect()).await?;
        self.news.notify_one();
        Ok(standing)
    }

    /// Gives a warning, unless one that is as near to the end stands: then the clock was put back.
    async fn warn(
        &self,
        env: &Environment,
        project: Option<&Project>,
        former: Option<Warned>,
        new: Warned,
    ) -> Result<(), StoreError> {
        if former.as_ref().is_some_and(|former| former.distance <= new.distance) {
            return Ok(());
        }
        let (channel, thread) = self.story(env).await?;
        let posts = report::in_zone(&zone(project), || {
            let void = former.iter().map(|former| report::voided(former, Some(env), Void::Newer));
            void.chain([report::warning(env, &new, channel, thread)]).collect()
        });
        self.engine.store.warn(&env.key, Some(new), posts).await?;
        self.news.notify_one();
        Ok(())
    }

    /// Asks who takes over what belongs to somebody who has left.
    pub(super) async fn owners(&self) -> Result<(), StoreError> {
        for env in self.engine.store.environments().await?.into_iter().filter(|env| env.phase == Phase::Live) {
            match self.directory.person(&env.owner).await {
                Ok(person) if person.standing == Standing::Gone => {
                    let project = self.engine.projects.project(&env.key.project);
                    let caretakers = project.as_ref().and_then(|project| project.caretakers.as_ref());
                    let caretakers = match caretakers {
                        Some(group) => Some(Asked { group: group.clone(), people: self.called(group).await }),
                        None => None,
                    };
                    let channel = env.home.clone().unwrap_or_else(|| self.fallback.clone());
                    let zone = zone(project.as_deref());
                    let asked = report::in_zone(&zone, || report::owner_left(&env, caretakers.as_ref(), channel));
                    if self.engine.store.post_once(asked).await? {
                        self.news.notify_one();
                    }
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(env = %env.key, %error, "whether an owner is still there isn't known"),
            }
        }
        Ok(())
    }

    /// The members of a group, to be called; nobody where the workspace doesn't say.
    async fn called(&self, group: &GroupName) -> BTreeSet<UserId> {
        self.directory.members(group).await.unwrap_or_else(|error| {
            tracing::warn!(%group, %error, "a group is asked by its name only");
            BTreeSet::new()
        })
    }

    /// The thread that tells an environment's story: its creation's.
    async fn story(&self, env: &Environment) -> Result<(ChannelId, Thread), StoreError> {
        let channel = env.home.clone().unwrap_or_else(|| self.fallback.clone());
        let Some(op) = env.opened_by else { return Ok((channel, Thread::None)) };
        let place = self.engine.store.operation(op).await?.map(|record| record.place);
        Ok(match place {
            Some(Place { channel, thread: Some(ts) }) => (channel, Thread::Under(ts)),
            Some(Place { channel, thread: None }) => (channel, Thread::UnderPost(PostKey::card(op))),
            None => (channel, Thread::None),
        })
    }

    /// Proposes the teardown, once; whatever else goes on in the environment ends first.
    async fn end(&self, env: &Environment, now: Timestamp) -> Result<(), StoreError> {
        let Some(end) = env.expiry else { return Ok(()) };
        let mut request = teardown(env, end, &self.fallback, now);
        request.place = match self.story(env).await? {
            (channel, Thread::Under(ts)) => Place { channel, thread: Some(ts) },
            (channel, Thread::UnderPost(key)) => {
                let thread = self.engine.store.post(&key).await?.and_then(|post| post.ts);
                Place { channel, thread }
            }
            (channel, Thread::None) => Place { channel, thread: None },
        };
        let services = env.services.keys().cloned().collect();
        if let Some(held) = self.engine.holdup(&request, &services).await? {
            let (channel, thread) = self.story(env).await?;
            if self.engine.store.post_once(report::end_waits(env, &held, channel, thread)).await? {
                self.news.notify_one();
            }
            return Ok(());
        }
        match self.propose(env, request).await {
            Ok(()) => Ok(()),
            Err(NoPlan::Store(error)) if !error.is_of_one() => Err(error),
            Err(error) => {
                tracing::error!(env = %env.key, %error, "an environment is over its time and can't be torn down");
                let since = now.duration_since(end);
                let told = report::end_fails(env, (&error, since), self.story(env).await?);
                if self.engine.store.post_once(told).await? {
                    self.news.notify_one();
                }
                Ok(())
            }
        }
    }

    async fn propose(&self, env: &Environment, request: Request) -> Result<(), NoPlan> {
        let filter = OpFilter { key: Some(env.key.clone()), open: true, ..OpFilter::default() };
        let open = self.engine.store.operations(&filter).await?;
        let op = match self.on_its_way(&open).await? {
            Some(op) => op,
            None => match self.engine.propose(request).await? {
                (Proposed::New(op) | Proposed::Already(op), _) => op,
            },
        };
        // Those that came later wait for the teardown, and then bring the name to a new life; unless they were admitted
        // before it was, and it waits for them.
        let in_its_way = |other: &OpRecord| other.id < op || matches!(other.state, State::Running | State::Parked);
        let others = open.into_iter().filter(|other| other.id != op);
        for other in others.filter(in_its_way) {
            let signal = Entry::Signalled {
                signal: Signal::Cancel,
                by: Actor::Schedule,
                because: Some("the environment's time is up".to_owned()),
            };
            let delivery = DeliveryId::new(format!("expiry-ends:{}", other.id));
            match handle::write(&self.engine, other.id, &delivery, |_, _| Ok::<_, Infallible>(signal.clone())).await? {
                Written::Done(_) => self.workers.ring(other.id),
                Written::TooLate(_) => {}
            }
        }
        self.workers.ring(op);
        Ok(())
    }

    /// The schedule's own teardown, if one isn't over.
    async fn on_its_way(&self, open: &[OpRecord]) -> Result<Option<OpId>, StoreError> {
        for record in open {
            let first = self.engine.store.history(record.id, 0).await?.into_iter().next();
            if let Some(Entry::Proposed { request, .. }) = first.map(|stamped| stamped.entry)
                && request.by == Actor::Schedule
            {
                return Ok(Some(record.id));
            }
        }
        Ok(None)
    }
}

/// The zone of whom a project's environments are told to.
fn zone(project: Option<&Project>) -> TimeZone {
    handle::zone(project.map(|project| project.time_zone.as_str()))
}
