//! Which warning is due: by the record and the time alone.

use gantry_engine::environment::Environment;
use gantry_engine::expiry::{Due, distances, due};
use gantry_engine::project::Quiet;
use gantry_engine::recurrence::ZoneName;
use gantry_testkit::fake::FakePlatform;
use gantry_testkit::sample;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};

fn mins(mins: i64) -> SignedDuration {
    SignedDuration::from_mins(mins)
}

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + mins(minute)
}

/// Created at minute 0, with an end that was set at one minute for another.
fn environment(set: i64, end: i64) -> Environment {
    let env = sample::environment("dev", &FakePlatform::platform_name(), &["web"]);
    Environment { expiry: Some(at(end)), moved: (set > 0).then(|| at(set)), ..env }
}

/// The warnings that somebody gets who looks each minute and forgets none: when, and the distance and what is said to be
/// left in minutes.
fn given(env: &Environment, quiet: Option<&Quiet>) -> Vec<(i64, i64, i64)> {
    let (set, end) = (env.moved.unwrap_or(env.created), env.expiry.expect("it has an end"));
    let mut given: Vec<(i64, i64, i64)> = Vec::new();
    for minute in set.as_second() / 60..end.as_second() / 60 {
        if let Due::Warning { distance, left, .. } = due(env, quiet, at(minute))
            && given.last().is_none_or(|(_, before, _)| *before > distance.as_mins())
        {
            given.push((minute, distance.as_mins(), left.as_mins()));
        }
    }
    given
}

#[test]
fn whoever_moves_an_end_is_not_told_what_they_know() {
    assert_eq!(given(&environment(0, 480), None), [(240, 240, 240), (420, 60, 60), (465, 15, 15)]);
    // Extended by an hour, a quarter of an hour before the end.
    assert_eq!(given(&environment(465, 540), None), [(525, 15, 15)]);
    assert_eq!(given(&environment(465, 660), None), [(600, 60, 60), (645, 15, 15)]);
    // Brought forward.
    assert_eq!(given(&environment(60, 80), None), [(75, 5, 5)]);
    assert_eq!(given(&environment(60, 61), None), []);
}

#[test]
fn a_warning_that_comes_late_says_what_is_left() {
    let env = environment(0, 480);
    let left = |minute| match due(&env, None, at(minute)) {
        Due::Warning { distance, left, .. } => (distance.as_mins(), left.as_mins()),
        other => panic!("{other:?}"),
    };
    assert_eq!(left(240), (240, 240));
    assert_eq!(left(330), (240, 150));
    assert_eq!(left(478), (15, 2));
    // Whoever wakes a moment after says what people say.
    let Due::Warning { left, .. } = due(&env, None, at(240) + SignedDuration::from_millis(300)) else { panic!() };
    assert_eq!(left, mins(240));
}

#[test]
fn an_end_that_is_set_in_quiet_hours_is_told_in_them() {
    let time = |hour| Time::constant(hour, 0, 0, 0);
    let quiet = Quiet { from: time(6), until: time(12), zone: ZoneName::new("UTC").unwrap() };
    // The end is at 10:00; the last hour falls into quiet hours, which begin at 6:00.
    assert_eq!(given(&environment(0, 600), Some(&quiet)), [(360, 15, 240)]);
    assert_eq!(given(&environment(420, 600), Some(&quiet)), [(540, 60, 60), (585, 15, 15)]);
}

/// Zones of both hemispheres, one whose clocks change by half an hour, one that never does, and UTC.
const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC"];

/// Days before a change of clocks somewhere: Berlin and Lord Howe, New York and Santiago.
const BEGINNINGS: [&str; 4] =
    ["2026-03-27T20:00:00Z", "2026-10-23T20:00:00Z", "2026-03-07T00:00:00Z", "2026-09-04T12:00:00Z"];

/// When whom to warn, found out in the plainest way there is: back from each distance by a quarter of an hour, as long as
/// clocks show quiet hours.
fn expected(env: &Environment, quiet: &Quiet) -> Vec<(Timestamp, SignedDuration)> {
    let (set, end) = (env.moved.expect("it was set"), env.expiry.expect("it has an end"));
    let is_quiet = |at: Timestamp| {
        let shown = at.to_zoned(quiet.zone.zone()).time();
        shown >= quiet.from || shown < quiet.until
    };
    let mut all: Vec<(Timestamp, SignedDuration)> = Vec::new();
    for distance in distances(end.duration_since(set)) {
        let mut at = end - distance;
        while is_quiet(at) && is_quiet(at - mins(15)) {
            at -= mins(15);
        }
        // Whoever sets an end in quiet hours is there to be told.
        let at = if at <= set { end - distance } else { at };
        all.retain(|(before, _)| *before != at);
        all.push((at, distance));
    }
    all
}

#[test]
fn nobody_is_woken_whatever_clocks_do_that_night() {
    let time = |hour| Time::constant(hour, 0, 0, 0);
    let mut brought_forward = 0;
    for zone in ZONES {
        let quiet = Quiet { from: time(22), until: time(8), zone: ZoneName::new(zone).unwrap() };
        for beginning in BEGINNINGS {
            let set: Timestamp = beginning.parse().unwrap();
            for hour in 1..96 {
                let end = set + SignedDuration::from_hours(hour);
                let env = Environment { expiry: Some(end), moved: Some(set), ..environment(0, 1) };
                let (mut now, mut given) = (set, Vec::new());
                // Each look says when the next one has to be.
                loop {
                    now = match due(&env, Some(&quiet), now) {
                        Due::Warning { distance, until, .. } => {
                            given.push((now, distance));
                            until
                        }
                        Due::Nothing { until } => until.expect("it has an end"),
                        Due::End => break,
                    };
                }
                assert_eq!(now, end, "{zone}: neither before its time nor after");
                assert_eq!(given, expected(&env, &quiet), "{zone}, from {set} to {end}");
                brought_forward += given.iter().filter(|(at, distance)| *at != end - *distance).count();
            }
        }
    }
    assert!(brought_forward > 500, "most nights would have been disturbed: {brought_forward}");
}
