//! Everything that anybody in the workspace ever saw, in the order it happened: what a person who never looks away knows.
//!
//! It listens to the workspace's events as each of its people, so it has messages that only one of them sees, and every
//! version of a message that was edited.

use futures::StreamExt;
use gantry::message::{MarkState, PostMark};
use gantry_workspace::{Client, Event, Message, State, Ts};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinSet;

/// Where a message is: channel and time stamp.
pub type Place = (String, Ts);

/// What was seen. It stops listening when it is dropped.
#[derive(Debug)]
pub struct Chronicle {
    /// Who and what there is.
    pub cast: State,
    seen: Arc<Mutex<Seen>>,
    _listeners: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Seen {
    now: BTreeMap<Place, Message>,
    versions: Vec<Message>,
    readers: BTreeMap<Place, BTreeSet<String>>,
}

impl Chronicle {
    /// Begins to listen as everybody, from the workspace's first message on.
    ///
    /// # Panics
    /// If the workspace doesn't answer.
    pub async fn begin(client: &Client) -> Self {
        let cast = client.state().await.expect("the workspace answers");
        let seen = Arc::<Mutex<Seen>>::default();
        let mut listeners = JoinSet::new();
        for person in cast.users.iter().filter(|user| !user.is_bot).map(|user| user.name.clone()) {
            let mut events = client.events(&person, Some(0)).await.expect("the workspace lets everybody listen");
            let seen = seen.clone();
            listeners.spawn(async move {
                while let Some(Ok(event)) = events.next().await {
                    note(&seen, &person, event.event);
                }
            });
        }
        Self { cast, seen, _listeners: listeners }
    }

    /// Every message as it is now, in the order of their time stamps.
    #[must_use]
    pub fn messages(&self) -> Vec<(Place, Message)> {
        self.lock().now.iter().map(|(place, message)| (place.clone(), message.clone())).collect()
    }

    /// Every version of every message of the bot.
    #[must_use]
    pub fn versions(&self) -> Vec<Message> {
        self.lock().versions.iter().filter(|message| message.bot_id.is_some()).cloned().collect()
    }

    /// The one person who sees a message, if it is for one only.
    #[must_use]
    pub fn only_reader(&self, place: &Place) -> Option<String> {
        let seen = self.lock();
        let ephemeral = seen.now.get(place)?.is_ephemeral;
        let readers = seen.readers.get(place)?;
        ephemeral.then(|| readers.iter().next().cloned()).flatten()
    }

    /// The message that answers a delivery, with what it means.
    #[must_use]
    pub fn answer(&self, delivery: &str) -> Option<(Place, Message, MarkState)> {
        let seen = self.lock();
        seen.now.iter().find_map(|(place, message)| {
            let mark = mark(message)?;
            let ours = mark.delivery.as_ref().is_some_and(|id| id.as_str() == delivery);
            ours.then(|| (place.clone(), message.clone(), mark.state))
        })
    }

    /// The name of a person by id.
    #[must_use]
    pub fn name(&self, id: &str) -> String {
        self.cast.users.iter().find(|user| user.id == id).map_or_else(|| id.to_owned(), |user| user.name.clone())
    }

    /// The id of a person by name.
    ///
    /// # Panics
    /// If nobody is called that.
    #[must_use]
    pub fn user(&self, name: &str) -> String {
        let user = self.cast.users.iter().find(|user| user.name == name);
        user.unwrap_or_else(|| panic!("nobody is called {name}")).id.clone()
    }

    /// The id of a channel by name.
    ///
    /// # Panics
    /// If there is no such channel.
    #[must_use]
    pub fn channel(&self, name: &str) -> String {
        let name = name.trim_start_matches('#');
        let channel = self.cast.channels.iter().find(|channel| channel.name == name);
        channel.unwrap_or_else(|| panic!("there is no channel #{name}")).id.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(seen: &Mutex<Seen>, person: &str, event: Event) {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    match event {
        Event::Posted { channel, message } | Event::Changed { channel, message } => {
            let place = (channel, message.ts);
            seen.readers.entry(place.clone()).or_default().insert(person.to_owned());
            if seen.now.insert(place, (*message).clone()).is_none_or(|before| before.blocks != message.blocks) {
                seen.versions.push(*message);
            }
        }
        Event::Deleted { channel, ts } => drop(seen.now.remove(&(channel, ts))),
        // These are looked at when a test asks.
        Event::Home { .. } | Event::Modal { .. } => {}
        Event::Reset => panic!("the workspace forgot events that {person} hadn't seen"),
    }
}

/// The mark that a message of the bot carries.
#[must_use]
pub fn mark(message: &Message) -> Option<PostMark> {
    PostMark::parse(message.blocks.first()?.get("block_id")?.as_str()?)
}

/// The labels of a message's buttons, in order.
#[must_use]
pub fn buttons(message: &Message) -> Vec<String> {
    let inside = |block: &serde_json::Value| {
        let elements = block["elements"].as_array().cloned().unwrap_or_default();
        elements.into_iter().chain(block.get("accessory").cloned()).collect::<Vec<_>>()
    };
    let elements = message.blocks.iter().flat_map(inside).filter(|element| element["type"] == "button");
    elements.filter_map(|button| button["text"]["text"].as_str().map(str::to_owned)).collect()
}
