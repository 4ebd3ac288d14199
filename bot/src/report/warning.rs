//! The card before an environment ends.

use super::voice::{full, message, short, small, words};
use super::{buttons, card};
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
    let name = short(&env.key.env);
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
    let can = vec![format!("extend {name} by 1h"), format!("keep {name}"), format!("teardown {name}")];
    let silence = words.say(&s::WarningSilence { words: can });
    let buttons = vec![
        buttons::extend(&env.key, "1h"),
        buttons::extend(&env.key, "4h"),
        buttons::keep(&env.key),
        buttons::teardown(&env.key, card::deleted(env), true),
    ];
    let mut blocks = vec![Block::section(head.mrkdwn.clone())];
    blocks.extend(data.as_ref().map(|data| Block::section(data.mrkdwn.clone())));
    blocks.extend([Block::Actions(buttons), small(&silence)]);
    let sentence: Vec<_> = std::iter::once(&head).chain(&data).chain([&silence]).collect();
    let key = format!("warn/{}#{}/{}/{}", full(&env.key), env.incarnation, end.as_second(), distance.as_secs());
    let body = Body::new(MarkState::Note, None, message(&sentence, blocks));
    PostDraft { key: PostKey(key), channel, thread, only_for: None, body: body.to_json() }
}
