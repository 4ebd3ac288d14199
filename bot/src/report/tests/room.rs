//! A workspace that does what a test wants of it, a deliverer on it, and a clock that stands still.

use super::journals::*;
use crate::chat::{Chat, ChatError};
use crate::message::{About, Block, Body, Form, Home, MarkState, Marked, Message};
use crate::report::{Deliverer, Elsewhere};
use crate::run::tests::Nobody;
use async_trait::async_trait;
use gantry_engine::names::{ChannelId, MessageTs, OpId, UserId};
use gantry_engine::ports::{Clock, PostDraft, PostKey, Store, Thread};
use gantry_templates::Mrkdwn;
use gantry_testkit::clock::ManualClock;
use gantry_testkit::memory_store::MemoryStore;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Fine,
    Limited(u64),
    /// It isn't done.
    Refused,
    /// It is done, but nobody learns of it.
    Lost,
    /// It is done, and then the caller waits for ever.
    Hangs,
    Gone,
    /// Somebody has to mend something first.
    Barred,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) channel: String,
    pub(super) thread: Option<MessageTs>,
    pub(super) key: PostKey,
    pub(super) version: u64,
    pub(super) text: String,
    pub(super) for_one: bool,
}

#[derive(Default)]
pub(super) struct Room {
    /// Channels that can't be written.
    pub(super) closed: Vec<&'static str>,
    pub(super) messages: Vec<Seen>,
    pub(super) calls: Vec<(Timestamp, &'static str)>,
    pub(super) fates: Vec<Fate>,
}

pub(super) struct FakeChat {
    pub(super) room: Mutex<Room>,
    pub(super) clock: Arc<ManualClock>,
}

impl FakeChat {
    pub(super) async fn meet(
        &self,
        (call, channel): (&'static str, &ChannelId),
        effect: impl FnOnce(&mut Room) -> MessageTs,
    ) -> Result<MessageTs, ChatError> {
        let (fate, ts) = {
            let mut room = self.room.lock().unwrap();
            room.calls.push((self.clock.now(), call));
            if room.closed.contains(&channel.as_str()) {
                return Err(ChatError::Closed("is_archived".to_owned()));
            }
            let fate = room.fates.pop().unwrap_or(Fate::Fine);
            let done = matches!(fate, Fate::Fine | Fate::Lost | Fate::Hangs);
            (fate, done.then(|| effect(&mut room)))
        };
        match (fate, ts) {
            (Fate::Fine, Some(ts)) => Ok(ts),
            (Fate::Limited(seconds), _) => Err(ChatError::RateLimited { after: Duration::from_secs(seconds) }),
            (Fate::Gone, _) => Err(ChatError::Gone("channel_not_found".to_owned())),
            (Fate::Barred, _) => Err(ChatError::Barred { code: "token_revoked".to_owned(), remedy: "mend it" }),
            (Fate::Hangs, _) => std::future::pending().await,
            _ => Err(ChatError::Transient("no answer".to_owned())),
        }
    }

    pub(super) fn messages(&self) -> Vec<Seen> {
        self.room.lock().unwrap().messages.clone()
    }

    pub(super) fn calls(&self) -> Vec<(i64, &'static str)> {
        let started = start();
        let room = self.room.lock().unwrap();
        room.calls.iter().map(|(at, call)| (at.duration_since(started).as_secs(), *call)).collect()
    }
}

pub(super) fn seen(channel: &ChannelId, thread: Option<&MessageTs>, message: &Marked, for_one: bool) -> Seen {
    let (key, version) = (message.mark.key().unwrap(), message.mark.version);
    Seen {
        channel: channel.to_string(),
        thread: thread.cloned(),
        key,
        version,
        text: message.text().to_owned(),
        for_one,
    }
}

pub(super) fn ts(place: usize) -> MessageTs {
    MessageTs::new(format!("1700000000.{place:06}"))
}

#[async_trait]
impl Chat for FakeChat {
    async fn post(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        message: &Marked,
    ) -> Result<MessageTs, ChatError> {
        let seen = seen(channel, thread, message, false);
        self.meet(("post", channel), |room| {
            room.messages.push(seen);
            ts(room.messages.len() - 1)
        })
        .await
    }

