//! When an environment's end comes near: which warning is due, and when to look again. Level-triggered: the same record and
//! time give the same answer, however often it is asked. What was said already is [`Warned`], which others keep.

use crate::change::{Actor, Change, Place, Request};
use crate::environment::{Environment, Phase};
use crate::names::{ChannelId, DeliveryId, Digest, EnvKey};
use crate::project::{Quiet, jiff_seconds};
use crate::value::Canon;
use jiff::{SignedDuration, Timestamp, ToSpan, Unit, Zoned};
use serde::{Deserialize, Serialize};

/// How long before the end people are warned, where the life is long enough for it.
const DISTANCES: [SignedDuration; 4] = [
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(4),
    SignedDuration::from_hours(1),
    SignedDuration::from_mins(15),
];

/// The one warning of a life that is too short for any of those; the first that fits.
const SHORT: [SignedDuration; 2] = [SignedDuration::from_mins(5), SignedDuration::from_mins(1)];

/// The distances for an end that was set so long before it, the longest first. None is longer than two thirds of that: an
/// earlier warning would say what has just been said.
#[must_use]
pub fn distances(before: SignedDuration) -> Vec<SignedDuration> {
    let fits = |distance: &SignedDuration| *distance * 3 <= before * 2;
    let all: Vec<_> = DISTANCES.into_iter().filter(fits).collect();
    if all.is_empty() { SHORT.into_iter().find(fits).into_iter().collect() } else { all }
}

/// What is due for an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Nothing before then; none if it has no end.
    Nothing {
        /// When to look again.
        until: Option<Timestamp>,
    },
    /// A warning.
    Warning {
        /// The distance that it belongs to.
        distance: SignedDuration,
        /// How long it is until the end, rounded: longer than `distance` where that would be in quiet hours, and shorter
        /// where nobody looked when it was due.
        left: SignedDuration,
        /// The end.
        end: Timestamp,
        /// When to look again.
        until: Timestamp,
    },
    /// Its end.
    End,
}

/// What is due for an environment at a time. Of several warnings whose time has passed only the nearest to the end counts,
/// and none whose time had passed when the end was set: whoever set it knows.
#[must_use]
pub fn due(env: &Environment, quiet: Option<&Quiet>, now: Timestamp) -> Due {
    let Some(end) = env.expiry.filter(|_| env.phase == Phase::Live) else { return Due::Nothing { until: None } };
    if end <= now {
        return Due::End;
    }
    let set = env.moved.unwrap_or(env.created);
    let mut until = end;
    let mut nearest = None;
    for distance in distances(end.duration_since(set)) {
        let Ok(at) = end.checked_sub(distance) else { continue };
        let at = quiet.map_or(at, |quiet| awake(quiet, set, at));
        if at <= now {
            nearest = Some(distance);
        } else {
            until = until.min(at);
        }
    }
    match nearest {
        Some(distance) => Due::Warning { distance, left: rounded(end.duration_since(now)), end, until },
        None => Due::Nothing { until: Some(until) },
    }
}

/// A length of time as people say it: nobody looks on the very second.
fn rounded(left: SignedDuration) -> SignedDuration {
    let unit = if left < SignedDuration::from_mins(2) { Unit::Second } else { Unit::Minute };
    left.round(unit).unwrap_or(left)
}

/// A time, or the beginning of the quiet hours that it falls into: people are told before, not after. Who sets an end in
/// quiet hours is there to be told.
fn awake(quiet: &Quiet, set: Timestamp, at: Timestamp) -> Timestamp {
    let local = at.to_zoned(quiet.zone.zone());
    begin(quiet, &local).map(|begin| begin.timestamp()).filter(|begin| *begin > set).unwrap_or(at)
}

/// The beginning of the quiet hours that a time falls into.
fn begin(quiet: &Quiet, local: &Zoned) -> Option<Zoned> {
    let (Quiet { from, until, .. }, time) = (quiet, local.time());
    let day = match from <= until {
        true if *from <= time && time < *until => local.date(),
        false if time >= *from => local.date(),
        false if time < *until => local.date().checked_sub(1.day()).ok()?,
        _ => return None,
    };
    day.to_datetime(*from).to_zoned(local.time_zone().clone()).ok()
}

/// The warning that stands for an environment: the newest one. Only its buttons mean anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warned {
    /// Of which environment.
    pub key: EnvKey,
    /// Which life of it.
    pub incarnation: u32,
    /// The end that it told.
    pub end: Timestamp,
    /// The distance that it belongs to.
    #[serde(with = "jiff_seconds")]
    pub distance: SignedDuration,
    /// How long before the end it was given.
    #[serde(with = "jiff_seconds")]
    pub left: SignedDuration,
}

