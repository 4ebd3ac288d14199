//! One sample of each form that is stored, with every field filled where that says something.

mod entries;
mod objects;

use entries::entries;
use gantry_engine::audit::{Event, What};
use gantry_engine::change::Actor;
use gantry_engine::cost::{Meter, Money, Rate};
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::expiry::Warned;
use gantry_engine::journal::{Entry, Outcome};
use gantry_engine::lock::{Lock, LockEvent, LockWhat, Target};
use gantry_engine::names::{ChannelId, DeliveryId, OpId, UserId};
use gantry_engine::ports::{PostKey, Thread};
use gantry_engine::recurrence::{CronRule, Day, Rule};
use gantry_engine::resource::{Row, RowState};
use gantry_engine::schedule::{Run, RunOutcome, Schedule, ScheduleState};
use gantry_testkit::store_suite::samples::{at, environment, key, release, schedule, service, ts};
use jiff::SignedDuration;
use jiff::civil::Time;
use objects::{full_environment, full_row, full_service, spec};
use serde::Serialize;

/// Which file an entry is in begins with this. A new variant has to be named here, and then sampled below.
pub(super) fn entry_name(entry: &Entry) -> &'static str {
    match entry {
        Entry::Proposed { .. } => "entry-proposed",
        Entry::Voted(_) => "entry-voted",
        Entry::Queued { .. } => "entry-queued",
        Entry::Held { .. } => "entry-held",
        Entry::Replanned { .. } => "entry-replanned",
        Entry::Admitted { .. } => "entry-admitted",
        Entry::Started { .. } => "entry-started",
        Entry::Resumed { .. } => "entry-resumed",
        Entry::Tidied { .. } => "entry-tidied",
        Entry::Counting { .. } => "entry-counting",
        Entry::Waiting { .. } => "entry-waiting",
        Entry::Succeeded { .. } => "entry-succeeded",
        Entry::Reverted { .. } => "entry-reverted",
        Entry::Failed { .. } => "entry-failed",
        Entry::Signalled { .. } => "entry-signalled",
        Entry::Receipted(_) => "entry-receipted",
        Entry::Closed(outcome) => match outcome {
            Outcome::Succeeded { .. } => "entry-closed-succeeded",
            Outcome::Reverted { .. } => "entry-closed-reverted",
            Outcome::Failed { .. } => "entry-closed-failed",
            Outcome::Cancelled { .. } => "entry-closed-cancelled",
            Outcome::Rejected { .. } => "entry-closed-rejected",
            Outcome::Expired => "entry-closed-expired",
        },
    }
}

fn row_name(state: RowState) -> &'static str {
    match state {
        RowState::Live => "row-live",
        RowState::Unsettled => "row-unsettled",
        RowState::Deleting => "row-deleting",
    }
}

/// Every sample: the name of its file, and what is stored.
pub(super) fn stored() -> Vec<(String, String)> {
    let mut all = vec![];
    let mut add = |name: String, text: String| {
        assert!(all.iter().all(|(other, _)| *other != name), "{name} twice");
        all.push((name, text));
    };
    for (suffix, entry) in entries() {
        add(format!("{}{suffix}", entry_name(&entry)), json(&entry));
    }
    for row in
        [full_row(RowState::Live), Row { id: None, ..full_row(RowState::Unsettled) }, full_row(RowState::Deleting)]
    {
        add(row_name(row.state).to_owned(), json(&row));
    }
    add("row-known".to_owned(), json(&Row { known: Some(at(5)), ..full_row(RowState::Live) }));
    add("environment-live".to_owned(), json(&full_environment()));
    let meter = Some(Meter { spent: Money(1_500_000), since: at(60), rate: Rate(420_000) });
    add("environment-metered".to_owned(), json(&Environment { meter, settings: spec(), ..full_environment() }));
    add("environment-moved".to_owned(), json(&Environment { moved: Some(at(60)), ..full_environment() }));
    add("environment-gone".to_owned(), json(&Environment { phase: Phase::Gone, ..environment("dev", 2, 9) }));
    let full = gantry_engine::environment::Release { settings: full_service(), ..release(OpId(3), "web", 2, true) };
    add("release-full".to_owned(), json(&full));
    add("release-plain".to_owned(), json(&release(OpId(3), "web", 1, false)));
    add("lock-service".to_owned(), json(&lock()));
    let whole = Target { service: None, ..lock().target };
    add("lock-environment".to_owned(), json(&Lock { target: whole, thread: Thread::None, after: None, ..lock() }));
    let whats = [
        ("taken", LockWhat::Taken),
        ("moved", LockWhat::Moved),
        ("stolen", LockWhat::Stolen { from: UserId::new("U1") }),
        ("released", LockWhat::Released),
        ("ended", LockWhat::Ended { by: UserId::new("U1") }),
    ];
    for (name, what) in whats {
        let event = LockEvent {
            target: lock().target,
            what,
            by: Actor::User(UserId::new("U2")),
            because: Some("the demo".to_owned()),
            at: at(5),
            until: Some(at(900)),
            delivery: DeliveryId::new("d1"),
            channel: ChannelId::new("C1"),
            thread: Thread::Under(ts(1)),
        };
        add(format!("lockevent-{name}"), json(&event));
    }
    add("event-kill".to_owned(), json(&kill()));
    for (name, schedule) in schedules() {
        add(format!("schedule-{name}"), json(&schedule));
    }
    let distance = SignedDuration::from_mins(15);
    let warned = Warned { key: key("dev"), incarnation: 2, end: at(60), distance, left: distance };
    add("warning-standing".to_owned(), json(&warned));
    all
}

fn kill() -> Event {
    Event {
        at: at(5),
        by: Some(Actor::User(UserId::new("U2"))),
        key: Some(key("dev")),
        op: None,
        because: Some("we rehearse".to_owned()),
        what: What::Kill { target: "a-1".to_owned() },
    }
}

fn lock() -> Lock {
    Lock {
        target: Target { key: key("dev"), service: Some(service("web")) },
        by: UserId::new("U1"),
        because: "the demo".to_owned(),
        since: at(5),
        until: at(900),
        channel: ChannelId::new("C1"),
        thread: Thread::UnderPost(PostKey::card(OpId(3))),
        after: Some(OpId(3)),
    }
}

/// Each rule, each state and each outcome at least once.
fn schedules() -> Vec<(&'static str, Schedule)> {
    let by = || UserId::new("U2");
    let days = Rule::Days { days: [Day::Mon, Day::Sun].into(), at: Time::constant(19, 5, 0, 0) };
    let cron = Rule::Cron(CronRule::new("0 19 * * 1-5").unwrap());
    let with = |rule, state, outcome: Option<RunOutcome>| {
        let last = outcome.map(|outcome| Run { due: at(60), outcome });
        Schedule { rule, state, last, ..schedule() }
    };
    let every = || schedule().rule;
    vec![
        ("days", with(days, ScheduleState::Active, None)),
        ("cron", with(cron, ScheduleState::Active, Some(RunOutcome::Said))),
        ("once", with(Rule::Once(at(90)), ScheduleState::Over, Some(RunOutcome::Said))),
        ("stopped", with(every(), ScheduleState::Stopped, None)),
        ("paused", with(every(), ScheduleState::Paused { by: by() }, Some(RunOutcome::Missed))),
        ("removed", with(every(), ScheduleState::Removed { by: by() }, Some(RunOutcome::Overlapped(OpId(7))))),
    ]
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}
