//! The record for people: every event in one sentence, the same in a thread, in `history` and in what is exported.

use super::answer::Reply;
use super::voice::words;
use super::{lock, outcome, schedule};
use gantry_engine::audit::{Event, Moved, What};
use gantry_engine::change::Actor;
use gantry_engine::names::{Digest, OpId};
use gantry_templates::{Said, sentences as s};

/// What happened to an operation.
pub(super) fn story(op: OpId, events: &[Event]) -> Reply {
    let op = op.to_string();
    if events.is_empty() {
        return Reply::default().say(words().say(&s::StoryNone { op }));
    }
    Reply::default().say(words().say(&s::StoryHead { op })).say_lines(events.iter().map(line).collect())
}

/// An event with its time.
#[must_use]
pub(crate) fn line(event: &Event) -> Said {
    words().say(&s::RecordLine { at: words().time(event.at), what: sentence(event) })
}

/// An event in a sentence.
fn sentence(event: &Event) -> Said {
    let words = words();
    let op = event.op.map(|op| op.to_string()).unwrap_or_default();
    let because = event.because.clone();
    let env = event.key.as_ref().map(ToString::to_string);
    let person = || event.by.as_ref().and_then(Actor::user).map(ToString::to_string).unwrap_or_default();
    let short = |plan: &Digest| plan.short().to_owned();
    let who = who(event.by.as_ref());
    match &event.what {
        What::Asked { words: said, plan, bypass, resumes, .. } => {
            let (words_said, bypassed, resumes) = (said.clone(), *bypass, resumes.map(|op| op.to_string()));
            words.say(&s::RecordAsked { who, op, words: words_said, bypassed, resumes, because, plan: short(plan) })
        }
        What::Approved { plan } => words.say(&s::RecordApproved { by: person(), op, because, plan: short(plan) }),
        What::Rejected { plan } => words.say(&s::RecordRejected { by: person(), op, because, plan: short(plan) }),
        What::Replanned { plan } => words.say(&s::RecordReplanned { op, plan: short(plan) }),
        What::Started { plan } => words.say(&s::RecordStarted { op, plan: short(plan) }),
        What::Retried => words.say(&s::RecordRetried { who, op, because }),
        What::Cancelled => words.say(&s::RecordCancelled { who, op, because }),
        What::Parked { failure } => words.say(&s::RecordParked { op, why: words.failure(failure) }),
        What::Reverted { services } => {
            let taken = |(service, (serving, why)): (&gantry_engine::names::ServiceName, &(_, String))| {
                let (service, serving) = (service.to_string(), words.serving(serving));
                words.say(&s::Reverted { service, why: why.clone(), serving })
            };
            Said::sentences(&services.iter().map(taken).collect::<Vec<_>>())
        }
        What::Changed { moved } => {
            let moved = moved.iter().map(self::moved).collect();
            words.say(&s::RecordChanged { env: env.unwrap_or_default(), moved })
        }
        What::Receipted(receipt) => Said::sentences(&outcome::receipt(receipt)),
        What::Ended { state } => words.say(&s::RecordEnded { op, state: words.state(*state) }),
        What::Schedule { schedule } => words.say(&s::RecordSchedule { who, what: schedule::state(schedule) }),
        What::Kill { target } => {
            words.say(&s::RecordKill { who, target: target.clone(), env: env.unwrap_or_default(), because })
        }
        What::Lock { lock } => lock::happened(lock),
        What::Refused { verb } => words.say(&s::RecordRefused { who, verb: verb.clone(), env }),
        What::Pruned { upto, digest } => words.say(&s::RecordPruned { upto: *upto, digest: short(digest) }),
        What::Reloaded { project, from, to } => words.say(&s::RecordReloaded {
            project: project.to_string(),
            by: event.by.as_ref().map(|_| who),
            from: from.as_ref().map(short),
            to: short(to),
        }),
    }
}

fn who(by: Option<&Actor>) -> Said {
    match by {
        Some(Actor::User(user)) => words().say(&s::Person { id: user.to_string() }),
        Some(Actor::Schedule) => words().say(&s::TheSchedule {}),
        None => words().say(&s::Itself {}),
    }
}

fn moved(Moved { field, from, to }: &Moved) -> Said {
    let value = |value: &String| match field.as_str() {
        "owner" => words().say(&s::Person { id: value.clone() }),
        _ => words().say(&s::RecordValue { value: value.clone() }),
    };
    let (from, to) = (from.as_ref().map(value), to.as_ref().map(value));
    words().say(&s::RecordMoved { field: field.clone(), from, to })
}
