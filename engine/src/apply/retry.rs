//! When a failed step is tried again: a function of what failed and how often, without dice.

use crate::journal::FailureKind;
use std::time::Duration;

/// How a kind of failure is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// So many tries in all.
    pub tries: u32,
    /// The wait after the first try.
    pub first: Duration,
    /// How many times longer it gets with each.
    pub growth: u32,
    /// The longest wait.
    pub longest: Duration,
}

impl Retries {
    const NEVER: Self = Self { tries: 1, first: Duration::ZERO, growth: 1, longest: Duration::ZERO };

    const fn of(kind: FailureKind, removing: bool) -> Self {
        let (tries, first, growth, longest) = match (kind, removing) {
            (FailureKind::Invalid | FailureKind::Denied | FailureKind::Deadline, _) => return Self::NEVER,
            // A name that somebody has doesn't become free by itself: about 3 minutes.
            (FailureKind::Conflict, false) => (12, 500, 2, 20_000),
            // What still uses it is on its way out, and takes its time: network interfaces of a NAT gateway or a load
            // balancer linger for minutes. About 18.
            (FailureKind::Conflict, true) => (60, 500, 2, 20_000),
            // AWS documents minutes for new roles, and a look-up may lag behind each of several calls: about 11. Each
            // look costs calls: what shows up does so within seconds, or takes its time.
            (FailureKind::NotYet, _) => (25, 2_000, 4, 30_000),
            // An answer every other call is enough to get on (see the test): about 27 minutes.
            (FailureKind::Throttled | FailureKind::Transient, _) => (330, 500, 2, 5_000),
        };
        Self { tries, first: Duration::from_millis(first), growth, longest: Duration::from_millis(longest) }
    }
}

/// How long to wait before the next try, so many having failed with this kind since the last answer; none when people
/// have to decide. Each kind is counted by itself: a busy API doesn't use up the patience for a slow one.
#[must_use]
pub fn after(kind: FailureKind, failed: u32, removing: bool) -> Option<Duration> {
    let retries = Retries::of(kind, removing);
    if failed >= retries.tries {
        return None;
    }
    let grown = retries.first.saturating_mul(retries.growth.saturating_pow(failed.saturating_sub(1)));
    Some(grown.min(retries.longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patience(kind: FailureKind, removing: bool) -> Duration {
        (1..).map_while(|failed| after(kind, failed, removing)).sum()
    }

    #[test]
    fn waits_grow_up_to_a_limit_and_end() {
        let waits: Vec<_> = (1..=12).map(|failed| after(FailureKind::Conflict, failed, false)).collect();
        let millis = |n: u64| Some(Duration::from_millis(n));
        assert_eq!(waits[..4], [millis(500), millis(1_000), millis(2_000), millis(4_000)]);
        assert_eq!(waits[10..], [millis(20_000), None]);
        let waits: Vec<_> = (1..=4).map(|failed| after(FailureKind::NotYet, failed, false)).collect();
        assert_eq!(waits, [millis(2_000), millis(8_000), millis(30_000), millis(30_000)]);
        assert_eq!(after(FailureKind::Invalid, 1, false), None);
        assert_eq!(after(FailureKind::Denied, 1, true), None);
    }

    /// Each call throttled 3 times in 10, its reply lost once in 10, timed out once in 10, refused with a 5xx once in
    /// 20; a put of four calls that begins anew after each.
    #[test]
    fn a_very_bad_day_is_waited_out() {
        let works: f64 = 1.0 - (0.3 + 0.1 + 0.1 + 0.05);
        let fails = 1.0 - works.powi(4);
        // The worst case is that every failure is of the same kind.
        let tries = Retries::of(FailureKind::Throttled, false).tries;
        let stuck = fails.powi(i32::try_from(tries).unwrap());
        assert!(stuck < 1e-6, "one step in {:.0} gets stuck", 1.0 / stuck);
    }

    #[test]
    fn patience_is_for_what_takes_minutes() {
        let minutes = |kind, removing| patience(kind, removing).as_secs() / 60;
        assert_eq!(minutes(FailureKind::NotYet, false), 11, "a role, read after it was made");
        assert_eq!(minutes(FailureKind::Conflict, true), 18, "an interface that lingers");
        assert_eq!(minutes(FailureKind::Conflict, false), 2, "a name that is taken");
        assert_eq!(minutes(FailureKind::Transient, false), 27, "less than a step may take");
    }
}
