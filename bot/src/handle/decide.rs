//! Votes. A vote is on the plan that the person saw: a button carries its digest, a typed approval means what the card shows
//! that was delivered last. A typed rejection means the operation, whatever its plan.

use super::answer::{Answer, No, Word};
use super::write::{Written, read, still_open, write};
use super::{Handler, Said};
use crate::message::Body;
use gantry_commands::{self as commands, Verb};
use gantry_engine::approval::{Ballot, Ineligible, Vote};
use gantry_engine::journal::{Decision, Entry, Operation, State};
use gantry_engine::names::{ChannelId, Digest, GroupName, OpId, UserId};
use gantry_engine::ports::{PostKey, StoreError};
use jiff::Timestamp;
use std::collections::BTreeSet;

enum Refusal {
    Late(State),
    Ineligible(Ineligible),
    /// And whether there was another plan before.
    Unseen(bool),
}

impl Handler {
    pub(super) async fn decide(
        &self,
        said: &Said<'_>,
        decision: &commands::Decision,
    ) -> Result<Option<Answer>, StoreError> {
        let id = match said.scene.operation(decision.op) {
            Ok(id) => id,
            Err(answer) => return Ok(Some(answer)),
        };
        let Some(record) = self.engine.store.operation(id).await? else {
            return Ok(Some(Answer::No(No::NoOperation(Some(id)))));
        };
        let verb = match decision.vote {
            commands::Vote::Approve => Verb::Approve,
            commands::Vote::Reject => Verb::Reject,
        };
        let op = read(&self.engine, id).await?;
        let right = deciding(&said.incoming.user, &op, verb);
        if let Err(answer) = self.allowed(&said.scene, right, &record.key).await {
            return Ok(Some(answer));
        }
        let groups = match self.groups(said, &op).await {
            Ok(groups) => groups,
            Err(answer) => return Ok(Some(answer)),
        };
        let ballot = if decision.vote == commands::Vote::Approve { Ballot::Approve } else { Ballot::Reject };
        let typed = said.incoming.digest.is_none() && ballot == Ballot::Approve;
        let shown = if typed { self.shown(said, &op).await? } else { None };
        let cast = |op: &Operation, at: Timestamp| {
            still_open(op).map_err(Refusal::Late)?;
            if op.admitted.is_some() {
                return Err(Refusal::Late(op.state()));
            }
            // Nobody may have been there to write it down as expired.
            if op.deadline.is_some_and(|deadline| deadline < at) {
                return Err(Refusal::Late(State::Expired));
            }
            let vote = Vote {
                by: said.incoming.user.clone(),
                ballot,
                digest: said.incoming.digest.clone().unwrap_or_else(|| op.motion().digest()),
                plan: Some(op.digest.clone()),
                groups: groups.clone(),
                because: decision.because.as_ref().map(|reason| reason.as_str().to_owned()),
                at,
            };
            op.motion().eligible(&vote).map_err(Refusal::Ineligible)?;
            if typed && shown.as_ref() != Some(&vote.digest) {
                return Err(Refusal::Unseen(op.replanned));
            }
            Ok(Entry::Voted(vote))
        };
        Ok(Some(match write(&self.engine, id, said.id, cast).await? {
            Written::Done(_) => {
                self.workers.ring(id);
                Answer::Noted { verb, op: id }
            }
            Written::TooLate(Refusal::Late(state)) => self.too_late(id, state).await?,
            Written::TooLate(Refusal::Ineligible(why)) => Answer::No(No::Vote { op: id, why }),
            Written::TooLate(Refusal::Unseen(changed)) => Answer::No(No::Unseen { op: id, changed }),
        }))
    }

    /// The motion that somebody has before them who types: what an operation's card shows, there or in a copy for them, as
    /// far as that is known to have been delivered. None where the newest edit is still on its way.
    async fn shown(&self, said: &Said<'_>, op: &Operation) -> Result<Option<Digest>, StoreError> {
        let motion = Some(op.motion().digest());
        if op.state() != State::Voting {
            return Ok(motion);
        }
        let (card, own) = (PostKey::card(op.id), ChannelId::new(said.incoming.user.as_str()));
        for key in [card.copy(&said.incoming.channel), card.copy(&own), card] {
            let Some(post) = self.engine.store.post(&key).await?.filter(|post| post.ts.is_some()) else { continue };
            if !op.replanned {
                return Ok(motion);
            }
            if post.sent == post.version
                && let Some(shown) = Body::of(&post).ok().and_then(|body| body.asks_for(op.id))
            {
                return Ok(Some(shown));
            }
        }
        Ok(None)
    }

    /// That somebody's word came too late, and whose came before.
    pub(super) async fn too_late(&self, op: OpId, state: State) -> Result<Answer, StoreError> {
        let by = match read(&self.engine, op).await?.decision() {
            Decision::Approved(by) => Some(Word::Approved(by.to_vec())),
            Decision::Ended(by) => Some(Word::Ended(by.clone())),
            Decision::Nobody => None,
        };
        Ok(Answer::No(No::TooLate { op, state, by }))
    }

    /// The groups of the speaker that the operation's terms ask about. Fails closed.
    pub(super) async fn groups(&self, said: &Said<'_>, op: &Operation) -> Result<BTreeSet<GroupName>, Answer> {
        let mut groups = BTreeSet::new();
        for group in op.terms.groups() {
            match self.directory.members(&group).await {
                Ok(members) if members.contains(&said.incoming.user) => groups.insert(group),
                Ok(_) => continue,
                Err(unknown) => return Err(Answer::No(No::Unknown { what: unknown.what, why: unknown.why })),
            };
        }
        Ok(groups)
    }
}

/// The right that a word on an operation takes: whoever may ask for it may confirm it, or take it back.
pub(super) fn deciding(user: &UserId, op: &Operation, verb: Verb) -> &'static str {
    if op.request.by.user() == Some(user) { op.request.change.verb() } else { verb.name() }
}
