//! What is left over, as an answer: by environment, each with a button that proposes its removal.

use super::answer::Reply;
use super::voice::words;
use super::{buttons, outcome};
use crate::handle::{Left, Leftovers};
use gantry_engine::receipt::Found;
use gantry_templates::{Said, sentences as s};

/// How many environments are shown.
const ENVIRONMENTS: usize = 10;

pub(super) fn leftovers(all: &[Leftovers]) -> Reply {
    let mut reply = Reply::default();
    let mut shown = 0;
    for Leftovers { project, left } in all {
        match left {
            Ok(left) => {
                reply = left.iter().take(ENVIRONMENTS - shown).fold(reply, environment);
                shown = (shown + left.len()).min(ENVIRONMENTS);
            }
            Err(why) => {
                let (project, why) = (project.to_string(), why.clone());
                reply = reply.say(words().say(&s::LeftUnseen { project, why }));
            }
        }
    }
    let found: usize = all.iter().filter_map(|all| all.left.as_ref().ok()).map(Vec::len).sum();
    if found > shown {
        let more = gantry_templates::Mrkdwn::more(found - shown, "environment");
        reply = reply.say(Said { mrkdwn: more.clone(), text: more });
    }
    if found == 0 && all.iter().all(|all| all.left.is_ok()) { reply.say(words().say(&s::LeftNone {})) } else { reply }
}

fn environment(reply: Reply, Left { key, found, data }: &Left) -> Reply {
    let (env, project) = (key.env.to_string(), key.project.to_string());
    let head = words().say(&s::LeftHead { env, project, left: found.len() });
    let line = |thing: &Found| {
        let item = format!("{} {} ({} {})", thing.mark.addr, thing.mark.generation, thing.kind, thing.id.0);
        if data.contains(&thing.kind) { words().say(&s::LeftData { item }) } else { words().say(&s::LeftItem { item }) }
    };
    let lines = outcome::folded(found.iter().map(line).collect(), "thing");
    reply.say(head).say_lines(lines).offer(vec![buttons::remove(key)])
}
