//! Time as it really goes: six zones, nights in which clocks are changed, clocks that are set an hour or a day forth or
//! back, writes that are lost before or after they happen, and processes that begin anew at any point. Whatever happens,
//! nothing comes early, nothing comes twice, and what was missed is caught up with once.

use super::schedules::Schedules;
use super::tests::{Bed, Nobody, handler};
use crate::intake::{Inbox, Incoming};
use gantry_engine::apply::Engine;
use gantry_engine::change::{Actor, Change};
use gantry_engine::environment::Phase;
use gantry_engine::expiry::distances;
use gantry_engine::journal::Entry;
use gantry_engine::names::DeliveryId;
use gantry_engine::ports::{Clock, OpFilter, Store, StoreError, Told};
use gantry_engine::recurrence::{CronRule, Day, Rule, ZoneName};
use gantry_engine::schedule::{CATCH_UP, Schedule};
use gantry_store::SqliteStore;
use gantry_testkit::dice::Dice;
use gantry_testkit::life::Edge;
use gantry_testkit::sample;
use gantry_testkit::store_suite::samples;
use jiff::civil::Time;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Zones of both hemispheres, one whose clocks change by half an hour, one that never does, and UTC.
const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC"];

/// Days before a change of clocks somewhere: Berlin and Lord Howe, New York and Santiago.
const BEGINNINGS: [&str; 4] =
    ["2026-03-27T20:00:00Z", "2026-10-23T20:00:00Z", "2026-03-07T00:00:00Z", "2026-09-04T12:00:00Z"];

fn rules(from: Timestamp) -> Vec<Rule> {
    let at = |hour, minute| Rule::Days { days: Day::ALL.into(), at: Time::constant(hour, minute, 0, 0) };
    let weekdays = Rule::Days { days: Day::ALL[..5].iter().copied().collect(), at: Time::constant(19, 0, 0, 0) };
    let cron = |text: &str| Rule::Cron(CronRule::new(text).unwrap());
    vec![
        at(2, 30),
        at(2, 0),
        at(0, 0),
        at(1, 45),
        weekdays,
        Rule::Every(SignedDuration::from_mins(95)),
        Rule::Once(from + SignedDuration::from_hours(30)),
        cron("15 2 * * *"),
    ]
}

/// When a rule comes, found out in the plainest way there is: day by day, with a look at what clocks show.
fn expected(rule: &Rule, zone: &TimeZone, from: Timestamp, until: Timestamp) -> BTreeSet<Timestamp> {
    let mut all = BTreeSet::new();
    let (days, time): (BTreeSet<Day>, Time) = match rule {
        Rule::Once(at) => return [*at].into(),
        Rule::Every(length) => {
            let mut at = from + *length;
            while at <= until {
                all.insert(at);
                at += *length;
            }
            return all;
        }
        Rule::Days { days, at } => (days.clone(), *at),
        Rule::Cron(_) => (Day::ALL.into(), Time::constant(2, 15, 0, 0)),
    };
    let mut date = from.to_zoned(zone.clone()).date();
    while date <= until.to_zoned(zone.clone()).date() {
        let local = zone.to_ambiguous_timestamp(date.to_datetime(time));
        let at = match local.offset() {
            AmbiguousOffset::Gap { .. } => {
                // The first minute after it that clocks do show.
                let mut shown = date.to_datetime(time);
                while matches!(zone.to_ambiguous_timestamp(shown).offset(), AmbiguousOffset::Gap { .. }) {
                    shown += 1.minute();
                }
                zone.to_ambiguous_timestamp(shown).earlier().unwrap()
            }
            _ => local.earlier().unwrap(),
        };
        let day = Day::ALL[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap()];
        if days.contains(&day) && at > from && at <= until {
            all.insert(at);
        }
        date = date.tomorrow().unwrap();
    }
    all
}

/// What goes on: time, and what happens to it and to us.
struct World {
    store: Arc<dyn Store>,
    engine: Engine,
    now: Timestamp,
    dice: Dice,
    /// What was said, and when the clock showed what.
    said: BTreeMap<(u64, Timestamp), Timestamp>,
}

impl World {
    async fn schedules(&self, store: Arc<dyn Store>) -> Schedules {
        let engine = Engine { store: store.clone(), ..self.engine.clone() };
        let inbox = Inbox::new(store, self.engine.clock.clone(), Arc::default());
        let handler = handler(engine.clone(), Arc::new(Nobody)).await;
        let (arranged, news, held) = Default::default();
        Schedules { engine, inbox, arranged, news, handler, held }
    }

