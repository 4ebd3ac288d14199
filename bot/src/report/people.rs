//! Whose word a plan needs and has: on its card, in a reminder to those who are asked, and where everybody has to know that
//! nobody was.

use super::voice::{called, message, words};
use super::{lock, outcome};
use crate::message::{About, Block, Body, MarkState};
use gantry_engine::approval::{Ballot, Refusal, Tally, Terms, Vote};
use gantry_engine::change::{Actor, Request};
use gantry_engine::journal::Operation;
use gantry_engine::names::{ChannelId, OpId, UserId};
use gantry_engine::ports::{OpRecord, PostDraft, PostKey, Thread};
use gantry_engine::project::Policy;
use gantry_templates::{Said, ordinal, sentences as s};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How many people a reminder mentions.
const MENTIONED: usize = 10;

/// Whose word it needs or has, and who is ahead.
pub(super) fn lines(op: &Operation) -> Vec<Said> {
    let mut said: Vec<Said> = bypassed(op).into_iter().collect();
    if op.outcome.is_some() {
        said.extend(
            op.admitted.as_ref().filter(|approved| !approved.by().is_empty()).map(|approved| {
                words().say(&s::ApprovedBy { by: approved.by().iter().map(UserId::to_string).collect() })
            }),
        );
        return said;
    }
    if let Err(Refusal::Needs(tally)) = op.approval() {
        let missing: Vec<&Tally> = tally.iter().filter(|tally| tally.missing() > 0).collect();
        let last = missing.len().saturating_sub(1);
        let until = |place| op.deadline.filter(|_| place == last);
        said.extend(missing.iter().enumerate().map(|(place, tally)| needed(op, tally, until(place))));
    } else if op.request.by == Actor::Schedule && !op.terms.ask_nobody() {
        said.push(words().say(&s::ScheduledVotes {}));
    }
    let votes = op.votes_in_time();
    said.extend(outcome::folded(op.motion().standing(&votes).into_iter().map(vote).collect(), "vote"));
    if let Some(by) = &op.held {
        said.push(words().say(&s::CardHeld { by: lock::holdup(by) }));
    }
    if !op.ahead.is_empty() {
        let ahead = op.ahead.iter().map(ToString::to_string).collect();
        said.push(words().say(&s::Queued { ordinal: ordinal(op.ahead.len() + 1), ahead }));
    }
    said
}

fn needed(op: &Operation, tally: &Tally, until: Option<Timestamp>) -> Said {
    let words = words();
    let until = until.map(|at| words.time(at));
    let by = op.request.by.user().map(UserId::to_string).unwrap_or_default();
    match &tally.ask.policy {
        Policy::Votes { .. } => {
            let (need, have, missing) = (words.need(&tally.ask), tally.have.len(), tally.missing());
            words.say(&s::Votes { need, by, have, missing, until })
        }
        Policy::None | Policy::Confirm => words.say(&s::Confirmation { by, until, because: words.dangers(&tally.ask) }),
    }
}

fn vote(vote: &Vote) -> Said {
    let approves = vote.ballot == Ballot::Approve;
    words().say(&s::VoteLine {
        sign: if approves { "thumbsup" } else { "thumbsdown" }.to_owned(),
        by: vote.by.to_string(),
        approves,
        at: words().time(vote.at),
        because: vote.because.clone(),
    })
}

/// Whose word a plan needs, each with why.
pub(super) fn needs(terms: &Terms) -> Vec<Said> {
    terms.asks().iter().map(|ask| words().need(ask)).collect()
}

/// Whose word nobody waited for.
fn bypassed(op: &Operation) -> Option<Said> {
    let by = op.request.by.user().filter(|_| op.request.bypass && !op.terms.ask_nobody())?.to_string();
    let because = op.request.because.clone().unwrap_or_default();
    Some(words().say(&s::Bypassed { by, because, needs: needs(&op.terms) }))
}

/// Tells a channel that somebody skips approval. Once for each, however often it is said.
pub(crate) fn announcement(op: OpId, request: &Request, terms: &Terms, channel: &ChannelId) -> PostDraft {
    let said = words().say(&s::Announced {
        op: op.to_string(),
        what: words().change(&request.change, &called(request)),
        by: request.by.user().map(UserId::to_string).unwrap_or_default(),
        because: request.because.clone().unwrap_or_default(),
        needs: needs(terms),
    });
    let key = PostKey(format!("bypass/{op}/{channel}"));
    PostDraft { key, channel: channel.clone(), thread: Thread::None, only_for: None, body: note(&said).to_json() }
}

/// Reminds those who are asked and haven't said anything that half of their time is over.
pub(crate) fn reminder(op: &Operation, record: &OpRecord, asked: &BTreeSet<UserId>, until: Timestamp) -> PostDraft {
    let votes = op.votes_in_time();
    let voted: BTreeSet<&UserId> = op.motion().standing(&votes).into_iter().map(|vote| &vote.by).collect();
    let silent: Vec<String> = asked.iter().filter(|user| !voted.contains(user)).map(UserId::to_string).collect();
    let tally: Vec<Tally> = op.tally().into_iter().filter(|tally| tally.missing() > 0).collect();
    let said = words().say(&s::Reminder {
        op: op.id.to_string(),
        what: words().change(&op.request.change, &called(&op.request)),
        who: silent.iter().take(MENTIONED).cloned().collect(),
        more: silent.len().saturating_sub(MENTIONED),
        needs: tally.iter().map(|tally| words().need(&tally.ask)).collect(),
        missing: tally.iter().map(Tally::missing).sum(),
        until: words().time(until),
        words: vec![format!("approve {}", op.id), format!("reject {} because ..", op.id)],
    });
    let key = PostKey(format!("remind/{}/{}", op.id, until.as_second()));
    let (channel, thread) = (record.place.channel.clone(), super::project::replies(record));
    let body = note(&said).about(About::Operation(op.id));
    PostDraft { key, channel, thread, only_for: None, body: body.to_json() }
}

fn note(said: &Said) -> Body {
    let blocks = vec![Block::section(said.mrkdwn.clone())];
    Body::new(MarkState::Note, None, message(&[said], blocks))
}
