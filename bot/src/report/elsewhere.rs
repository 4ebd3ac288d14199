//! Who is told where, when a channel can't be written: whom a message is about, by direct message; and if that can't be,
//! the channel for what has none. First why, then the operation's card, then the message, each once; copies follow their
//! originals, so a card in a direct message is as true as the one in the thread.
//!
//! It says what is to be stored, and sends nothing.

use super::voice::{called, full, message, words};
use crate::directory::Directory;
use crate::message::{About, Block, Body, MarkState};
use gantry_engine::journal::{Operation, State};
use gantry_engine::names::{ChannelId, OpId, UserId};
use gantry_engine::ports::{Post, PostDraft, PostKey, Store, StoreError, Thread};
use gantry_templates::{Said, sentences as s};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Knows who is told elsewhere.
pub struct Elsewhere {
    /// Where operations and environments are.
    pub store: Arc<dyn Store>,
    /// Who is asked for votes.
    pub directory: Arc<dyn Directory>,
    /// Where it is said when whom it is about can't be reached.
    pub fallback: ChannelId,
}

/// A reader, and whether their vote is asked for.
type Reader = (ChannelId, bool);

impl Elsewhere {
    /// The messages that tell elsewhere what a post would have told, and why they do; none where nobody is left to tell.
    ///
    /// # Errors
    /// [`StoreError`] where the store can't be read.
    pub(super) async fn tell(&self, post: &Post, why: &str) -> Result<Vec<PostDraft>, StoreError> {
        let draft = &post.draft;
        let original = draft.key.original();
        // Whoever can't be reached is told in the channel for that; who can't be told there either, nowhere.
        let lost = original.is_some();
        if lost && draft.channel == self.fallback {
            return Ok(Vec::new());
        }
        let (key, channel) = match original {
            Some(key) => match self.store.post(&key).await? {
                Some(Post { draft, .. }) => (key, draft.channel),
                None => return Ok(Vec::new()),
            },
            None => (draft.key.clone(), draft.channel.clone()),
        };
        let Some(about) = Body::of(post).ok().and_then(|body| body.about) else { return Ok(Vec::new()) };
        let op = match &about {
            About::Operation(id) => match self.operation(*id).await {
                Ok(op) => Some(op),
                // Everything behind it would wait for what gets no better.
                Err(error @ (StoreError::Unreadable { .. } | StoreError::NoSuchOperation(_))) => {
                    tracing::error!(op = %id, %error, "nobody can be told of an operation elsewhere");
                    return Ok(Vec::new());
                }
                Err(error) => return Err(error),
            },
            About::Environment(_) | About::Person(_) => None,
        };
        let mut readers: BTreeSet<Reader> = match (&about, lost) {
            // It is for nobody else's eyes.
            (About::Person(_), true) => BTreeSet::new(),
            (_, true) => BTreeSet::from([(self.fallback.clone(), false)]),
            (_, false) => self.readers(&about, op.as_ref()).await?,
        };
        readers.retain(|(reader, _)| *reader != channel);
        let card = match &op {
            // The words of an old one may be forgotten.
            Some(op) => self
                .store
                .post(&PostKey::card(op.id))
                .await?
                .map(|card| card.draft)
                .filter(|card| !card.body.is_empty()),
            None => None,
        };
        let mut told = Vec::new();
        for (reader, asked) in readers {
            let notice = notice(&about, op.as_ref().map(|op| (op, asked)), &Closed { channel: &channel, why, lost });
            let key_of_notice = PostKey(format!("closed/{channel}/{}/{reader}", subject(&about)));
            told.push(to(&reader, key_of_notice, notice));
            told.extend(card.iter().map(|card| to(&reader, card.key.copy(&reader), card.body.clone())));
            told.push(to(&reader, key.copy(&reader), draft.body.clone()));
        }
        Ok(told)
    }