impl Warned {
    /// What its buttons carry, so that a click on an older one can be told from a click on this.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut canon = Canon::new("warning");
        canon.text(&self.key.to_string()).count(self.incarnation as usize);
        canon.text(&self.end.to_string()).text(&self.distance.as_secs().to_string());
        canon.digest()
    }

    /// Whether what it told is still so.
    #[must_use]
    pub fn holds(&self, env: Option<&Environment>, now: Timestamp) -> bool {
        env.is_some_and(|env| {
            let same = env.incarnation == self.incarnation && env.expiry == Some(self.end);
            same && env.phase == Phase::Live && now < self.end
        })
    }
}

/// What the question carries who takes an environment over, so that an answer that comes late takes it from nobody.
#[must_use]
pub fn owned(env: &Environment) -> Digest {
    let mut canon = Canon::new("owner");
    canon.text(&env.key.to_string()).count(env.incarnation as usize).text(env.owner.as_str());
    canon.digest()
}

/// How long after a teardown that failed, or was cancelled, the end asks for another one.
pub const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(30);

/// The teardown that an end asks for. Its delivery id is a function of the environment's life, its end and how long that
/// is past, so it is asked once in a while, however often the schedule wakes.
#[must_use]
pub fn teardown(env: &Environment, end: Timestamp, fallback: &ChannelId, now: Timestamp) -> Request {
    let channel = env.home.clone().unwrap_or_else(|| fallback.clone());
    let asked = now.duration_since(end).as_secs() / ASK_AGAIN.as_secs();
    Request {
        key: env.key.clone(),
        change: Change::Teardown { volumes: false },
        by: Actor::Schedule,
        schedule: None,
        resumes: None,
        because: None,
        bypass: false,
        words: format!("teardown {}", env.key.env),
        delivery: DeliveryId::new(format!("expiry:{}#{}:{}/{asked}", env.key, env.incarnation, end.as_second())),
        place: Place { channel, thread: None },
        at: now,
        waits: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recurrence::ZoneName;
    use jiff::civil::Time;

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    fn mins(mins: i64) -> SignedDuration {
        SignedDuration::from_mins(mins)
    }

    #[test]
    fn a_warning_is_never_longer_than_the_life() {
        assert_eq!(distances(hours(72)), DISTANCES);
        assert_eq!(distances(hours(8)), [hours(4), hours(1), mins(15)]);
        assert_eq!(distances(hours(2)), [hours(1), mins(15)]);
        assert_eq!(distances(mins(30)), [mins(15)]);
        assert_eq!(distances(mins(10)), [mins(5)]);
        assert_eq!(distances(SignedDuration::from_secs(90)), [mins(1)]);
        assert_eq!(distances(SignedDuration::from_secs(60)), []);
        for life in 0..10_000 {
            let life = mins(life);
            assert!(distances(life).iter().all(|distance| *distance < life), "{life}");
        }
    }

    #[test]
    fn quiet_hours_are_warned_of_before() {
        let time = |hour| Time::constant(hour, 0, 0, 0);
        let zone = ZoneName::new("Europe/Berlin").unwrap();
        let night = Quiet { from: time(20), until: time(8), zone: zone.clone() };
        let noon = Quiet { from: time(12), until: time(13), zone };
        let told = |quiet: &Quiet, at: &str| awake(quiet, Timestamp::UNIX_EPOCH, at.parse().unwrap()).to_string();
        assert_eq!(told(&night, "2026-11-20T02:45:00+01:00"), "2026-11-19T19:00:00Z");
        assert_eq!(told(&night, "2026-11-20T20:00:00+01:00"), "2026-11-20T19:00:00Z");
        assert_eq!(told(&night, "2026-11-20T08:00:00+01:00"), "2026-11-20T07:00:00Z");
        assert_eq!(told(&noon, "2026-11-20T12:30:00+01:00"), "2026-11-20T11:00:00Z");
        assert_eq!(told(&noon, "2026-11-20T13:00:00+01:00"), "2026-11-20T12:00:00Z");
        // The night in which clocks go forward is the same evening's.
        assert_eq!(told(&night, "2026-03-29T03:30:00+02:00"), "2026-03-28T19:00:00Z");
        let at_night: Timestamp = "2026-11-20T02:45:00+01:00".parse().unwrap();
        let created = "2026-11-19T22:00:00+01:00".parse().unwrap();
        assert_eq!(awake(&night, created, at_night), at_night, "whoever made it that night is there");
    }
}
