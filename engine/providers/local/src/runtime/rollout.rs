//! How a service gets from the tasks it has to the tasks it should have: the next step, as a pure function.
//!
//! Looks at facts only, so it goes on from wherever a daemon that died left things. Knows nothing of nodes' room,
//! backoff or processes: it says how many tasks to start, the caller finds out whether that can be.

use crate::api::Order;
use jiff::Timestamp;

/// What a service should have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Want {
    pub(super) replicas: u32,
    pub(super) batch: Option<u32>,
    pub(super) order: Order,
}

/// What is known of a task that hasn't ended.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) id: String,
    /// As it should be: of the right release, on a node that stays.
    pub(super) current: bool,
    pub(super) healthy: bool,
    /// It is being stopped, and still takes its place.
    pub(super) stopping: bool,
    pub(super) started_at: Timestamp,
}

/// The next step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) start: u32,
    pub(super) stop: Vec<String>,
}

/// The next step from these tasks to what is wanted; nothing is wanted of a service that goes.
pub(super) fn next(want: Option<Want>, tasks: &[Fact]) -> Next {
    let live: Vec<&Fact> = tasks.iter().filter(|task| !task.stopping).collect();
    let Some(want) = want else {
        return Next { start: 0, stop: ids(&live) };
    };
    let (current, old): (Vec<&Fact>, Vec<&Fact>) = live.into_iter().partition(|task| task.current);
    let stopping = count(tasks) - count(&current) - count(&old);
    match want.order {
        _ if old.is_empty() => scale(want, &current, stopping),
        Order::StartFirst => start_first(want, &current, &old),
        Order::StopFirst => stop_first(want, &current, &old, stopping),
    }
}

/// Only the number can be wrong.
fn scale(want: Want, current: &[&Fact], stopping: u32) -> Next {
    let taken = match want.order {
        Order::StartFirst => count(current),
        Order::StopFirst => count(current) + stopping,
    };
    Next {
        start: want.replicas.saturating_sub(taken),
        stop: least_useful(current, count(current).saturating_sub(want.replicas)),
    }
}

/// Healthy tasks, old and new, never get fewer than wanted by our doing; old ones that don't serve go at once.
fn start_first(want: Want, current: &[&Fact], old: &[&Fact]) -> Next {
    let batch = batch(want);
    let ready = healthy(current);
    let (serving, idle): (Vec<&Fact>, Vec<&Fact>) = old.iter().partition(|task| task.healthy);
    let mut stop = ids(&idle);
    stop.extend(least_useful(&serving, (ready + count(&serving)).saturating_sub(want.replicas)));
    let missing = want.replicas.saturating_sub(count(current));
    let under_way = count(current) - ready;
    Next { start: missing.min(batch.saturating_sub(under_way)), stop }
}

/// Old and new tasks together never get more than wanted; the next batch goes when the last one is healthy.
fn stop_first(want: Want, current: &[&Fact], old: &[&Fact], stopping: u32) -> Next {
    let taken = count(current) + count(old) + stopping;
    let settled = healthy(current) == count(current) && stopping == 0;
    let excess = taken.saturating_sub(want.replicas);
    let stop = if settled && taken >= want.replicas { batch(want).max(excess) } else { 0 };
    Next { start: want.replicas.saturating_sub(taken), stop: least_useful(old, stop) }
}

fn batch(want: Want) -> u32 {
    want.batch.unwrap_or(want.replicas.div_ceil(2)).max(1)
}

/// The ids of the `number` that would be missed least: unhealthy ones first, then the youngest.
fn least_useful(tasks: &[&Fact], number: u32) -> Vec<String> {
    let mut order = tasks.to_vec();
    order.sort_by_key(|task| (task.healthy, std::cmp::Reverse(task.started_at)));
    order.truncate(number as usize);
    ids(&order)
}

fn ids(tasks: &[&Fact]) -> Vec<String> {
    tasks.iter().map(|task| task.id.clone()).collect()
}

fn healthy(tasks: &[&Fact]) -> u32 {
    u32::try_from(tasks.iter().filter(|task| task.healthy).count()).unwrap_or(u32::MAX)
}

fn count<T>(tasks: &[T]) -> u32 {
    u32::try_from(tasks.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "rollout_tests.rs"]
mod tests;
