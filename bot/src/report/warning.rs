//! The card before an environment ends, what becomes of it once it isn't so any more, and the question who takes an
//! environment over.

use super::voice::{full, message, small, words};
use super::{buttons, card, cost};
use crate::message::{About, Block, Body, Button, MarkState};
use gantry_engine::apply::NoPlan;
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::expiry::{self, Warned};
use gantry_engine::names::{ChannelId, EnvKey, GroupName, UserId};
use gantry_engine::ports::{PostDraft, PostKey, Thread};
use gantry_engine::project::VolumesAtEnd;
use gantry_templates::{Said, duration, sentences as s};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// The largest group whose members are called one by one.
const CALLED: usize = 8;

/// A warning that an environment ends. The same one has the same key.
#[must_use]
pub fn warning(env: &Environment, warned: &Warned, channel: ChannelId, thread: Thread) -> PostDraft {
    let words = words();
    let name = env.key.env.to_string();
    let head = head(warned, Some(env));
    let services = card::volumes(env);
    let data = match env.volumes {
        _ if services.is_empty() => None,
        VolumesAtEnd::Delete => Some(words.say(&s::WarningDeleted { services })),
        VolumesAtEnd::Keep => Some(words.say(&s::WarningKept { services })),
    };
    let given = warned.end.saturating_sub(warned.left).unwrap_or(warned.end);
    let so_far = env.meter.as_ref().and_then(|meter| cost::warning(meter, given, warned.end));
    let hour = SignedDuration::from_hours(1);
    let later = [("1h", hour), ("4h", hour * 4)];
    let later: Vec<&str> =
        later.into_iter().filter(|(_, by)| card::can_extend(env, *by)).map(|(text, _)| text).collect();
    // Where the project sets a maximum, an environment can't be kept for ever, but until then.
    let until = env.latest.filter(|latest| *latest > warned.end);
    let can = later.first().map(|by| format!("extend {name} by {by}"));
    let keep = env.latest.is_none().then(|| format!("keep {name}"));
    let silence = words
        .say(&s::WarningSilence { words: can.into_iter().chain(keep).chain([format!("teardown {name}")]).collect() });
    let extend = later.iter().map(|by| buttons::extend(&env.key, by));
    let keep = match env.latest {
        None => Some(buttons::keep(&env.key)),
        Some(_) => until.map(|latest| buttons::keep_until(&env.key, latest)),
    };
    let teardown = buttons::teardown(&env.key, card::deleted(env), true);
    let digest = warned.digest();
    let buttons: Vec<Button> = extend.chain(keep).chain([teardown]).map(|button| button.for_plan(&digest)).collect();
    let mut blocks = vec![Block::section(head.mrkdwn.clone())];
    blocks.extend(data.iter().chain(&so_far).map(|said| Block::section(said.mrkdwn.clone())));
    blocks.extend([Block::Actions(buttons), small(&silence)]);
    let sentence: Vec<_> = std::iter::once(&head).chain(&data).chain(&so_far).chain([&silence]).collect();
    draft(key(warned), &env.key, (channel, thread), (&sentence, blocks))
}

/// Why a warning isn't so any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Void {
    /// Another one has taken its place.
    Newer,
    /// The end has come.
    Over,
    /// What it told has changed.
    Changed,
}

/// The same warning once it isn't so any more: without buttons, and with what is so instead.
#[must_use]
pub fn voided(warned: &Warned, env: Option<&Environment>, why: Void) -> PostDraft {
    let words = words();
    let living = env.filter(|env| env.phase == Phase::Live && env.incarnation == warned.incarnation);
    let now = match (why, living) {
        (Void::Newer, _) => words.say(&s::WarningNewer {}),
        (Void::Over, _) => words.say(&s::WarningOver {}),
        (Void::Changed, Some(env)) => card::ends(env, env.key.env.as_str()),
        (Void::Changed, None) => words.say(&s::WarningGone {}),
    };
    let head = head(warned, env);
    let blocks = vec![Block::section(head.mrkdwn.clone()), small(&now)];
    // Where it is was settled when it was stored.
    draft(key(warned), &warned.key, (ChannelId::new(""), Thread::None), (&[&head, &now], blocks))
}

fn head(warned: &Warned, env: Option<&Environment>) -> Said {
    let words = words();
    words.say(&s::WarningHead {
        env: warned.key.env.to_string(),
        project: warned.key.project.to_string(),
        at: words.time(warned.end),
        left: duration(warned.left),
        owner: env.map(|env| env.owner.to_string()).unwrap_or_default(),
    })
}

fn key(Warned { key, incarnation, end, distance, .. }: &Warned) -> PostKey {
    PostKey(format!("warn/{}#{incarnation}/{}/{}", full(key), end.as_second(), distance.as_secs()))
}

/// An environment's end came so long ago, and there is no way to end it now; told once a day.
#[must_use]
pub fn end_fails(env: &Environment, (why, since): (&NoPlan, SignedDuration), place: (ChannelId, Thread)) -> PostDraft {
    let (name, owner) = (env.key.env.to_string(), env.owner.to_string());
    let end = env.expiry.map_or(0, Timestamp::as_second);
    let key = format!("end-fails/{}#{}/{end}/{}", full(&env.key), env.incarnation, since.as_hours() / 24);
    let said = words().say(&s::EndFails { env: name, owner, why: why.to_string() });
    let blocks = vec![Block::section(said.mrkdwn.clone()), Block::Actions(vec![buttons::status(&env.key)])];
    draft(PostKey(key), &env.key, place, (&[&said], blocks))
}

/// Who is asked to take over.
#[derive(Debug)]
pub struct Asked {
    /// A group.
    pub group: GroupName,
    /// Its members.
    pub people: BTreeSet<UserId>,
}

/// The question who takes over what belongs to somebody who has left; asked once for each owner of each life.
#[must_use]
pub fn owner_left(env: &Environment, asked: Option<&Asked>, channel: ChannelId) -> PostDraft {
    let words = words();
    let people = asked.map(|asked| &asked.people);
    let said = words.say(&s::OwnerLeft {
        owner: env.owner.to_string(),
        env: env.key.env.to_string(),
        project: env.key.project.to_string(),
        ends: env.expiry.map(|at| words.time(at)),
        group: asked.map(|Asked { group, .. }| format!("@{group}")),
        people: people.filter(|all| all.len() <= CALLED).into_iter().flatten().map(ToString::to_string).collect(),
        words: format!("own {}", full(&env.key)),
    });
    let take = buttons::take(&env.key).for_plan(&expiry::owned(env));
    let blocks = vec![Block::section(said.mrkdwn.clone()), Block::Actions(vec![take])];
    let key = PostKey(format!("owner-left/{}#{}/{}", full(&env.key), env.incarnation, env.owner));
    draft(key, &env.key, (channel, Thread::None), (&[&said], blocks))
}

fn draft(
    key: PostKey,
    env: &EnvKey,
    (channel, thread): (ChannelId, Thread),
    (sentence, blocks): (&[&Said], Vec<Block>),
) -> PostDraft {
    let body = Body::new(MarkState::Note, None, message(sentence, blocks)).about(About::Environment(env.clone()));
    PostDraft { key, channel, thread, only_for: None, body: body.to_json() }
}
