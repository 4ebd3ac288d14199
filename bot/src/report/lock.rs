//! Locks and freezes: refusals, answers, and what holders are asked.

use super::answer::Reply;
use super::buttons;
use super::voice::{full, message, words};
use crate::handle::Locks;
use crate::message::{About, Block, Body, Button, MarkState};
use gantry_commands::{Command, Control, Expiry, Length, Qualified, Reason};
use gantry_engine::change::Actor;
use gantry_engine::environment::Environment;
use gantry_engine::lock::{Holdup, Lock, LockEvent, LockRefused, LockWhat, Nag, Target};
use gantry_engine::names::{ChannelId, ServiceName, UserId};
use gantry_engine::ports::{PostDraft, PostKey, Thread};
use gantry_engine::project::Locking;
use gantry_templates::{Said, duration, sentences as s};
use jiff::{SignedDuration, Timestamp};

/// A lock or a freeze, in a sentence.
pub(super) fn holdup(by: &Holdup) -> Said {
    let words = words();
    match by {
        Holdup::Lock(lock) => words.say(&s::LockHeld {
            what: lock.target.to_string(),
            by: lock.by.to_string(),
            until: words.time(lock.until),
            because: lock.because.clone(),
        }),
        Holdup::Freeze { key, until, because, line } => words.say(&s::Frozen {
            env: key.env.to_string(),
            until: words.time(*until),
            because: because.clone(),
            line: *line,
        }),
    }
}

/// A change that is held back: by whom, and what to do.
pub(super) fn held(by: &Holdup, again: &str) -> Reply {
    let again = again.to_owned();
    let remedy = match by {
        Holdup::Lock(lock) => {
            let steal = format!("steal {} because ..", lock.target);
            words().say(&s::LockAsk { by: lock.by.to_string(), again: again.clone(), steal })
        }
        Holdup::Freeze { .. } => {
            let mends = ["rollback", "scale", "restart"].map(str::to_owned).into();
            words().say(&s::FrozenAsk { words: mends, again: again.clone() })
        }
    };
    Reply::default().say(holdup(by)).say(remedy).offer(vec![buttons::when_free(&again)])
}

/// A lock that can't be had or given up.
pub(super) fn refused(why: &LockRefused, user: &UserId) -> Reply {
    let words = words();
    let reply = Reply::default();
    match why {
        LockRefused::Held(lock) if &lock.by != user => {
            let steal = format!("steal {} because ..", lock.target);
            let (by, what) = (lock.by.to_string(), lock.target.to_string());
            reply.say(holdup(&Holdup::Lock(lock.clone()))).say(words.say(&s::LockOthers { by, what, steal }))
        }
        LockRefused::Held(lock) => reply.say(holdup(&Holdup::Lock(lock.clone()))),
        LockRefused::NotLocked(target) => {
            let example = format!("locks {}", target.key.env);
            reply.say(words.say(&s::LockNot { what: target.to_string(), words: example }))
        }
        LockRefused::TooLong { target, latest } => {
            reply.say(words.say(&s::LockTooLong { what: target.to_string(), latest: words.time(*latest) }))
        }
    }
}

/// What was done with a lock.
pub(super) fn done(event: &LockEvent) -> Reply {
    let reply = Reply::default().say(happened(event));
    if event.until.is_some() { reply.offer(vec![buttons::unlock(&event.target)]) } else { reply }
}

/// What happened to a lock, in a sentence.
pub(super) fn happened(event: &LockEvent) -> Said {
    let words = words();
    let what = event.target.to_string();
    let by = event.by.user().map(UserId::to_string).unwrap_or_default();
    let because = event.because.clone().unwrap_or_default();
    let until = words.time(event.until.unwrap_or(event.at));
    match &event.what {
        LockWhat::Taken => words.say(&s::LockTaken { by, what, until, because }),
        LockWhat::Moved => words.say(&s::LockMoved { by, what, until, because }),
        LockWhat::Stolen { from } => words.say(&s::LockStolen { by, what, from: from.to_string(), until, because }),
        LockWhat::Released => words.say(&s::LockReleased { by, what, because: event.because.clone() }),
        LockWhat::Ended { by } => words.say(&s::LockEnded { by: by.to_string(), what }),
    }
}

pub(super) fn locks(locks: &Locks) -> Reply {
    let words = words();
    let mut reply = Reply::default();
    if locks.holdups.is_empty() {
        reply = reply.say(words.say(&s::LocksNone {}));
    }
    reply = reply.say_lines(locks.holdups.iter().map(holdup).collect());
    let waits = |(op, state): &(_, _)| {
        let op: &gantry_engine::names::OpId = op;
        words.say(&s::LockWaits { op: op.to_string(), state: words.state(*state) })
    };
    reply = reply.say_lines(locks.waiting.iter().map(waits).collect());
    reply.say_lines(locks.events.iter().map(|event| line(event).1).collect())
}

/// What happened to a lock, as a line of a history, and when.
pub(super) fn line(event: &LockEvent) -> (Timestamp, Said) {
    let said = s::LockHappened { at: words().time(event.at), what: happened(event) };
    (event.at, words().say(&said))
}