    /// Looks until nothing is due, as a process that has just begun.
    async fn look(&mut self, store: Arc<dyn Store>) -> Result<(), StoreError> {
        let schedules = self.schedules(store).await;
        while schedules.look(self.now).await?.is_some_and(|wake| wake <= self.now) {}
        Ok(())
    }

    /// Hears what was said: each as one time of one schedule, never before it.
    async fn hear(&mut self) {
        let mut caught_up: BTreeMap<u64, usize> = BTreeMap::new();
        for delivery in self.store.unhandled(1_000).await.unwrap() {
            let incoming: Incoming = serde_json::from_str(&delivery.body).unwrap();
            let id = incoming.scheduled.expect("nothing else is said here").id.0;
            let due = delivery.id.as_str().rsplit(':').next().unwrap().parse().unwrap();
            let due = Timestamp::from_second(due).unwrap();
            assert!(due <= self.now, "s-{id} was said early: {due} at {}", self.now);
            assert!(self.now.duration_since(due) <= CATCH_UP, "s-{id} was said late: {due} at {}", self.now);
            assert!(self.said.insert((id, due), self.now).is_none(), "s-{id} was said twice for {due}");
            *caught_up.entry(id).or_default() += 1;
            self.store.handled(&delivery.id, Told::default()).await.unwrap();
        }
        assert!(caught_up.values().all(|times| *times == 1), "more than one was caught up with: {caught_up:?}");
    }
}

async fn world(seed: u64, zone: &str, store: Arc<dyn Store>) -> (World, Vec<Schedule>) {
    let bed = Bed::new();
    let now: Timestamp = BEGINNINGS[usize::try_from(seed).unwrap() % BEGINNINGS.len()].parse().unwrap();
    let mut schedules = Vec::new();
    for (number, rule) in rules(now).into_iter().enumerate() {
        let new = Schedule {
            rule,
            zone: ZoneName::new(zone).unwrap(),
            made: now,
            decided: now,
            words: "status".to_owned(),
            env: None,
            ..samples::schedule()
        };
        schedules.push(store.add_schedule(new, &DeliveryId::new(format!("made-{number}"))).await.unwrap());
    }
    let engine = Engine { store: store.clone(), ..bed.engine };
    (World { store, engine, now, dice: Dice::new(seed), said: BTreeMap::new() }, schedules)
}

/// Days of steps shorter than what is caught up with, with processes that begin anew and writes that are lost.
#[tokio::test]
async fn whatever_breaks_each_time_is_one_run() {
    for zone in ZONES {
        for seed in 0..4 {
            let memory = gantry_testkit::memory_store::MemoryStore::new();
            let (mut world, schedules) = world(seed, zone, Arc::new(memory.clone())).await;
            let from = world.now;
            while world.now < from + SignedDuration::from_hours(80) {
                world.now += SignedDuration::from_secs(i64::try_from(world.dice.below(2_400)).unwrap() + 1);
                if world.dice.percent(50) {
                    // The n-th write is lost, before or after it happened, and with it the process.
                    let lost = world.dice.below(4);
                    let edge = if world.dice.percent(50) { Edge::Before } else { Edge::After };
                    let broken = memory.refusing(move |write| (write == lost).then_some(edge));
                    let _lost = world.look(Arc::new(broken)).await;
                    if world.dice.percent(50) {
                        world.hear().await;
                    }
                }
                world.look(world.store.clone()).await.unwrap();
                world.hear().await;
            }
            for schedule in schedules {
                let all = expected(&schedule.rule, &schedule.zone.zone(), from, world.now);
                let said = world.said.keys().filter(|(id, _)| *id == schedule.id.0).map(|(_, due)| *due);
                assert_eq!(said.collect::<BTreeSet<_>>(), all, "{} in {zone}, seed {seed}", schedule.rule);
            }
        }
    }
}

