//! The card before an environment ends.

use super::voice::{full, message, small, words};
use super::{buttons, card, cost};
use crate::message::{Block, Body, MarkState};
use gantry_engine::environment::Environment;
use gantry_engine::names::ChannelId;
use gantry_engine::ports::{PostDraft, PostKey, Thread};
use gantry_engine::project::VolumesAtEnd;
use gantry_templates::{duration, sentences as s};
use jiff::{SignedDuration, Timestamp};

/// A warning that an environment ends at `end`, given so long before it. The same one has the same key.
#[must_use]
pub fn warning(
    env: &Environment,
    end: Timestamp,
    distance: SignedDuration,
    channel: ChannelId,
    thread: Thread,
) -> PostDraft {
    let words = words();
    let name = env.key.env.to_string();
    let head = words.say(&s::WarningHead {
        env: name.clone(),
        project: env.key.project.to_string(),
        at: words.time(end),
        left: duration(distance),
        owner: env.owner.to_string(),
    });
    let services = card::volumes(env);
    let data = match env.volumes {
        _ if services.is_empty() => None,
        VolumesAtEnd::Delete => Some(words.say(&s::WarningDeleted { services })),
        VolumesAtEnd::Keep => Some(words.say(&s::WarningKept { services })),
    };
    let so_far =
        env.meter.as_ref().and_then(|meter| cost::warning(meter, end.saturating_sub(distance).unwrap_or(end), end));
    let hour = SignedDuration::from_hours(1);
    let later = [("1h", hour), ("4h", hour * 4)];
    let later: Vec<&str> =
        later.into_iter().filter(|(_, by)| card::can_extend(env, *by)).map(|(text, _)| text).collect();
    // Where the project sets a maximum, an environment can't be kept.
    let keep = env.latest.is_none();
    let can = later.first().map(|by| format!("extend {name} by {by}"));
    let can = can.into_iter().chain(keep.then(|| format!("keep {name}"))).chain([format!("teardown {name}")]);
    let silence = words.say(&s::WarningSilence { words: can.collect() });
    let extend = later.iter().map(|by| buttons::extend(&env.key, by));
    let teardown = buttons::teardown(&env.key, card::deleted(env), true);
    let buttons = extend.chain(keep.then(|| buttons::keep(&env.key))).chain([teardown]).collect();
    let mut blocks = vec![Block::section(head.mrkdwn.clone())];
    blocks.extend(data.iter().chain(&so_far).map(|said| Block::section(said.mrkdwn.clone())));
    blocks.extend([Block::Actions(buttons), small(&silence)]);
    let sentence: Vec<_> = std::iter::once(&head).chain(&data).chain(&so_far).chain([&silence]).collect();
    let key = format!("warn/{}#{}/{}/{}", full(&env.key), env.incarnation, end.as_second(), distance.as_secs());
    let body = Body::new(MarkState::Note, None, message(&sentence, blocks));
    PostDraft { key: PostKey(key), channel, thread, only_for: None, body: body.to_json() }
}