/// For whoever held a lock that was taken over: a direct message.
pub(super) fn stolen(event: &LockEvent) -> Option<PostDraft> {
    let (LockWhat::Stolen { from }, Actor::User(by)) = (&event.what, &event.by) else { return None };
    let said = words().say(&s::YoursStolen {
        by: by.to_string(),
        what: event.target.to_string(),
        project: event.target.key.project.to_string(),
        because: event.because.clone().unwrap_or_default(),
    });
    let key = format!("lock-stolen/{}", event.delivery);
    let place = (ChannelId::new(from.as_str()), Thread::None);
    Some(note(key, About::Person(from.clone()), place, (&said, Vec::new())))
}

/// A lock has ended by itself.
#[must_use]
pub(crate) fn lock_ended(event: &LockEvent) -> PostDraft {
    let place = (event.channel.clone(), event.thread.clone());
    let key = format!("lock-ended/{}", event.delivery);
    note(key, About::Environment(event.target.key.clone()), place, (&happened(event), Vec::new()))
}

/// A question to a lock's holder, with what they can click.
#[must_use]
pub(crate) fn nag(lock: &Lock, nag: Nag, limits: &Locking, now: Timestamp) -> PostDraft {
    let words = words();
    let (by, what, until) = (lock.by.to_string(), lock.target.to_string(), words.time(lock.until));
    let (said, which) = match nag {
        Nag::Ending => (words.say(&s::LockEnding { by, what, until }), format!("ends-{}", lock.until.as_second())),
        Nag::Long(held) => {
            let because = lock.because.clone();
            let said = words.say(&s::LockLong { by, what, held: duration(held), because, until });
            (said, format!("held-{}", held.as_secs()))
        }
    };
    let latest = lock.since.saturating_add(limits.max).unwrap_or(Timestamp::MAX);
    let fits = now.saturating_add(limits.length).is_ok_and(|later| later <= latest && later > lock.until);
    let longer = fits.then(|| lock_words(&lock.target, Some(limits.length), &lock.because)).flatten();
    let longer = longer.map(|(words, by)| buttons::longer(words, &by.unwrap_or_default()));
    let buttons = longer.into_iter().chain([buttons::unlock(&lock.target)]).collect();
    let key = format!("lock-nag/{}/{}/{which}", key(&lock.target), lock.since.as_second());
    note(key, About::Person(lock.by.clone()), (lock.channel.clone(), lock.thread.clone()), (&said, buttons))
}

/// A lock that came with a rollback.
#[must_use]
pub(crate) fn locked_after_rollback(lock: &Lock) -> PostDraft {
    let words = words();
    let said = words.say(&s::LockAfter {
        by: lock.by.to_string(),
        what: lock.target.to_string(),
        until: words.time(lock.until),
        because: lock.because.clone(),
    });
    let key = format!("lock-after/{}/{}", key(&lock.target), lock.since.as_second());
    let (place, buttons) = ((lock.channel.clone(), lock.thread.clone()), vec![buttons::unlock(&lock.target)]);
    note(key, About::Person(lock.by.clone()), place, (&said, buttons))
}

/// An environment's end has come, and waits for a lock.
#[must_use]
pub(crate) fn end_waits(env: &Environment, by: &Holdup, channel: ChannelId, thread: Thread) -> PostDraft {
    let words = words();
    let head = words.say(&s::EndWaits { env: env.key.env.to_string(), until: words.time(by.until()) });
    let said = Said::sentences([&head, &holdup(by)]);
    let key = format!("end-waits/{}#{}/{}", full(&env.key), env.incarnation, by.until().as_second());
    note(key, About::Environment(env.key.clone()), (channel, thread), (&said, Vec::new()))
}

/// News for somebody, or of an environment.
fn note(
    key: String,
    about: About,
    (channel, thread): (ChannelId, Thread),
    (said, buttons): (&Said, Vec<Button>),
) -> PostDraft {
    let mut blocks = vec![Block::section(said.mrkdwn.clone())];
    if !buttons.is_empty() {
        blocks.push(Block::Actions(buttons));
    }
    let body = Body::new(MarkState::Note, None, message(&[said], blocks)).about(about);
    PostDraft { key: PostKey(key), channel, thread, only_for: None, body: body.to_json() }
}

fn key(target: &Target) -> String {
    let service = target.service.as_ref().map_or("", ServiceName::as_str);
    format!("{}/{service}", full(&target.key))
}

fn names(target: &Target) -> (Option<Qualified<ServiceName>>, Option<Qualified<gantry_engine::names::EnvName>>) {
    let env = Qualified::of(target.key.project.clone(), target.key.env.clone());
    (target.service.clone().map(Qualified::bare), Some(env))
}

/// The words that lock something, and the length as they have it; none where the reason says nothing.
pub(super) fn lock_words(
    target: &Target,
    length: Option<SignedDuration>,
    because: &str,
) -> Option<(String, Option<String>)> {
    let length = length.and_then(|length| Length::from_secs(u64::try_from(length.as_secs()).ok()?));
    let (service, env) = names(target);
    let (until, because) = (length.map(Expiry::For), Reason::new(because)?);
    let words = Command::Control(Control::Lock { service, env, until, because, steal: false }).to_string();
    Some((words, length.map(|length| length.to_string())))
}

/// The words that unlock something.
pub(super) fn unlock_words(target: &Target) -> String {
    let (service, env) = names(target);
    Command::Control(Control::Unlock { service, env, because: None }).to_string()
}
