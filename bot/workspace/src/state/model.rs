//! The present, as a fold over changes. No I/O: the log writes the changes first, then they are applied here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Change, Delivery, Edit, Numbered, Post, Reaction};
use crate::ids::Ts;
use crate::wire::Shut;

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    seq: u64,
    last_ts: Ts,
    messages: BTreeMap<String, BTreeMap<Ts, Post>>,
    /// The replies that everyone sees, by channel and parent.
    threads: BTreeMap<String, BTreeMap<Ts, BTreeSet<Ts>>>,
    opened: BTreeSet<String>,
    shut: BTreeMap<String, Shut>,
    homes: BTreeMap<String, Value>,
    /// By person, the one on top last.
    modals: BTreeMap<String, Vec<Value>>,
    /// In the order in which they were queued.
    deliveries: Vec<Delivery>,
}

impl Model {
    /// The number of the last change.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// The latest timestamp that was ever given.
    pub(crate) fn last_ts(&self) -> Ts {
        self.last_ts
    }

    pub(crate) fn message(&self, channel: &str, ts: Ts) -> Option<&Post> {
        self.messages.get(channel)?.get(&ts)
    }

    /// All messages of a channel, oldest first, replies and ephemeral ones among them.
    pub(crate) fn messages(&self, channel: &str) -> impl DoubleEndedIterator<Item = &Post> {
        self.messages.get(channel).into_iter().flat_map(BTreeMap::values)
    }

    /// The replies that everyone sees, oldest first.
    pub(crate) fn replies(&self, channel: &str, parent: Ts) -> impl DoubleEndedIterator<Item = &Post> {
        let replies = self.threads.get(channel).and_then(|threads| threads.get(&parent)).into_iter().flatten();
        replies.filter_map(move |ts| self.message(channel, *ts))
    }

    pub(crate) fn is_opened(&self, channel: &str) -> bool {
        self.opened.contains(channel)
    }

    /// What keeps the app from writing in a channel.
    pub(crate) fn shut(&self, channel: &str) -> Option<Shut> {
        self.shut.get(channel).copied()
    }

    pub(crate) fn homes(&self) -> &BTreeMap<String, Value> {
        &self.homes
    }

    /// The modals that a person sees, the one on top last.
    pub(crate) fn modals(&self, user: &str) -> &[Value] {
        self.modals.get(user).map_or(&[], Vec::as_slice)
    }

    /// A modal with its person.
    pub(crate) fn modal(&self, wanted: impl Fn(&Value) -> bool) -> Option<(&String, &Value)> {
        let all = self.modals.iter().flat_map(|(user, stack)| stack.iter().map(move |view| (user, view)));
        all.into_iter().find(|(_, view)| wanted(view))
    }