    async fn edit(&self, channel: &ChannelId, at: &MessageTs, message: &Marked) -> Result<(), ChatError> {
        let (version, text) = (message.mark.version, message.text().to_owned());
        self.meet(("edit", channel), |room| {
            let place: usize = at.as_str().rsplit('.').next().unwrap().parse().unwrap();
            room.messages[place].version = version;
            room.messages[place].text = text;
            at.clone()
        })
        .await
        .map(drop)
    }

    async fn ephemeral(
        &self,
        channel: &ChannelId,
        _: &UserId,
        thread: Option<&MessageTs>,
        message: &Marked,
    ) -> Result<(), ChatError> {
        let seen = seen(channel, thread, message, true);
        self.meet(("ephemeral", channel), |room| {
            room.messages.push(seen);
            ts(room.messages.len() - 1)
        })
        .await
        .map(drop)
    }

    async fn open(&self, _: &str, _: &Form) -> Result<(), ChatError> {
        Err(ChatError::Gone("no views here".to_owned()))
    }

    async fn publish(&self, _: &UserId, _: &Home) -> Result<(), ChatError> {
        Err(ChatError::Gone("no views here".to_owned()))
    }

    async fn find(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        key: &PostKey,
    ) -> Result<Option<MessageTs>, ChatError> {
        let room = self.room.lock().unwrap();
        let is_it =
            |seen: &Seen| seen.channel == channel.as_str() && seen.thread.as_ref() == thread && &seen.key == key;
        Ok(room.messages.iter().position(is_it).map(ts))
    }
}

pub(super) struct Bed {
    pub(super) store: Arc<MemoryStore>,
    pub(super) chat: Arc<FakeChat>,
    pub(super) clock: Arc<ManualClock>,
}

impl Bed {
    /// The first fate is the first call's.
    pub(super) fn new(fates: &[Fate]) -> Self {
        let clock = Arc::new(ManualClock::new(start()));
        let room = Room { fates: fates.iter().rev().copied().collect(), ..Room::default() };
        let chat = Arc::new(FakeChat { room: Mutex::new(room), clock: clock.clone() });
        Self { store: Arc::new(MemoryStore::default()), chat, clock }
    }

    pub(super) fn deliverer(&self) -> Deliverer {
        let elsewhere =
            Elsewhere { store: self.store.clone(), directory: Arc::new(Nobody), fallback: ChannelId::new("C0") };
        let told = Arc::new(Notify::new());
        Deliverer::new(self.store.clone(), self.chat.clone(), self.clock.clone(), told).with(elsewhere)
    }

    /// Runs a deliverer until everything is sent or given up. Time passes by itself.
    pub(super) async fn deliver(&self) {
        self.deliver_within(SignedDuration::from_hours(1)).await;
        assert_eq!(self.store.unsent(1).await.unwrap(), [], "all is sent");
    }

    /// The same, stopped after so long, at whatever point that is.
    pub(super) async fn deliver_within(&self, limit: SignedDuration) {
        let deliverer = self.deliverer();
        let until = self.clock.now() + limit;
        let settled = async {
            while !self.store.unsent(1).await.unwrap().is_empty() && self.clock.now() < until {
                self.clock.sleep_until(self.clock.now() + SignedDuration::from_millis(100)).await;
            }
        };
        self.clock
            .run(async {
                tokio::select! {
                    () = deliverer.run() => {}
                    () = settled => {}
                }
            })
            .await;
    }

    pub(super) async fn post(&self, key: &str, channel: &str, thread: Thread, text: &str) {
        assert!(self.store.post_once(draft(key, channel, thread, text)).await.unwrap());
    }
}

pub(super) fn draft(key: &str, channel: &str, thread: Thread, text: &str) -> PostDraft {
    let text = Mrkdwn::escape(text);
    let message = Message::new(&text, vec![Block::section(text.clone())]);
    let body = Body::new(MarkState::Note, None, message).about(About::Operation(OpId(1))).to_json();
    PostDraft { key: PostKey(key.to_owned()), channel: ChannelId::new(channel), thread, only_for: None, body }
}

pub(super) fn texts(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|seen| seen.text.as_str()).collect()
}
