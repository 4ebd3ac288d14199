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

/// Who is in which user group, by its handle.
pub type Groups = BTreeMap<String, BTreeSet<UserId>>;

/// Knows people, groups and channels.
#[async_trait]
pub trait Directory: Send + Sync {
    /// A person.
    async fn person(&self, id: &UserId) -> Result<Person, Unknown>;
    /// The members of all user groups, by their handles.
    async fn groups(&self) -> Result<Groups, Unknown>;
    /// The members of a user group; nobody, if there is no such group.
    async fn members(&self, group: &GroupName) -> Result<BTreeSet<UserId>, Unknown> {
        match self.groups().await {
            Ok(mut groups) => Ok(groups.remove(group.as_str()).unwrap_or_default()),
            Err(unknown) => Err(Unknown { what: format!("the group @{group}"), ..unknown }),
        }
    }
    /// The channels by name, without the `#`.
    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown>;
}

type Aged<T> = (Timestamp, T);

/// Remembers answers for a while.
pub struct Cached<D> {
    inner: D,
    clock: Arc<dyn Clock>,
    people: Mutex<BTreeMap<UserId, Aged<Person>>>,
    groups: Mutex<BTreeMap<(), Aged<Groups>>>,
    /// Held by whoever asks about groups, since Slack answers that 20 times a minute only.
    asking: tokio::sync::Mutex<()>,
    channels: Mutex<BTreeMap<(), Aged<BTreeMap<String, ChannelId>>>>,
}

impl<D> Cached<D> {
    /// Puts a cache before a directory.
    pub fn new(inner: D, clock: Arc<dyn Clock>) -> Self {
        let (people, groups, channels) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { inner, clock, people, groups, asking: tokio::sync::Mutex::default(), channels }
    }

    async fn through<K: Ord + Clone, V: Clone>(
        &self,
        cache: &Mutex<BTreeMap<K, Aged<V>>>,
        key: &K,
        age: SignedDuration,
        ask: impl Future<Output = Result<V, Unknown>>,
    ) -> Result<V, Unknown> {
        // A clock may be put back: an answer from its future is as old as one from as long ago.
        let now = self.clock.now();
        let known = cache.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if let Some((at, value)) = known
            && now.duration_since(at).abs() < age
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

    async fn groups(&self) -> Result<Groups, Unknown> {
        // Whoever comes meanwhile takes the answer that is there then.
        let _asks = self.asking.lock().await;
        self.through(&self.groups, &(), GROUPS_AGE, self.inner.groups()).await
    }

    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown> {
        self.through(&self.channels, &(), PEOPLE_AGE, self.inner.channels()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use gantry_testkit::clock::ManualClock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Takes a while to answer, and counts how often it is asked.
    #[derive(Default)]
    struct Slow(AtomicUsize);

    #[async_trait]
    impl Directory for &Slow {
        async fn person(&self, id: &UserId) -> Result<Person, Unknown> {
            Err(Unknown { what: id.to_string(), why: "nobody is here".to_owned() })
        }

        async fn groups(&self) -> Result<Groups, Unknown> {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok((0..30).map(|n| (format!("group-{n}"), [UserId::new(format!("U{n}"))].into())).collect())
        }

        async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown> {
            Ok(BTreeMap::new())
        }
    }

    #[tokio::test]
    async fn all_groups_are_asked_for_at_once_and_once_a_minute() {
        let (slow, clock) = (Slow::default(), Arc::new(ManualClock::default()));
        let cached = Cached::new(&slow, clock.clone());
        let names: Vec<GroupName> = (0..30).map(|n| GroupName::new(format!("group-{n}"))).collect();
        for minute in 1..=3 {
            let members = join_all(names.iter().map(|name| cached.members(name))).await;
            for (n, members) in members.into_iter().enumerate() {
                assert_eq!(members, Ok([UserId::new(format!("U{n}"))].into()));
            }
            assert_eq!(slow.0.load(Ordering::SeqCst), minute);
            clock.advance(GROUPS_AGE);
        }
        assert_eq!(cached.members(&GroupName::new("nobody")).await, Ok(BTreeSet::new()));
    }

    #[tokio::test]
    async fn a_lost_right_is_lost_in_time_wherever_the_clock_goes() {
        let (second, day) = (SignedDuration::from_secs(1), SignedDuration::from_hours(24));
        for (jump, asked) in [(GROUPS_AGE - second, 1), (second - GROUPS_AGE, 1), (GROUPS_AGE, 2), (day, 2), (-day, 2)]
        {
            let (slow, clock) = (Slow::default(), Arc::new(ManualClock::default()));
            let cached = Cached::new(&slow, clock.clone());
            cached.members(&GroupName::new("group-1")).await.unwrap();
            clock.put(clock.now() + jump);
            cached.members(&GroupName::new("group-1")).await.unwrap();
            assert_eq!(slow.0.load(Ordering::SeqCst), asked, "{jump:#}");
        }
    }
}
