//! When a failed step is tried again: a function of what failed and how often, without dice.

use crate::journal::FailureKind;
use std::time::Duration;

/// How a kind of failure is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// So many tries in all.
    pub tries: u32,
    /// The wait after the first try; it doubles with each.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Retries {
    const NEVER: Self = Self { tries: 1, first: Duration::ZERO, longest: Duration::ZERO };

    const fn of(kind: FailureKind) -> Self {
        let (tries, first, longest) = match kind {
            FailureKind::Invalid | FailureKind::Denied | FailureKind::Deadline => return Self::NEVER,
            // Usually something of ours that is still going, so it is worth some patience: about 3 minutes.
            FailureKind::Conflict => (12, 500, 20_000),
            // AWS documents minutes for new roles; about 5 in all.
            FailureKind::NotYet => (20, 500, 20_000),
            FailureKind::Throttled => (20, 1_000, 30_000),
            // A short outage: about 2 minutes.
            FailureKind::Transient => (8, 500, 30_000),
        };
        Self { tries, first: Duration::from_millis(first), longest: Duration::from_millis(longest) }
    }
}

/// How long to wait before the next try, `attempt` tries having failed; none when people have to decide.
#[must_use]
pub fn after(kind: FailureKind, attempt: u32) -> Option<Duration> {
    let retries = Retries::of(kind);
    if attempt >= retries.tries {
        return None;
    }
    let doubled = retries.first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    Some(doubled.min(retries.longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_end() {
        let waits: Vec<_> = (1..=9).map(|attempt| after(FailureKind::Transient, attempt)).collect();
        let millis = |n: u64| Some(Duration::from_millis(n));
        assert_eq!(waits[..4], [millis(500), millis(1_000), millis(2_000), millis(4_000)]);
        assert_eq!(waits[6], millis(30_000));
        assert_eq!(waits[7..], [None, None]);
        assert_eq!(after(FailureKind::Invalid, 1), None);
    }
}