/// Clocks that are set forth and back, and long nights in which nobody is there.
#[tokio::test]
async fn a_clock_that_is_set_makes_nothing_early_and_nothing_twice() {
    for zone in ZONES {
        for seed in 0..4 {
            let folder = tempfile::tempdir().unwrap();
            // Most in memory, some on a disk: what a store promises is the same.
            let store: Arc<dyn Store> = if seed == 0 {
                Arc::new(SqliteStore::open(&folder.path().join("gantry.db")).await.unwrap())
            } else {
                Arc::new(gantry_testkit::memory_store::MemoryStore::new())
            };
            let (mut world, schedules) = world(seed, zone, store).await;
            let from = world.now;
            let mut latest = from;
            for _ in 0..120 {
                let by = match world.dice.below(12) {
                    0 => SignedDuration::from_hours(1),
                    1 => SignedDuration::from_hours(-1),
                    2 => SignedDuration::from_hours(24),
                    3 => SignedDuration::from_hours(-24),
                    _ => SignedDuration::from_secs(i64::try_from(world.dice.below(5_400)).unwrap() + 1),
                };
                world.now = (world.now + by).max(from);
                latest = latest.max(world.now);
                world.look(world.store.clone()).await.unwrap();
                world.hear().await;
            }
            for schedule in schedules {
                let all = expected(&schedule.rule, &schedule.zone.zone(), from, latest);
                for (_, due) in world.said.keys().filter(|(id, _)| *id == schedule.id.0) {
                    assert!(all.contains(due), "{} in {zone}, seed {seed}: {due} is no time of it", schedule.rule);
                }
            }
        }
    }
}

/// An environment's whole life under the same: each warning once, none before its time, one teardown after the end.
#[tokio::test]
async fn a_life_has_each_warning_once_and_one_end() {
    for seed in 0..24 {
        let bed = Bed::new();
        let op =
            bed.propose("d1", Change::Deploy { services: vec![(sample::service_name("web"), None)], lifetime: None });
        let op = op.await;
        bed.drive(op).await;
        let env = bed.store.environment(&sample::key("dev")).await.unwrap().unwrap();
        let (end, mut dice, mut now) = (env.expiry.unwrap(), Dice::new(seed), bed.clock.now());
        let mut nearest: Option<SignedDuration> = None;
        while now < end + SignedDuration::from_mins(20) {
            let by = match dice.below(10) {
                0 => SignedDuration::from_hours(1),
                1 => SignedDuration::from_hours(-1),
                2 if seed % 3 == 0 => SignedDuration::from_hours(24),
                3 if seed % 3 == 0 => SignedDuration::from_hours(-24),
                _ => SignedDuration::from_secs(i64::try_from(dice.below(1_200)).unwrap() + 1),
            };
            now = (now + by).max(env.created).min(end + SignedDuration::from_mins(20));
            bed.clock.put(now);
            // A new process each time; now and then one whose write is lost.
            if dice.percent(30) {
                let lost = dice.below(3);
                let edge = if dice.percent(50) { Edge::Before } else { Edge::After };
                let broken = bed.store.refusing(move |write| (write == lost).then_some(edge));
                let mut expiry = bed.expiry();
                expiry.engine.store = Arc::new(broken);
                let _lost = expiry.look(now).await;
            }
            bed.expiry().look(now).await.unwrap();
            if let [warned] = bed.store.warned().await.unwrap().as_slice()
                && !warned.distance.is_zero()
            {
                let new = nearest != Some(warned.distance);
                assert!(!new || now >= end - warned.distance, "seed {seed}: {warned:?} is early at {now}");
                assert!(now < end, "seed {seed}: {warned:?} stands at {now}");
                assert!(nearest.is_none_or(|before| warned.distance <= before), "seed {seed}: an older one came back");
                nearest = Some(warned.distance);
            }
        }
        let posts = bed.store.unsent(100).await.unwrap();
        let warnings = posts.iter().filter(|post| post.draft.key.0.starts_with("warn/"));
        let most = distances(end.duration_since(env.created)).len();
        assert!(warnings.clone().count() <= most, "seed {seed}");
        assert!(warnings.clone().all(|post| !post.draft.body.contains("teardown shop/dev")), "buttons are left");
        let mut ends = 0;
        for record in bed.store.operations(&OpFilter::default()).await.unwrap() {
            let first = bed.store.history(record.id, 0).await.unwrap().remove(0);
            if let Entry::Proposed { request, .. } = first.entry
                && request.by == Actor::Schedule
            {
                assert!(first.at >= end, "seed {seed}: it ended early");
                ends += 1;
            }
        }
        assert_eq!(ends, 1, "seed {seed}");
        assert_eq!(bed.store.environment(&env.key).await.unwrap().unwrap().phase, Phase::Live, "nobody drives here");
    }
}