    /// What still waits for the bot, oldest first.
    pub(crate) fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    pub(crate) fn delivery(&self, envelope_id: &str) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| delivery.envelope_id == envelope_id)
    }

    pub(crate) fn apply(&mut self, numbered: &Numbered) {
        self.seq = self.seq.max(numbered.seq);
        match &numbered.change {
            Change::Mark { last_ts } => self.saw(*last_ts),
            Change::Posted { post } => self.posted(post),
            Change::Edited { channel, ts, edit } => self.edited(channel, *ts, edit),
            Change::Deleted { channel, ts } => self.deleted(channel, *ts),
            Change::Reacted { channel, ts, reaction, user } => self.reacted(channel, *ts, reaction, user),
            Change::Unreacted { channel, ts, reaction, user } => self.unreacted(channel, *ts, reaction, user),
            Change::Opened { channel } => {
                self.opened.insert(channel.clone());
            }
            Change::Shut { channel, shut: Some(shut) } => {
                self.shut.insert(channel.clone(), *shut);
            }
            Change::Shut { channel, shut: None } => {
                self.shut.remove(channel);
            }
            Change::Home { user, view } => {
                self.homes.insert(user.clone(), view.clone());
            }
            Change::Modal { user, view } => {
                let stack = self.modals.entry(user.clone()).or_default();
                match stack.iter_mut().find(|known| known["id"] == view["id"]) {
                    Some(known) => known.clone_from(view),
                    None => stack.push(view.clone()),
                }
            }
            Change::Unmodal { user, views } => {
                let gone = |view: &Value| views.iter().any(|id| view["id"] == id.as_str());
                self.modals.entry(user.clone()).or_default().retain(|view| !gone(view));
            }
            Change::Queued { delivery } => self.deliveries.push((**delivery).clone()),
            Change::Settled { envelope_id } => self.deliveries.retain(|delivery| delivery.envelope_id != *envelope_id),
        }
    }

    /// The shortest history that leads to this state.
    pub(crate) fn history(&self) -> Vec<Change> {
        let mut changes = vec![Change::Mark { last_ts: self.last_ts }];
        changes.extend(self.opened.iter().map(|channel| Change::Opened { channel: channel.clone() }));
        let shut = self.shut.iter();
        changes.extend(shut.map(|(channel, shut)| Change::Shut { channel: channel.clone(), shut: Some(*shut) }));
        changes.extend(self.homes.iter().map(|(user, view)| Change::Home { user: user.clone(), view: view.clone() }));
        let modals = self.modals.iter().flat_map(|(user, stack)| stack.iter().map(move |view| (user, view)));
        changes.extend(modals.map(|(user, view)| Change::Modal { user: user.clone(), view: view.clone() }));
        let posts = self.messages.values().flat_map(BTreeMap::values);
        changes.extend(posts.map(|post| Change::Posted { post: Box::new(post.clone()) }));
        changes.extend(self.deliveries.iter().map(|delivery| Change::Queued { delivery: Box::new(delivery.clone()) }));
        changes
    }

    fn saw(&mut self, ts: Ts) {
        self.last_ts = self.last_ts.max(ts);
    }

    fn posted(&mut self, post: &Post) {
        self.saw(post.ts);
        self.messages.entry(post.channel.clone()).or_default().insert(post.ts, post.clone());
        if let (Some(parent), None) = (post.thread_ts, &post.only_for) {
            self.threads.entry(post.channel.clone()).or_default().entry(parent).or_default().insert(post.ts);
        }
    }

    fn deleted(&mut self, channel: &str, ts: Ts) {
        let post = self.messages.get_mut(channel).and_then(|all| all.remove(&ts));
        let threads = self.threads.get_mut(channel);
        if let (Some(parent), Some(threads)) = (post.and_then(|post| post.thread_ts), threads)
            && let Some(replies) = threads.get_mut(&parent)
        {
            replies.remove(&ts);
        }
    }

    fn edited(&mut self, channel: &str, ts: Ts, edit: &Edit) {
        self.saw(edit.at);
        if let Some(post) = self.messages.get_mut(channel).and_then(|all| all.get_mut(&ts)) {
            post.text.clone_from(&edit.text);
            post.blocks.clone_from(&edit.blocks);
            post.attachments.clone_from(&edit.attachments);
            post.metadata.clone_from(&edit.metadata);
            post.edited = Some(edit.at);
        }
    }

    fn reacted(&mut self, channel: &str, ts: Ts, name: &str, user: &str) {
        let Some(post) = self.messages.get_mut(channel).and_then(|all| all.get_mut(&ts)) else { return };
        match post.reactions.iter_mut().find(|reaction| reaction.name == name) {
            Some(reaction) => {
                reaction.users.insert(user.to_owned());
            }
            None => post.reactions.push(Reaction { name: name.to_owned(), users: [user.to_owned()].into() }),
        }
    }

    fn unreacted(&mut self, channel: &str, ts: Ts, name: &str, user: &str) {
        let Some(post) = self.messages.get_mut(channel).and_then(|all| all.get_mut(&ts)) else { return };
        for reaction in post.reactions.iter_mut().filter(|reaction| reaction.name == name) {
            reaction.users.remove(user);
        }
        post.reactions.retain(|reaction| !reaction.users.is_empty());
    }
}
