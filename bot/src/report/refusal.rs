//! Refusals: why not, and what to do instead.

use super::answer::Reply;
use super::voice::words;
use crate::handle::No;
use crate::message::Block;
use crate::rights::Refused;
use gantry_engine::names::UserId;
use gantry_engine::project::Who;
use gantry_templates::sentences as s;

pub(super) fn refusal(no: &No, user: &UserId) -> Reply {
    let words = words();
    let reply = Reply::default();
    match no {
        No::Right(refused) => right(refused, user),
        No::Plan(why) => reply.say(words.say(&s::NoPlan { why: why.to_string() })),
        No::Vote { op, why } => reply.say(words.say(&s::VoteVoid { op: op.to_string(), why: why.to_string() })),
        No::TooLate { op, state } => {
            reply.say(words.say(&s::TooLate { op: op.to_string(), state: words.state(*state) }))
        }
        No::NotParked { op, state } => {
            reply.say(words.say(&s::NotParked { op: op.to_string(), state: words.state(*state) }))
        }
        No::NoOperation(Some(op)) => reply.say(words.say(&s::NoOperation { op: op.to_string() })),
        No::NoOperation(None) => reply.say(words.say(&s::WhichOperation { example: "approve op-17".to_owned() })),
        No::Missing { what, example } => reply
            .say(words.say(&s::Missing { what: (*what).to_owned() }))
            .say(words.say(&s::Example { words: example.clone() })),
        No::Elsewhere { what } => reply.say(words.say(&s::Elsewhere { what: what.clone() })),
        No::NotThere(key) => {
            let example = format!("provision {}", key.env);
            reply.say(words.say(&s::NotThere { env: key.to_string(), example }))
        }
        No::Unknown { what, why } => reply.say(words.say(&s::Unknown { what: what.clone(), why: why.clone() })),
        No::Platform(why) => reply.say(words.say(&s::PlatformCant { why: why.clone() })),
        No::Reload(findings) => reply.say(words.say(&s::BadProject {})).show(Block::preformatted(findings)),
    }
}

fn right(refused: &Refused, user: &UserId) -> Reply {
    let words = words();
    let reply = Reply::default().say(words.say(&s::MayNot {
        who: user.to_string(),
        verb: refused.verb.clone(),
        env: refused.env.as_ref().map(ToString::to_string),
        line: refused.rule,
    }));
    let mut who: Vec<String> = refused.helpers.iter().map(name).collect();
    who.sort();
    who.dedup();
    if who.is_empty() { reply } else { reply.say(words.say(&s::WhoCan { who })) }
}

fn name(who: &Who) -> String {
    match who {
        Who::Everyone => "@everyone".to_owned(),
        Who::Group(group) => format!("@{group}"),
        Who::Person(person) => format!("@{person}"),
    }
}
