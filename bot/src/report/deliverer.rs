//! Sends stored messages: each channel's in their order, channels side by side, every message once.
//!
//! A try is noted before a new message is posted. If no answer comes, the next try looks for the message by its mark
//! first. So a lost answer, a restart or a dropped future can't make two of one. (A message for one person's eyes can't
//! be looked for: rather twice than never.)
//!
//! Messages are sent as fast as Slack takes them, and what it refuses waits; only what it can never take is given up.
//!
//! Where a channel can't be written, what is of an operation's thread waits until it can be, and everything is told
//! [elsewhere](Elsewhere) meanwhile. As soon as there is something to be said there again, what waits comes first.

use super::elsewhere::Elsewhere;
use super::lanes::{Door, Lane, Lanes};
use crate::chat::{Chat, ChatError};
use crate::message::{About, Body, Marked};
use futures::future::join_all;
use gantry_engine::names::{ChannelId, MessageTs};
use gantry_engine::ports::{Clock, Post, PostDraft, PostKey, Store, StoreError, Thread, Undelivered};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How many messages are looked at at once.
const BATCH: usize = 256;

/// How long to wait at the most: messages may have been stored by another process.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// Sends what is stored.
pub struct Deliverer {
    store: Arc<dyn Store>,
    chat: Arc<dyn Chat>,
    clock: Arc<dyn Clock>,
    told: Arc<Notify>,
    elsewhere: Option<Elsewhere>,
    lanes: Mutex<Lanes>,
}

/// What one look came to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sent {
    /// It is out, or given up.
    Settled,
    /// Not before then.
    Later(Timestamp),
    /// Nothing can be said in its channel.
    Closed(String),
}

/// Where a message goes.
enum Place {
    At(Option<MessageTs>),
    /// Its thread isn't open yet.
    NotYet,
    /// Its thread will never open.
    Never,
}

