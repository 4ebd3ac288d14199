//! The stream of changes as one person sees them: server-sent events with numbers, resumed by `Last-Event-ID`.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::sse::{Event as Sse, KeepAlive, Sse as Stream};
use futures::stream;
use http::HeaderMap;
use serde::Deserialize;
use tokio::sync::broadcast;

use super::error::ControlError;
use super::people::person;
use crate::hub::{Hub, Stopping};
use crate::ids::Ts;
use crate::state::{Change, Numbered};
use crate::wire::{self, Event};

#[derive(Deserialize)]
pub(super) struct Whose {
    #[serde(rename = "as")]
    who: String,
    /// Everything after this number; from now on, if left out.
    #[serde(default)]
    after: Option<u64>,
}

struct Follower {
    hub: Arc<Hub>,
    user: String,
    after: u64,
    ready: VecDeque<(u64, Event)>,
    changed: broadcast::Receiver<()>,
    stopping: Stopping,
}

/// `GET /_/events`
pub(super) async fn events(
    State(hub): State<Arc<Hub>>,
    Query(whose): Query<Whose>,
    headers: HeaderMap,
) -> Result<Stream<impl stream::Stream<Item = Result<Sse, Infallible>>>, ControlError> {
    let user = person(&hub.directory, &whose.who)?.id.clone();
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let after = last.or(whose.after).unwrap_or_else(|| hub.read(crate::state::Model::seq));
    let (changed, stopping) = (hub.changed(), hub.stopping());
    let follower = Follower { hub, user, after, ready: VecDeque::new(), changed, stopping };
    let events = stream::unfold(follower, |mut follower| async {
        let (seq, event) = follower.next().await?;
        // Our own types always become JSON; an empty event would be skipped by readers.
        let data = serde_json::to_string(&event).unwrap_or_default();
        Some((Ok(Sse::default().id(seq.to_string()).data(data)), follower))
    });
    Ok(Stream::new(events).keep_alive(KeepAlive::default()))
}

impl Follower {
    /// The next event; `None` when the workspace stops.
    async fn next(&mut self) -> Option<(u64, Event)> {
        loop {
            if self.stopping.has_come() {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            self.catch_up();
            if !self.ready.is_empty() {
                continue;
            }
            tokio::select! {
                // Missed signals don't matter: catching up reads everything that happened.
                _ = self.changed.recv() => {}
                () = self.stopping.wait() => return None,
            }
        }
    }

    fn catch_up(&mut self) {
        match self.hub.since(self.after) {
            Some(changes) => {
                for numbered in changes {
                    self.after = numbered.seq;
                    let seen = self.seen(&numbered);
                    self.ready.extend(seen.map(|event| (numbered.seq, event)));
                }
            }
            None => {
                self.after = self.hub.read(crate::state::Model::seq);
                self.ready.push_back((self.after, Event::Reset));
            }
        }
    }

    /// A change as this person sees it: messages are shown as they are now.
    fn seen(&self, numbered: &Numbered) -> Option<Event> {
        match &numbered.change {
            Change::Posted { post } => {
                let (channel, message) = self.show(&post.channel, post.ts)?;
                Some(Event::Posted { channel, message })
            }
            Change::Edited { channel, ts, .. }
            | Change::Reacted { channel, ts, .. }
            | Change::Unreacted { channel, ts, .. } => {
                let (channel, message) = self.show(channel, *ts)?;
                Some(Event::Changed { channel, message })
            }
            Change::Deleted { channel, ts } => {
                let member = self.hub.directory.channel(channel)?.members.contains(&self.user);
                member.then(|| Event::Deleted { channel: channel.clone(), ts: *ts })
            }
            Change::Home { user, view } if *user == self.user => Some(Event::Home { view: view.clone() }),
            Change::Modal { user, .. } | Change::Unmodal { user, .. } if *user == self.user => {
                Some(Event::Modal { view: self.hub.read(|model| model.modals(user).last().cloned()) })
            }
            Change::Mark { .. }
            | Change::Opened { .. }
            | Change::Shut { .. }
            | Change::Home { .. }
            | Change::Modal { .. }
            | Change::Unmodal { .. }
            | Change::Queued { .. }
            | Change::Settled { .. } => None,
        }
    }

    fn show(&self, channel: &str, ts: Ts) -> Option<(String, Box<wire::Message>)> {
        let directory = &self.hub.directory;
        directory.channel(channel).filter(|channel| channel.members.contains(&self.user))?;
        let message = self.hub.read(|model| {
            let post = model.message(channel, ts).filter(|post| post.visible_to(&self.user))?;
            Some(wire::render(directory, model, post))
        });
        Some((channel.to_owned(), Box::new(message?)))
    }
}