    async fn operation(&self, id: OpId) -> Result<Operation, StoreError> {
        let unreadable = |why: gantry_engine::journal::Illegal| StoreError::Unreadable {
            what: id.to_string(),
            why: why.to_string(),
        };
        Operation::fold(id, &self.store.history(id, 0).await?).map_err(unreadable)
    }

    async fn readers(&self, about: &About, op: Option<&Operation>) -> Result<BTreeSet<Reader>, StoreError> {
        let of = |user: &UserId, asked| (ChannelId::new(user.as_str()), asked);
        let owner = match (about, op) {
            (About::Person(user), _) => Some(user.clone()),
            (_, Some(op)) if op.request.by.user().is_some() => op.request.by.user().cloned(),
            (_, Some(op)) => self.store.environment(&op.request.key).await?.map(|env| env.owner),
            (About::Environment(key), None) => self.store.environment(key).await?.map(|env| env.owner),
            (About::Operation(_), None) => None,
        };
        let mut readers: BTreeSet<Reader> = owner.iter().map(|user| of(user, false)).collect();
        if let Some(op) = op.filter(|op| op.state() == State::Voting) {
            readers.extend(
                self.asked(op).await.iter().filter(|user| owner.as_ref() != Some(user)).map(|user| of(user, true)),
            );
        }
        Ok(readers)
    }

    /// Who can give a vote that is missing, and hasn't voted.
    async fn asked(&self, op: &Operation) -> BTreeSet<UserId> {
        let votes = op.votes_in_time();
        let voted: BTreeSet<&UserId> = op.motion().standing(&votes).into_iter().map(|vote| &vote.by).collect();
        let mut asked = BTreeSet::new();
        for group in op.tally().iter().filter(|tally| tally.missing() > 0).flat_map(|tally| tally.ask.policy.groups()) {
            match self.directory.members(group).await {
                Ok(members) => asked.extend(members),
                // They are reminded when half of the time is over.
                Err(error) => tracing::warn!(op = %op.id, %error, "who is asked for a vote isn't known"),
            }
        }
        asked.retain(|user| !voted.contains(user));
        asked
    }
}

/// What can't be written, and Slack's code for it.
struct Closed<'a> {
    channel: &'a ChannelId,
    why: &'a str,
    /// Whether those can't be told either whom it is about; then it is why not.
    lost: bool,
}

fn subject(about: &About) -> String {
    match about {
        About::Operation(op) => op.to_string(),
        About::Environment(key) => full(key),
        About::Person(_) => "answers".to_owned(),
    }
}

fn to(reader: &ChannelId, key: PostKey, body: String) -> PostDraft {
    PostDraft { key, channel: reader.clone(), thread: Thread::None, only_for: None, body }
}

/// Why something is told here and not there, how it stands, and what to do.
fn notice(about: &About, op: Option<(&Operation, bool)>, at: &Closed<'_>) -> String {
    let words = words();
    let lost = at.lost;
    let archived = !lost && matches!(at.why, "is_archived" | "is_inactive");
    let (removed, missing) = (!lost && at.why == "not_in_channel", !lost && at.why == "channel_not_found");
    let restricted = !(archived || removed || missing);
    let closed = words.say(&s::Closed { channel: at.channel.to_string(), archived, removed, missing, lost });
    let remedy = words.say(&s::Remedy { archived, restricted });
    let said: Said = match (about, op) {
        (_, Some((op, asked))) => words.say(&s::ElsewhereOperation {
            closed,
            remedy,
            op: op.id.to_string(),
            what: words.change(&op.request.change, &called(&op.request)),
            state: words.state(op.state()),
            asked,
        }),
        (About::Environment(key), None) => words.say(&s::ElsewhereEnvironment {
            closed,
            remedy,
            env: key.env.to_string(),
            project: key.project.to_string(),
        }),
        (About::Operation(_) | About::Person(_), None) => words.say(&s::ElsewherePerson { closed, remedy }),
    };
    Body::new(MarkState::Note, None, message(&[&said], vec![Block::section(said.mrkdwn.clone())])).to_json()
}
