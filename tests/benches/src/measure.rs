//! Time on the wall and on the processors, and what to quote of several runs.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::time::{Duration, Instant};

/// What something took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// On the wall: depends on what else the machine does.
    pub wall: Duration,
    /// On the processors, user and system together.
    pub cpu: Duration,
}

fn cpu(who: UsageWho) -> Duration {
    let usage = getrusage(who).expect("the system counts processor time");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(micros.unsigned_abs())
}

fn measured<T>(who: UsageWho, work: impl FnOnce() -> T) -> (Cost, T) {
    let (before, began) = (cpu(who), Instant::now());
    let result = work();
    (Cost { wall: began.elapsed(), cpu: cpu(who).saturating_sub(before) }, result)
}

/// What some work in this process takes.
///
/// # Panics
/// Where the system doesn't count processor time.
pub fn cost<T>(work: impl FnOnce() -> T) -> (Cost, T) {
    measured(UsageWho::RUSAGE_SELF, work)
}

/// The same, counting the processes that the work starts and waits for.
///
/// # Panics
/// Where the system doesn't count processor time.
pub fn cost_of_children<T>(work: impl FnOnce() -> T) -> (Cost, T) {
    measured(UsageWho::RUSAGE_CHILDREN, work)
}

/// Several runs of the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// The middle of each figure.
    pub median: Cost,
    /// The least of each.
    pub least: Cost,
    /// The most of each.
    pub most: Cost,
}

/// Runs something once to warm up and then so many times. What it gives back is dropped outside of the time taken.
pub fn rounds<T>(count: usize, mut work: impl FnMut() -> T) -> Spread {
    drop(work());
    let all: Vec<Cost> = (0..count).map(|_| cost(&mut work).0).collect();
    Spread::of(&all)
}

impl Spread {
    /// The spread of some runs.
    #[must_use]
    pub fn of(all: &[Cost]) -> Self {
        let column = |of: fn(&Cost) -> Duration| {
            let mut column: Vec<Duration> = all.iter().map(of).collect();
            column.sort_unstable();
            (median(&column), column.first().copied().unwrap_or_default(), column.last().copied().unwrap_or_default())
        };
        let (wall, cpu) = (column(|cost| cost.wall), column(|cost| cost.cpu));
        Self {
            median: Cost { wall: wall.0, cpu: cpu.0 },
            least: Cost { wall: wall.1, cpu: cpu.1 },
            most: Cost { wall: wall.2, cpu: cpu.2 },
        }
    }
}

/// The middle of figures in order.
#[must_use]
pub fn median(sorted: &[Duration]) -> Duration {
    quantile(sorted, 50)
}

/// The figure that so many of a hundred don't exceed; figures in order.
#[must_use]
pub fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}
