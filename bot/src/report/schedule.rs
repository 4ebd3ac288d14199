//! Commands that come again: each as it is, all of them, and what is told when one didn't come.

use super::answer::{Reply, foot};
use super::buttons;
use super::voice::{message, words};
use crate::handle::{Came, ScheduleLine, Stop};
use crate::message::{About, Block, Body, MarkState};
use gantry_engine::names::OpId;
use gantry_engine::ports::{PostDraft, PostKey, Thread};
use gantry_engine::schedule::{Schedule, ScheduleState};
use gantry_templates::{Said, sentences as s};
use jiff::Timestamp;

/// A schedule after something was said about it.
pub(super) fn one(schedule: &Schedule) -> Reply {
    let reply = Reply::default().say(state(schedule));
    let remove = buttons::unschedule(schedule.id);
    match schedule.state {
        ScheduleState::Active => reply.offer(vec![buttons::pause(schedule.id), remove]),
        ScheduleState::Paused { .. } | ScheduleState::Stopped => {
            reply.offer(vec![buttons::resume(schedule.id), remove])
        }
        ScheduleState::Over | ScheduleState::Removed { .. } => reply,
    }
}

pub(super) fn state(schedule: &Schedule) -> Said {
    let words = words();
    let (id, said) = (schedule.id.to_string(), schedule.words.clone());
    let resume = format!("schedule resume {id}");
    match schedule.state {
        ScheduleState::Active => words.say(&s::ScheduleActive {
            id,
            words: said,
            owner: schedule.owner.to_string(),
            rule: rule(schedule),
            zone: schedule.zone.to_string(),
            next: schedule.next().map(|at| words.time(at)),
            because: schedule.because.clone(),
        }),
        ScheduleState::Paused { .. } => words.say(&s::SchedulePaused { id, words: said, resume }),
        ScheduleState::Stopped => {
            words.say(&s::ScheduleStopped { id, words: said, owner: schedule.owner.to_string(), resume })
        }
        ScheduleState::Over => words.say(&s::ScheduleOver { id, words: said }),
        ScheduleState::Removed { .. } => words.say(&s::ScheduleRemoved { id, words: said }),
    }
}

/// The rule as it was said. A single moment is told in its zone.
fn rule(schedule: &Schedule) -> String {
    use gantry_engine::recurrence::Rule;
    match &schedule.rule {
        Rule::Once(at) => at.to_zoned(schedule.zone.zone()).strftime("on %Y-%m-%d at %H:%M").to_string(),
        rule => rule.to_string(),
    }
}

/// Every schedule that somebody may see.
pub(super) fn all(lines: &[ScheduleLine]) -> Reply {
    let words = words();
    let Some(first) = lines.first() else {
        return Reply::default()
            .say(words.say(&s::SchedulesNone { example: "schedule \"status dev\" every 2h".to_owned() }));
    };
    let told = |line: &ScheduleLine| [Some(state(&line.schedule)), line.came.as_ref().map(came)];
    let said = lines.iter().flat_map(told).flatten().collect();
    let id = first.schedule.id;
    let can = vec![format!("schedule pause {id}"), format!("unschedule {id}")];
    foot(
        Reply::default().say(words.say(&s::SchedulesHead {})).say_lines(said),
        &words.say(&s::SchedulesFoot { words: can }),
    )
}

/// What came of a schedule's last run.
fn came(came: &Came) -> Said {
    let words = words();
    match came {
        Came::Operation { at, op, state } => {
            words.say(&s::LastOperation { at: words.time(*at), op: op.to_string(), state: words.state(*state) })
        }
        Came::Answer { at, refused } => words.say(&s::LastAnswer { at: words.time(*at), refused: *refused }),
        Came::Skipped { at, op } => words.say(&s::LastSkipped { at: words.time(*at), op: op.to_string() }),
        Came::Missed { at } => words.say(&s::LastMissed { at: words.time(*at) }),
    }
}

/// That a schedule doesn't go on, to its owner and where it was made.
pub(super) fn stopped(schedule: &Schedule, why: &Stop, refusal: Option<Reply>) -> Reply {
    let left = s::ScheduleLeft {
        id: schedule.id.to_string(),
        words: schedule.words.clone(),
        owner: schedule.owner.to_string(),
    };
    match (why, refusal) {
        (Stop::Left, _) | (Stop::Right(_), None) => Reply::default().say(words().say(&left)),
        (Stop::Right(_), Some(refusal)) => refusal.say(state(schedule)),
    }
}

/// That a run was skipped, since what a former one started isn't over.
#[must_use]
pub fn overlapped(schedule: &Schedule, due: Timestamp, op: OpId) -> PostDraft {
    let words = words();
    let (id, said) = (schedule.id.to_string(), schedule.words.clone());
    note(schedule, due, &words.say(&s::ScheduleOverlapped { id, words: said, at: words.time(due), op: op.to_string() }))
}

/// That runs were missed, and none is caught up with. `schedule` is as it is after that.
#[must_use]
pub fn missed(schedule: &Schedule, first: Timestamp, why: Option<String>) -> PostDraft {
    let words = words();
    let next = schedule.next().map(|at| words.time(at));
    let (id, said) = (schedule.id.to_string(), schedule.words.clone());
    note(schedule, first, &words.say(&s::ScheduleMissed { id, words: said, at: words.time(first), next, why }))
}

/// That runs before this one were missed.
#[must_use]
pub fn caught_up(schedule: &Schedule, due: Timestamp) -> PostDraft {
    note(schedule, due, &words().say(&s::ScheduleCaughtUp { id: schedule.id.to_string() }))
}

/// News of a schedule, once for each time that it was due.
fn note(schedule: &Schedule, due: Timestamp, said: &Said) -> PostDraft {
    let body = Body::new(MarkState::Note, None, message(&[said], vec![Block::section(said.mrkdwn.clone())]))
        .about(About::Person(schedule.owner.clone()));
    PostDraft {
        key: PostKey(format!("schedule/{}/{}", schedule.id, due.as_second())),
        channel: schedule.place.channel.clone(),
        thread: schedule.place.thread.clone().map_or(Thread::None, Thread::Under),
        only_for: None,
        body: body.to_json(),
    }
}