impl Deliverer {
    /// A deliverer that is woken by `told`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, chat: Arc<dyn Chat>, clock: Arc<dyn Clock>, told: Arc<Notify>) -> Self {
        Self { store, chat, clock, told, elsewhere: None, lanes: Mutex::default() }
    }

    /// The same, which has it told elsewhere where a channel can't be written.
    #[must_use]
    pub fn with(self, elsewhere: Elsewhere) -> Self {
        Self { elsewhere: Some(elsewhere), ..self }
    }

    /// Delivers for ever. It can be dropped at any point.
    pub async fn run(&self) {
        // Perhaps what couldn't be written then can be now.
        if let Err(error) = self.store.reopen(None).await {
            tracing::warn!(%error, "messages that wait for their channels can't be read");
        }
        loop {
            let latest = self.later(LOOK_AGAIN);
            let wake = match self.round().await {
                Ok(wake) => wake.map_or(latest, |wake| wake.min(latest)),
                Err(error) => {
                    tracing::warn!(%error, "messages can't be read; it is tried again");
                    latest
                }
            };
            tokio::select! {
                () = self.told.notified() => {}
                () = self.clock.sleep_until(wake) => {}
            }
        }
    }

    fn later(&self, wait: SignedDuration) -> Timestamp {
        self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX)
    }

    fn lanes(&self) -> std::sync::MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what can be sent now; tells when there is more to do.
    ///
    /// # Errors
    /// [`StoreError`] where the store can't be read or written.
    pub async fn round(&self) -> Result<Option<Timestamp>, StoreError> {
        let unsent = self.store.unsent(BATCH).await?;
        let more = unsent.len() == BATCH;
        // A thread whose first message isn't here any more will never open; unless there was more than we looked at.
        let known: BTreeSet<PostKey> = unsent.iter().map(|post| post.draft.key.clone()).collect();
        let mut channels: BTreeMap<ChannelId, Vec<Post>> = BTreeMap::new();
        for post in unsent {
            channels.entry(post.draft.channel.clone()).or_default().push(post);
        }
        let all = channels.into_values().map(|posts| self.channel(posts, &known, more));
        let wakes = join_all(all).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let wake = wakes.into_iter().flatten().min();
        Ok(if more && wake.is_none() { Some(self.clock.now()) } else { wake })
    }

    async fn channel(
        &self,
        posts: Vec<Post>,
        known: &BTreeSet<PostKey>,
        more: bool,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(first) = posts.first() else { return Ok(None) };
        let door = self.lanes().door(&first.draft.channel, self.clock.now());
        if door == Door::Ajar && self.store.reopen(Some(&first.draft.channel)).await? > 0 {
            // They are older than what is here.
            return Ok(Some(self.clock.now()));
        }
        let mut closed = if let Door::Closed(why) = door { Some(why) } else { None };
        let mut wake: Option<Timestamp> = None;
        let mut blocked = BTreeSet::new();
        for post in posts {
            if let Some(why) = &closed {
                self.set_aside(&post, why).await?;
                wake = Some(self.clock.now());
                continue;
            }
            let lane = Lane::of(&post);
            // What comes after a message that has to wait waits too: otherwise the order would change.
            let paused = self.lanes().paused(&lane, self.clock.now());
            let until = match paused {
                Some(until) => Some(until),
                None if blocked.contains(&lane) => None,
                None => match self.one(&post, known, more).await? {
                    Sent::Settled => continue,
                    Sent::Later(until) => Some(until),
                    Sent::Closed(why) => {
                        self.set_aside(&post, &why).await?;
                        self.lanes().close(&post.draft.channel, &why, self.clock.now());
                        (closed, wake) = (Some(why), Some(self.clock.now()));
                        continue;
                    }
                },
            };
            blocked.insert(lane);
            wake = [wake, until].into_iter().flatten().min();
        }
        Ok(wake)
    }

    async fn one(&self, post: &Post, known: &BTreeSet<PostKey>, more: bool) -> Result<Sent, StoreError> {
        let key = &post.draft.key;
        let marked = match Marked::stamp(post) {
            Ok(marked) => marked,
            Err(error) => return self.give_up(post, &error.to_string()).await,
        };
        let thread = match self.place(post, known, more).await? {
            Place::At(thread) => thread,
            Place::NotYet => return Ok(Sent::Later(self.later(LOOK_AGAIN))),
            Place::Never => return self.give_up(post, "its thread was never opened").await,
        };
        let turn = self.lanes().pace.turn(post, self.clock.now());
        if let Some(until) = turn {
            return Ok(Sent::Later(until));
        }
        match self.send(post, thread.as_ref(), &marked).await? {
            Ok(ts) => {
                self.store.sent(key, post.version, ts.as_ref()).await?;
                self.lanes().sent(post, self.clock.now());
                Ok(Sent::Settled)
            }
            Err(ChatError::Closed(why)) => Ok(Sent::Closed(why)),
            Err(ChatError::Gone(why)) => self.give_up(post, &why).await,
            Err(ChatError::RateLimited { after }) => {
                let after = SignedDuration::try_from(after).unwrap_or(LOOK_AGAIN);
                Ok(Sent::Later(self.lanes().pace.refused(post, self.clock.now(), after)))
            }
            Err(ChatError::Barred { code, remedy }) => {
                tracing::error!(post = %key.0, code, remedy, "a message waits until somebody mends what Slack refuses it for");
                Ok(Sent::Later(self.lanes().barred(Lane::of(post), self.clock.now())))
            }
            Err(ChatError::Transient(why)) => {
                tracing::warn!(post = %key.0, why, "a message wasn't sent; it is tried again");
                Ok(Sent::Later(self.lanes().failed(Lane::of(post), self.clock.now())))
            }
        }
    }

    async fn give_up(&self, post: &Post, why: &str) -> Result<Sent, StoreError> {
        let key = &post.draft.key;
        tracing::error!(post = %key.0, why, "a message can't be delivered and is given up");
        self.store.undeliverable(key, post.version, Undelivered::Never(why.to_owned()), Vec::new()).await?;
        Ok(Sent::Settled)
    }

    /// What is of an operation's thread waits for the channel. All else has been told once it is told elsewhere.
    async fn set_aside(&self, post: &Post, why: &str) -> Result<(), StoreError> {
        let PostDraft { key, channel, only_for, .. } = &post.draft;
        let elsewhere = match &self.elsewhere {
            Some(elsewhere) => elsewhere.tell(post, why).await?,
            None => Vec::new(),
        };
        if elsewhere.is_empty() {
            tracing::error!(post = %key.0, %channel, why, "a channel can't be written, and nobody can be told");
        } else {
            tracing::warn!(post = %key.0, %channel, why, "a channel can't be written; it is told elsewhere");
        }
        let about = Body::of(post).ok().and_then(|body| body.about);
        let of_thread = matches!(about, Some(About::Operation(_))) && only_for.is_none() && key.original().is_none();
        let why = if of_thread { Undelivered::Closed } else { Undelivered::Never }(why.to_owned());
        self.store.undeliverable(key, post.version, why, elsewhere).await
    }

    async fn place(&self, post: &Post, known: &BTreeSet<PostKey>, more: bool) -> Result<Place, StoreError> {
        let opener = match &post.draft.thread {
            Thread::None => return Ok(Place::At(None)),
            Thread::Under(ts) => return Ok(Place::At(Some(ts.clone()))),
            Thread::UnderPost(key) => key,
        };
        Ok(match self.store.post(opener).await? {
            Some(Post { ts: Some(ts), .. }) => Place::At(Some(ts)),
            Some(_) if known.contains(opener) || more => Place::NotYet,
            Some(_) | None => Place::Never,
        })
    }

    /// Posts, edits, or finds again and edits.
    async fn send(
        &self,
        post: &Post,
        thread: Option<&MessageTs>,
        marked: &Marked,
    ) -> Result<Result<Option<MessageTs>, ChatError>, StoreError> {
        let draft = &post.draft;
        if let Some(user) = &draft.only_for {
            return Ok(self.chat.ephemeral(&draft.channel, user, thread, marked).await.map(|()| None));
        }
        let there = match &post.ts {
            Some(ts) => Ok(Some(ts.clone())),
            None if post.tried => self.chat.find(&draft.channel, thread, &draft.key).await,
            None => Ok(None),
        };
        Ok(match there {
            Ok(Some(ts)) => self.chat.edit(&draft.channel, &ts, marked).await.map(|()| Some(ts)),
            Ok(None) => {
                self.store.sending(&draft.key).await?;
                self.chat.post(&draft.channel, thread, marked).await.map(Some)
            }
            Err(error) => Err(error),
        })
    }
}
