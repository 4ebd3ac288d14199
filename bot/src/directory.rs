//! Who people are: the port through which the bot asks the workspace, and a cache with a bound on staleness.

use async_trait::async_trait;
use gantry_engine::names::{ChannelId, GroupName, UserId};
use gantry_engine::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How old an answer about a group may be: a lost right is lost after this at the latest.
pub const GROUPS_AGE: SignedDuration = SignedDuration::from_secs(60);

/// How old an answer about a person or a channel may be.
pub const PEOPLE_AGE: SignedDuration = SignedDuration::from_mins(10);

/// A person as the workspace knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their handle.
    pub handle: String,
    /// Their time zone, as an IANA name.
    pub time_zone: Option<String>,
    /// What they are in the workspace.
    pub standing: Standing,
}

/// What somebody is in the workspace. Rules mean members, unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A full member.
    Member,
    /// A guest, of one channel or several.
    Guest,
    /// Of another organisation, by Slack Connect.
    Stranger,
    /// An app.
    Bot,
    /// Deactivated.
    Gone,
}

/// The workspace couldn't be asked. Rights fail closed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the workspace can't be asked about {what}: {why}")]
pub struct Unknown {
    /// About what.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// Knows people, groups and channels.
#[async_trait]
pub trait Directory: Send + Sync {
    /// A person.
    async fn person(&self, id: &UserId) -> Result<Person, Unknown>;
    /// The members of a user group; nobody, if there is no such group.
    async fn members(&self, group: &GroupName) -> Result<BTreeSet<UserId>, Unknown>;
    /// The channels by name, without the `#`.
    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown>;
}

type Aged<T> = (Timestamp, T);

/// Remembers answers for a while.
pub struct Cached<D> {
    inner: D,
    clock: Arc<dyn Clock>,
    people: Mutex<BTreeMap<UserId, Aged<Person>>>,
    groups: Mutex<BTreeMap<GroupName, Aged<BTreeSet<UserId>>>>,
    channels: Mutex<BTreeMap<(), Aged<BTreeMap<String, ChannelId>>>>,
}

impl<D> Cached<D> {
    /// Puts a cache before a directory.
    pub fn new(inner: D, clock: Arc<dyn Clock>) -> Self {
        Self { inner, clock, people: Mutex::default(), groups: Mutex::default(), channels: Mutex::default() }
    }

    async fn through<K: Ord + Clone, V: Clone>(
        &self,
        cache: &Mutex<BTreeMap<K, Aged<V>>>,
        key: &K,
        age: SignedDuration,
        ask: impl Future<Output = Result<V, Unknown>>,
    ) -> Result<V, Unknown> {
        let now = self.clock.now();
        let known = cache.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if let Some((at, value)) = known
            && now.duration_since(at) < age
        {
            return Ok(value);
        }
        let value = ask.await?;
        cache.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), (now, value.clone()));
        Ok(value)
    }
}

#[async_trait]
impl<D: Directory> Directory for Cached<D> {
    async fn person(&self, id: &UserId) -> Result<Person, Unknown> {
        self.through(&self.people, id, PEOPLE_AGE, self.inner.person(id)).await
    }

    async fn members(&self, group: &GroupName) -> Result<BTreeSet<UserId>, Unknown> {
        self.through(&self.groups, group, GROUPS_AGE, self.inner.members(group)).await
    }

    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown> {
        self.through(&self.channels, &(), PEOPLE_AGE, self.inner.channels()).await
    }
}
