//! Votes. A vote is on the plan that the person saw: a button carries its digest, typed words mean the newest card.

use super::answer::{Answer, No};
use super::write::{Written, read, still_open, write};
use super::{Handler, Said};
use gantry_commands::{Decision, Verb, Vote as Word};
use gantry_engine::approval::{Ballot, Ineligible, Vote};
use gantry_engine::journal::{Entry, Operation, State};
use gantry_engine::names::{GroupName, OpId, UserId};
use gantry_engine::ports::StoreError;
use jiff::Timestamp;
use std::collections::BTreeSet;

enum Refusal {
    Late(State),
    Ineligible(Ineligible),
}

impl Handler {
    pub(super) async fn decide(&self, said: &Said<'_>, decision: &Decision) -> Result<Option<Answer>, StoreError> {
        let id = match said.scene.operation(decision.op) {
            Ok(id) => id,
            Err(answer) => return Ok(Some(answer)),
        };
        let Some(record) = self.engine.store.operation(id).await? else {
            return Ok(Some(Answer::No(No::NoOperation(Some(id)))));
        };
        let verb = match decision.vote {
            Word::Approve => Verb::Approve,
            Word::Reject => Verb::Reject,
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
                ballot: if decision.vote == Word::Approve { Ballot::Approve } else { Ballot::Reject },
                digest: said.incoming.digest.clone().unwrap_or_else(|| op.motion().digest()),
                groups: groups.clone(),
                because: decision.because.as_ref().map(|reason| reason.as_str().to_owned()),
                at,
            };
            op.motion().eligible(&vote).map_err(Refusal::Ineligible)?;
            Ok(Entry::Voted(vote))
        };
        Ok(self.after(verb, id, write(&self.engine, id, said.id, cast).await?))
    }

    fn after(&self, verb: Verb, op: OpId, written: Written<Refusal>) -> Option<Answer> {
        match written {
            Written::Done(_) => {
                self.workers.ring(op);
                Some(Answer::Noted { verb, op })
            }
            Written::TooLate(Refusal::Late(state)) => Some(Answer::No(No::TooLate { op, state })),
            Written::TooLate(Refusal::Ineligible(why)) => Some(Answer::No(No::Vote { op, why })),
        }
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
